#include "src/input/directory_watcher.h"

#include <linux/magic.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

namespace hushlog {
namespace {

constexpr std::uint32_t kContent = IN_MODIFY;
constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;
constexpr std::uint32_t kDirectoryGone = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::size_t kBufferBytes = 64 << 10;

// inotify tells only what this machine changes.
bool IsShared(const std::string& directory) {
  constexpr long kCifs = 0xFF534D42, kSmb2 = 0xFE534D42, kFuse = 0x65735546, kPlan9 = 0x01021997;
  constexpr std::array<long, 7> kKinds = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, AFS_SUPER_MAGIC, kCifs,
                                          kSmb2,           kFuse,           kPlan9};
  struct statfs status;
  return statfs(directory.c_str(), &status) == 0 &&
         std::ranges::find(kKinds, static_cast<long>(status.f_type)) != kKinds.end();
}

}  // namespace

DirectoryWatcher::DirectoryWatcher(bool enabled) : inotify_(enabled ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1) {}

bool DirectoryWatcher::Add(const std::string& directory) {
  const int watch =
      inotify_add_watch(inotify_.get(), directory.c_str(), kContent | kNames | kDirectoryGone | IN_ONLYDIR);
  if (watch < 0) return false;
  directories_[watch] = directory;
  return !IsShared(directory);
}

bool DirectoryWatcher::Watch(const std::set<std::string>& directories) {
  if (!inotify_) return false;
  bool complete = true;
  const auto before = std::exchange(directories_, {});
  // Adding a directory that is watched gives the same watch; one that has replaced another gives a new one.
  for (const std::string& directory : directories) complete = Add(directory) && complete;
  for (const auto& [watch, directory] : before) {
    if (!directories_.contains(watch)) inotify_rm_watch(inotify_.get(), watch);
  }
  return complete;
}

bool DirectoryWatcher::Wait(std::chrono::milliseconds timeout) {
  pollfd wait{inotify_.get(), POLLIN, 0};  // a negative descriptor is ignored: it only waits
  return poll(&wait, 1, static_cast<int>(timeout.count())) > 0;
}

bool DirectoryWatcher::Read(const std::function<void(const std::string&, bool)>& changed) {
  if (!inotify_) return true;
  bool complete = true;
  alignas(inotify_event) std::array<char, kBufferBytes> buffer;
  ssize_t size = 0;
  while ((size = read(inotify_.get(), buffer.data(), buffer.size())) > 0) {
    for (const char* at = buffer.data(); at < buffer.data() + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      const auto directory = directories_.find(event->wd);
      if ((event->mask & (IN_Q_OVERFLOW | kDirectoryGone)) != 0) complete = false;
      if (directory == directories_.end() || event->len == 0) continue;
      changed(directory->second + "/" + event->name, (event->mask & kContent) != 0);
    }
  }
  return complete;
}

}  // namespace hushlog
