// Time, waiting and chance as delivery sees them, so that tests can put their own in place.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace hushlog {

// Thread-safety: all functions may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t NowMs() = 0;  // since 1970-01-01 UTC
  // Returns false, at once, when `stop` is requested.
  [[nodiscard]] virtual bool Wait(std::chrono::milliseconds time, const std::stop_token& stop) = 0;
  virtual double Random() = 0;  // in [0, 1)
};

// That of the machine; lives as long as the program.
Clock& SystemClock();

}  // namespace hushlog
