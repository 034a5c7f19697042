// The files of the logs that patterns name, with what logrotate and its like have made of them.
#pragma once

#include <sys/stat.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hushlog {

// Which file it is, whatever its name. A file that was deleted and is not open leaves its numbers to a new one.
struct FileKey {
  dev_t device = 0;
  ino_t inode = 0;
  auto operator<=>(const FileKey&) const = default;
};

// Changes when the file is written to.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

FileKey KeyOf(const struct stat& status);
FileStamp StampOf(const struct stat& status);

struct LogFile {
  std::string path;  // without symbolic links
  FileKey key;
  FileStamp stamp;
  std::size_t group = 0;  // of the pattern
  bool matched = false;   // by a pattern; else a rotated file of a log that is
};

struct LogListing {
  // By LogNameOf; regular files only, the one rotated away first comes first. An archive comes before the file with
  // the same number.
  std::map<std::string, std::vector<LogFile>> logs;
  std::set<std::string> unusable;  // matched, but no regular files
  // Logs that somebody was renaming files of all the time: files of them may be missing here.
  std::set<std::string> moving;
};

// `groups` are lists of patterns; a file that several name belongs to the first. A log has the files that were there at
// one moment, but if it is among `moving`.
LogListing ListLogs(const std::vector<std::vector<std::string>>& groups);

// The directories in which a change can change the listing or the files of it, without symbolic links.
std::set<std::string> DirectoriesOf(const std::vector<std::vector<std::string>>& groups);

}  // namespace hushlog
