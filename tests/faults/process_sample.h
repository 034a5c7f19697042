// What a running process holds, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hushlog::test {

struct ProcessSample {
  std::int64_t resident_kb = 0;
  std::int64_t descriptors = 0;
};

// Zeros if the process is gone.
ProcessSample SampleProcess(pid_t process);

// Whether a quantity has stopped growing: that of the last quarter of the samples is at most 5 % above that of the
// first.
struct Trend {
  std::int64_t first_quarter = 0, last_quarter = 0;
  bool flat() const { return last_quarter * 100 <= first_quarter * 105; }
};
// `rank`: which sample of a quarter counts: 0 the lowest, 0.5 the median. A quarter must have a sample.
Trend TrendOf(const std::vector<ProcessSample>& samples, std::int64_t ProcessSample::*quantity, double rank);

}  // namespace hushlog::test
