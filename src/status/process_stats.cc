#include "src/status/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace hushlog {
namespace {

double Seconds(const timeval& time) {
  constexpr double kMicros = 1e-6;
  return static_cast<double>(time.tv_sec) + kMicros * static_cast<double>(time.tv_usec);
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) stats.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  std::int64_t total = 0, resident = 0;
  if (std::ifstream("/proc/self/statm") >> total >> resident) {
    const std::int64_t page = sysconf(_SC_PAGESIZE);
    stats.virtual_bytes = total * page;
    stats.resident_bytes = resident * page;
  }
  std::error_code error;
  for (std::filesystem::directory_iterator fds("/proc/self/fd", error), end; !error && fds != end;
       fds.increment(error)) {
    ++stats.open_files;
  }
  if (stats.open_files > 0) --stats.open_files;  // that of the listing
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_files = static_cast<std::int64_t>(limit.rlim_cur);
  return stats;
}

}  // namespace hushlog
