#include "src/input/log_listing.h"

#include <dirent.h>
#include <glob.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>

#include "src/input/paths.h"

namespace hushlog {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

// "" if there is no such file.
std::string RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? "" : real.get();
}

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool HasWildcard(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), closedir);
  while (const dirent* entry = stream == nullptr ? nullptr : readdir(stream.get())) names.emplace_back(entry->d_name);
  return names;
}

using Matched = std::map<std::string, std::size_t>;  // real path -> group

Matched Match(const std::vector<std::vector<std::string>>& groups) {
  Matched matched;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::string& pattern : groups[group]) {
      for (const std::string& path : FilesMatching(pattern)) {
        if (std::string real = RealPath(path); !real.empty()) matched.try_emplace(std::move(real), group);
      }
    }
  }
  return matched;
}

void Add(const std::string& path, const Matched& matched, const std::map<std::string, std::size_t>& logs,
         LogListing* listing) {
  const std::string log = LogNameOf(path);
  const auto known = logs.find(log);
  if (known == logs.end()) return;
  const auto match = matched.find(path);
  struct stat status;
  if (lstat(path.c_str(), &status) != 0) return;
  if (!S_ISREG(status.st_mode)) {
    if (match != matched.end()) listing->unusable.insert(path);
    return;
  }
  const bool is_matched = match != matched.end();
  listing->logs[log].push_back(
      {path, KeyOf(status), StampOf(status), is_matched ? match->second : known->second, is_matched});
}

// Adds logs that are named without wildcards: they may be missing for a moment, while they are rotated.
void AddNamed(const std::vector<std::vector<std::string>>& groups, std::map<std::string, std::size_t>* logs,
              std::set<std::string>* directories) {
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::string& path : groups[group]) {
      const std::string directory = HasWildcard(path) ? "" : RealPath(DirectoryOf(path));
      if (directory.empty()) continue;
      logs->try_emplace(LogNameOf(directory + "/" + path.substr(path.rfind('/') + 1)), group);
      directories->insert(directory);
    }
  }
}

// Adds the directories that hold what `pattern` can match, and where it has wildcards above, those that hold these.
void AddParents(const std::string& pattern, std::set<std::string>* directories) {
  const std::string parent = DirectoryOf(pattern);
  glob_t found = {};
  const std::unique_ptr<glob_t, decltype(&globfree)> owner(&found, globfree);
  const bool exists = glob((parent + "/.").c_str(), GLOB_NOSORT, nullptr, &found) == 0;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) directories->insert(RealPath(found.gl_pathv[i]));
  if ((HasWildcard(parent) || !exists) && parent != "/" && parent != ".") AddParents(parent, directories);
}

}  // namespace

FileKey KeyOf(const struct stat& status) { return {status.st_dev, status.st_ino}; }

bool FileStamp::JustWritten() const noexcept {
  constexpr std::int64_t kSeconds = 10;
  return modified_ns / kNanoseconds + kSeconds > std::time(nullptr);
}

FileStamp StampOf(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

FileStamp StampOf(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? StampOf(status) : FileStamp();
}

LogListing ListLogs(const std::vector<std::vector<std::string>>& groups) {
  const Matched matched = Match(groups);
  std::map<std::string, std::size_t> logs;
  std::set<std::string> directories;
  for (const auto& [path, group] : matched) {
    logs.try_emplace(LogNameOf(path), group);
    directories.insert(DirectoryOf(path));
  }
  AddNamed(groups, &logs, &directories);
  LogListing listing;
  for (const std::string& directory : directories) {
    for (const std::string& name : NamesIn(directory)) {
      Add(directory == "/" ? "/" + name : directory + "/" + name, matched, logs, &listing);
    }
  }
  for (auto& [log, files] : listing.logs) {
    std::ranges::sort(files, [](const LogFile& a, const LogFile& b) {
      if (IsRotatedBefore(a.path, b.path)) return true;
      return !IsRotatedBefore(b.path, a.path) && a.path > b.path;
    });
  }
  return listing;
}

std::set<std::string> ChangedLogs(const LogListing& before, const LogListing& after) {
  const auto same = [](const LogFile& a, const LogFile& b) { return a.path == b.path && a.key == b.key; };
  std::set<std::string> changed;
  for (const auto& [log, files] : before.logs) {
    const auto now = after.logs.find(log);
    if (now == after.logs.end() || !std::ranges::equal(files, now->second, same)) changed.insert(log);
  }
  for (const auto& [log, files] : after.logs) {
    if (!before.logs.contains(log)) changed.insert(log);
  }
  return changed;
}

std::set<std::string> DirectoriesOf(const std::vector<std::vector<std::string>>& groups) {
  std::set<std::string> directories;
  for (const auto& patterns : groups) {
    for (const std::string& pattern : patterns) AddParents(pattern, &directories);
  }
  for (const auto& [path, group] : Match(groups)) directories.insert(DirectoryOf(path));
  return directories;
}

}  // namespace hushlog
