// Faults of the file system under SQLite, in this process only.
#pragma once

namespace hushlog::testing {

// The process is killed (SIGKILL) instead of its `call`-th write, truncation, deletion or sync, counted from now. 0:
// never.
void KillAtFileCall(long call);

// Writes and syncs by SQLite fail with these errors; 0: they work. The first `good_writes` writes work in any case.
// Until destroyed.
class FailingFiles {
 public:
  FailingFiles(int write_error, int sync_error, long good_writes = 0);
  ~FailingFiles();
  FailingFiles(const FailingFiles&) = delete;
  FailingFiles& operator=(const FailingFiles&) = delete;
};

}  // namespace hushlog::testing
