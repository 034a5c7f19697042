// What this process uses, as Prometheus' own client libraries tell it.
#pragma once

#include <cstdint>

namespace hushlog {

struct ProcessStats {
  double cpu_seconds = 0;
  std::int64_t resident_bytes = 0, virtual_bytes = 0;
  std::int64_t open_files = 0, max_files = 0;
};

// What the system does not tell is 0.
ProcessStats ReadProcessStats();

}  // namespace hushlog
