// Tells which files of some directories change, by inotify.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "src/base/unique_fd.h"

namespace hushlog {

// Directories are watched, not files: that needs few watches, and files come and go. Thread-safety: none.
class DirectoryWatcher {
 public:
  // Not enabled: watches nothing.
  explicit DirectoryWatcher(bool enabled);

  // Watches exactly these directories from now on. Returns whether it can tell all changes in them: not of a directory
  // that is missing, of a file system that other machines change, too (NFS and the like), or beyond the limit of the
  // system (fs.inotify.max_user_watches).
  bool Watch(const std::set<std::string>& directories);

  // Waits until there is a change, or a signal comes; true if there is a change.
  bool Wait(std::chrono::milliseconds timeout);

  // Calls changed(path of the file, whether only its content has changed) for each change. Returns false if changes
  // were missed, or a directory is not there any more.
  bool Read(const std::function<void(const std::string&, bool)>& changed);

 private:
  bool Add(const std::string& directory);

  UniqueFd inotify_;
  std::map<int, std::string> directories_;  // by watch
};

}  // namespace hushlog
