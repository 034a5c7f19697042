#include "src/input/paths.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace hushlog {
namespace {

// The place of a file among the rotated files of its log: dated ones first, then numbered ones, the highest number
// being the oldest, then the log that is written to.
struct Rotation {
  std::string log;  // the path without date, number and suffix of a compression
  int kind = 2;     // 0 dated, 1 numbered, 2 neither
  std::string label;
};

// Takes "-20260131", ".2026-01-31" or ".12" off the end of *name.
bool TakeRotation(std::string_view* name, Rotation* rotation) {
  const std::size_t last = name->find_last_not_of("0123456789-_");
  if (last == name->npos || last + 1 == name->size()) return false;
  std::string_view label = name->substr(last + 1);
  const bool dotted = (*name)[last] == '.';
  if (!dotted && label[0] != '-' && label[0] != '_') return false;
  label.remove_prefix(std::min(label.find_first_not_of("-_"), label.size()));
  const auto digits = std::ranges::count_if(label, [](char c) { return c >= '0' && c <= '9'; });
  constexpr int kDateDigits = 6;
  if (digits < kDateDigits && !(dotted && static_cast<std::size_t>(digits) == label.size() && digits > 0)) return false;
  rotation->kind = digits < kDateDigits ? 1 : 0;
  rotation->label = label;
  name->remove_suffix(name->size() - last - (dotted ? 0 : 1));
  return true;
}

constexpr std::array<std::string_view, 6> kArchives = {".gz", ".bz2", ".xz", ".zst", ".zstd", ".lzma"};

Rotation RotationOf(std::string_view path) {
  for (const std::string_view suffix : kArchives) {
    if (path.ends_with(suffix)) path.remove_suffix(suffix.size());
  }
  Rotation rotation;
  std::string_view name = path, extension;
  if (!TakeRotation(&name, &rotation)) {  // also before the extension: access.1.log
    const std::size_t dot = path.rfind('.');
    if (dot != path.npos && path.find('/', dot) == path.npos) {
      name = path.substr(0, dot);
      if (TakeRotation(&name, &rotation))
        extension = path.substr(dot);
      else
        name = path;
    }
  }
  rotation.log = std::string(name) + std::string(extension);
  return rotation;
}

bool IsOlder(const Rotation& a, const Rotation& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  const int order = strverscmp(a.label.c_str(), b.label.c_str());
  return a.kind == 1 ? order > 0 : order < 0;
}

std::vector<std::string> Matches(const std::string& pattern) {
  glob_t found = {};
  const std::unique_ptr<glob_t, decltype(&globfree)> owner(&found, globfree);
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) != 0) return paths;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) {
    struct stat status;
    // One that cannot be examined stays: opening it will say why.
    if (stat(found.gl_pathv[i], &status) != 0 || S_ISREG(status.st_mode)) paths.emplace_back(found.gl_pathv[i]);
  }
  std::ranges::sort(paths, [](const auto& a, const auto& b) { return strverscmp(a.c_str(), b.c_str()) < 0; });
  return paths;
}

// Collects paths, each file once.
class Collector {
 public:
  void Add(const std::string& path) {
    struct stat status;
    const bool known = stat(path.c_str(), &status) == 0 ? !files_.emplace(status.st_dev, status.st_ino).second
                                                        : std::ranges::find(paths_, path) != paths_.end();
    if (!known) paths_.push_back(path);
  }
  std::vector<std::string> TakeSorted();

 private:
  std::vector<std::string> paths_;
  std::set<std::pair<dev_t, ino_t>> files_;
};

std::vector<std::string> Collector::TakeSorted() {
  struct Entry {
    std::size_t log;  // rank of its first appearance
    Rotation rotation;
    std::string path;
  };
  std::vector<Entry> entries;
  std::map<std::string, std::size_t> logs;
  for (std::string& path : paths_) {
    Rotation rotation = RotationOf(path);
    const std::size_t log = logs.emplace(rotation.log, logs.size()).first->second;
    entries.push_back({log, std::move(rotation), std::move(path)});
  }
  std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
    return a.log != b.log ? a.log < b.log : IsOlder(a.rotation, b.rotation);
  });
  std::vector<std::string> paths;
  for (Entry& entry : entries) paths.push_back(std::move(entry.path));
  return paths;
}

}  // namespace

std::vector<std::string> FilesMatching(const std::string& pattern) {
  struct stat status;
  if (lstat(pattern.c_str(), &status) == 0) return {pattern};
  return Matches(pattern);
}

bool HasArchiveSuffix(std::string_view path) {
  return std::ranges::any_of(kArchives, [path](std::string_view suffix) { return path.ends_with(suffix); });
}

std::string LogNameOf(std::string_view path) { return RotationOf(path).log; }

bool IsRotatedBefore(std::string_view a, std::string_view b) { return IsOlder(RotationOf(a), RotationOf(b)); }

ExpandedPaths ExpandPaths(const std::vector<std::string>& arguments) {
  ExpandedPaths expanded;
  Collector collector;
  for (const std::string& argument : arguments) {
    struct stat status;
    if (argument == "-" || lstat(argument.c_str(), &status) == 0) {
      collector.Add(argument);
      continue;
    }
    const int error = errno;
    if (argument.find_first_of("*?[") == argument.npos) {
      expanded.errors.push_back("cannot open " + argument + ": " + std::strerror(error));
      continue;
    }
    const std::vector<std::string> matches = Matches(argument);
    if (matches.empty()) expanded.errors.push_back("no file matches " + argument);
    for (const std::string& path : matches) collector.Add(path);
  }
  expanded.paths = collector.TakeSorted();
  return expanded;
}

}  // namespace hushlog
