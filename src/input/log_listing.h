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

  // Within the last seconds, by the clock: an archive is probably not complete.
  bool JustWritten() const noexcept;
};

FileKey KeyOf(const struct stat& status);
FileStamp StampOf(const struct stat& status);
FileStamp StampOf(int fd);

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
};

// `groups` are lists of patterns; a file that several name belongs to the first. A directory is read name by name: a
// file that is renamed meanwhile can be missed, or seen twice.
LogListing ListLogs(const std::vector<std::vector<std::string>>& groups);

// Logs of which files were made, deleted or renamed between two listings. Those of others were the same all the time.
std::set<std::string> ChangedLogs(const LogListing& before, const LogListing& after);

// The directories in which a change can change the listing or the files of it, without symbolic links.
std::set<std::string> DirectoriesOf(const std::vector<std::vector<std::string>>& groups);

}  // namespace hushlog
