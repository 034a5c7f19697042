#include "src/base/stop_signal.h"

#include <atomic>
#include <csignal>

namespace hushlog {
namespace {

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

void OnStop(int number) {
  stop_signal.store(number, std::memory_order_relaxed);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void InstallStopSignals() noexcept {
  struct sigaction action = {};
  action.sa_handler = OnStop;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int StopSignal() noexcept { return stop_signal.load(std::memory_order_relaxed); }

}  // namespace hushlog
