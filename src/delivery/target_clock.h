// How far the clock of a target is behind ours, as far as its answers tell.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace hushlog {

// Matomo silently records a hit from the future with its own time: hits have to wait until they are none for it.
//
// Thread-safety: all functions may be called from any thread.
class TargetClock {
 public:
  // `date_s`: the header `Date` of the answer to a request that began and ended at these times of ours. Its clock
  // showed that second at some moment in between.
  void Learn(std::int64_t began_ms, std::int64_t ended_ms, std::int64_t date_s) noexcept {
    const std::int64_t least = began_ms - (date_s + 1) * 1000, most = ended_ms - date_s * 1000;
    behind_ms_ = std::clamp(behind_ms_.load(), least, std::max(least, most));
  }

  // 0 if all answers can be explained without that; else the least that explains them, and a second, as `Date` has no
  // fractions.
  std::int64_t behind_ms() const noexcept {
    const std::int64_t least = behind_ms_;
    return least > 0 ? least + 1000 : 0;
  }

 private:
  std::atomic<std::int64_t> behind_ms_{0};
};

}  // namespace hushlog
