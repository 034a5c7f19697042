#include "src/spool/state_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "src/spool/database.h"

namespace hushlog {
namespace {

[[noreturn]] void Fail(const std::string& what, int error) {
  const std::string message = what + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT) throw StoreFull(message);
  throw StoreError(message);
}

void CreateDirectory(const std::string& path) {
  std::error_code error;
  auto normal = std::filesystem::absolute(path).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();  // a slash at the end
  const auto parent = normal.parent_path();
  std::filesystem::create_directories(parent, error);
  if (error) throw StoreError("cannot create the directory " + parent.string() + ": " + error.message());
  if (mkdir(path.c_str(), 0700) == 0) {
    if (chmod(path.c_str(), 0700) != 0) Fail("cannot set the mode of the state directory " + path, errno);
  } else if (errno != EEXIST) {
    Fail("cannot create the state directory " + path, errno);
  }
}

// Everyone could put files of their own in the place of ours.
void RefuseWorldWritable(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) Fail("cannot open the state directory " + path, errno);
  if (!S_ISDIR(status.st_mode)) throw StoreError("the state directory " + path + " is not a directory");
  if ((status.st_mode & S_IWOTH) != 0) {
    throw StoreError("everyone may write to the state directory " + path + ": use one of its own, with mode 0700");
  }
}

struct flock WholeFile() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// Commands that look into the database have it for a moment.
bool Lock(int fd) {
  constexpr int kTries = 50;
  constexpr std::chrono::milliseconds kPause{20};
  for (int i = 0; i < kTries; ++i) {
    struct flock lock = WholeFile();
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
    if (errno != EAGAIN && errno != EACCES) return false;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

std::string Holder(int lock) {
  std::array<char, 16> text{};
  const ssize_t size = pread(lock, text.data(), text.size(), 0);
  if (size <= 0) return {};
  return " (process " + std::string(text.data(), static_cast<std::size_t>(size)) + ")";
}

void WriteProcessId(int lock, const std::string& path) {
  const std::string id = std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 || pwrite(lock, id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    Fail("cannot write to the state directory " + path, errno);
  }
}

}  // namespace

int OpenPrivateFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0 && errno == ELOOP) throw StoreError(path + " is a symbolic link: put the file itself there");
  if (fd < 0) Fail("cannot write to " + path, errno);
  if (fchmod(fd, 0600) != 0) {
    const int error = errno;
    close(fd);
    Fail("cannot set the mode of " + path, error);
  }
  return fd;
}

void SyncDirectory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (!synced) Fail("cannot write to the state directory " + path, error);
}

// Asks only: to try a lock would keep a process that starts from getting it.
int HolderOf(const std::string& directory) {
  const int fd = open((directory + "/hushlog.lock").c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return 0;
  std::array<char, 16> text{};
  struct flock lock = WholeFile();
  const bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  const ssize_t size = held ? pread(fd, text.data(), text.size() - 1, 0) : 0;
  close(fd);
  return size > 0 ? std::atoi(text.data()) : 0;
}

StateDirectory::StateDirectory(const std::string& directory) {
  if (directory.empty()) throw StoreError("the state directory has no name");
  CreateDirectory(directory);
  RefuseWorldWritable(directory);
  path_ = std::filesystem::canonical(directory).string();
  lock_ = OpenPrivateFile(path_ + "/hushlog.lock");
  try {
    if (!Lock(lock_)) {
      if (errno != EAGAIN && errno != EACCES) Fail("cannot lock the state directory " + path_, errno);
      throw StoreError("the state directory " + path_ + " is in use by another hushlog" + Holder(lock_));
    }
    WriteProcessId(lock_, path_);
  } catch (const StoreError&) {
    close(lock_);
    throw;
  }
}

StateDirectory::~StateDirectory() { close(lock_); }

}  // namespace hushlog
