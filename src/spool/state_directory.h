// The state directory: its modes, and the lock that keeps a second process out.
#pragma once

#include <string>

namespace hushlog {

class StateDirectory {
 public:
  // Creates `directory` with parents if it is not there (mode 0700), and locks it until destroyed or the process ends.
  // Throws StoreError: cannot be created or written, writable by everyone, or in use for more than a second.
  explicit StateDirectory(const std::string& directory);
  ~StateDirectory();
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;

  const std::string& path() const { return path_; }  // absolute, without symbolic links

 private:
  std::string path_;
  int lock_ = -1;
};

// The process that has locked the state directory; 0 if none has, or there is no such directory. Changes nothing.
int HolderOf(const std::string& directory);

// Creates the file if it is not there, and gives it mode 0600 whatever the umask. Throws StoreError, also for a
// symbolic link. Returns its descriptor.
int OpenPrivateFile(const std::string& path);

// Makes the names in a directory durable. Throws StoreError.
void SyncDirectory(const std::string& path);

}  // namespace hushlog
