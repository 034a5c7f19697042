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

std::atomic<bool> reload_signal{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

void OnReload(int) { reload_signal.store(true, std::memory_order_relaxed); }

sigset_t StopSignals() noexcept {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void BlockStopSignals() noexcept {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void InstallStopSignals() noexcept {
  struct sigaction action = {};
  action.sa_handler = OnStop;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

int StopSignal() noexcept { return stop_signal.load(std::memory_order_relaxed); }

void InstallReloadSignal() noexcept {
  struct sigaction action = {};
  action.sa_handler = OnReload;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGHUP, &action, nullptr);
}

bool TakeReloadSignal() noexcept { return reload_signal.exchange(false, std::memory_order_relaxed); }

}  // namespace hushlog
