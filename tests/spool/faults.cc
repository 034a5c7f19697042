#include "tests/spool/faults.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace hushlog::testing {
namespace {

// Not atomic: tests inject faults while one thread runs.
long calls_until_kill = 0;
int write_error = 0;
int sync_error = 0;
long writes_until_error = 0;

void MaybeKill() {
  if (calls_until_kill > 0 && --calls_until_kill == 0) kill(getpid(), SIGKILL);
}

bool Fails(int error) {
  MaybeKill();
  if (error != 0) errno = error;
  return error != 0;
}

bool WriteFails() {
  if (writes_until_error == 0) return Fails(write_error);
  --writes_until_error;
  return Fails(0);
}

ssize_t Write(int fd, const void* data, size_t size) { return WriteFails() ? -1 : write(fd, data, size); }
ssize_t PositionedWrite(int fd, const void* data, size_t size, off_t at) {
  return WriteFails() ? -1 : pwrite(fd, data, size, at);
}
int Truncate(int fd, off_t size) { return WriteFails() ? -1 : ftruncate(fd, size); }
int Unlink(const char* path) {
  MaybeKill();
  return unlink(path);
}

void ReplaceSystemCalls() {
  static const bool replaced = [] {
    sqlite3_vfs* files = sqlite3_vfs_find(nullptr);
    const auto replace = [files](const char* name, auto* function) {
      files->xSetSystemCall(files, name, reinterpret_cast<sqlite3_syscall_ptr>(function));
    };
    replace("write", &Write);
    replace("pwrite", &PositionedWrite);
    replace("pwrite64", &PositionedWrite);
    replace("ftruncate", &Truncate);
    replace("unlink", &Unlink);
    return true;
  }();
  (void)replaced;
}

}  // namespace

int Sync(long call, int fd) { return Fails(sync_error) ? -1 : static_cast<int>(syscall(call, fd)); }

void KillAtFileCall(long call) {
  ReplaceSystemCalls();
  calls_until_kill = call;
}

FailingFiles::FailingFiles(int new_write_error, int new_sync_error, long good_writes) {
  ReplaceSystemCalls();
  write_error = new_write_error;
  sync_error = new_sync_error;
  writes_until_error = good_writes;
}

FailingFiles::~FailingFiles() { write_error = sync_error = 0; }

}  // namespace hushlog::testing

// SQLite offers no replacement for these two; as symbols of the program they precede those of the C library.
extern "C" int fdatasync(int fd) { return hushlog::testing::Sync(SYS_fdatasync, fd); }
extern "C" int fsync(int fd) { return hushlog::testing::Sync(SYS_fsync, fd); }
