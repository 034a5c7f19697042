// From command-line arguments to the files to read, in the order to read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

struct ExpandedPaths {
  std::vector<std::string> paths;   // for OpenSource; may hold "-"
  std::vector<std::string> errors;  // one sentence for each argument that names no file
};

// Expands shell patterns (*, ?, [...]) in `arguments`; the shell may also have done so already. A file that exists
// under the very name of the argument wins over a pattern; "-" is standard input. A pattern leaves out directories and
// special files, an argument without pattern does not. A file named twice, also by a hard or symbolic link, is taken
// once.
//
// Order: rotated files of one log come oldest first, so that hits are in order of time:
//   access.log.10.gz, access.log.2.gz, access.log.1, access.log
//   access.log-20260101.gz, access.log-20260102, access.log
//   access.2.log.gz, access.1.log, access.log
// Different logs (and directories) stay in the order of their first appearance; those found by one pattern are sorted
// by name, with numbers in it compared as numbers.
ExpandedPaths ExpandPaths(const std::vector<std::string>& arguments);

// What a pattern matches, sorted by name, without directories and special files; or whatever has that very name.
std::vector<std::string> FilesMatching(const std::string& pattern);

// Rotated files of one log have the same name here: that of the log, as in "Order" above.
std::string LogNameOf(std::string_view path);
// Whether it is named like an archive: *.gz and the like.
bool HasArchiveSuffix(std::string_view path);
// The place of a file among the files of its log: whether `a` was rotated away before `b`.
bool IsRotatedBefore(std::string_view a, std::string_view b);

}  // namespace hushlog
