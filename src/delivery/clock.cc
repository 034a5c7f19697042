#include "src/delivery/clock.h"

#include <condition_variable>
#include <mutex>
#include <random>

namespace hushlog {
namespace {

class MachineClock : public Clock {
 public:
  std::int64_t NowMs() override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }

  bool Wait(std::chrono::milliseconds time, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    return !never.wait_for(lock, stop, time, [&stop] { return stop.stop_requested(); });
  }

  double Random() override {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(engine);
  }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

}  // namespace hushlog
