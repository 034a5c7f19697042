#include "src/cli/target_workers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace hushlog {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{15'000}, kLongestPause{300'000};  // until a target in trouble is tried again
constexpr milliseconds kBreath{500};   // between two deliveries, each of which opens connections anew
constexpr milliseconds kEnding{1000};  // for requests that are on their way at the end

}  // namespace

TargetWorkers::TargetWorkers(Store& store, const std::vector<TargetConfig>& targets)
    : store_(store), running_(targets.size()) {
  for (const TargetConfig& target : targets) threads_.emplace_back([this, target] { Work(target); });
}

TargetWorkers::~TargetWorkers() { StopNow(); }

void TargetWorkers::StopNow() {
  stop_ = true;
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
}

void TargetWorkers::Wake() {
  const std::lock_guard lock(mutex_);
  ++news_;
  changed_.notify_all();
}

void TargetWorkers::Check() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
}

bool TargetWorkers::Finish(milliseconds limit) {
  {
    std::unique_lock lock(mutex_);
    finishing_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, limit, [this] { return running_ == 0; });
  }
  StopNow();
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kEnding, [this] { return running_ == 0; });
}

// Until there is news or the end is wanted, or the time is over. False at the end.
bool TargetWorkers::WaitFor(milliseconds time, std::uint64_t* seen) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return finishing_ || (seen != nullptr && *seen != news_); };
  if (seen != nullptr) {
    changed_.wait(lock, ready);
    *seen = news_;
  } else {
    changed_.wait_for(lock, time, ready);
  }
  return !finishing_;
}

void TargetWorkers::Work(const TargetConfig& target) {
  std::exception_ptr error;
  try {
    std::uint64_t seen = 0;
    milliseconds pause = kFirstPause;
    TargetState told = TargetState::kDrained;
    bool good = true;
    while (good ? WaitFor({}, &seen) : WaitFor(pause, nullptr)) {
      good = Deliver(target, &told);
      pause = good ? kFirstPause : std::min(2 * pause, kLongestPause);
      if (good) (void)WaitFor(kBreath, nullptr);
    }
    if (good) (void)Deliver(target, &told);
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  if (error && !error_) error_ = error;
  --running_;
  changed_.notify_all();
}

// Whether the target has got everything.
bool TargetWorkers::Deliver(const TargetConfig& target, TargetState* told) {
  if (stop_ || store_.LedgerOf(store_.AddTarget(target.name)).pending == 0) return true;
  TargetResult result;
  try {
    result = hushlog::Deliver(store_, {target}, [this] { return stop_.load(); }).front();
  } catch (const StoreFull& error) {
    fmt::print(stderr, "hushlog: the target '{}' waits: {}\n", target.name, error.what());
    return false;
  }
  if (result.state == TargetState::kInterrupted) return true;
  if (result.state != *told) {
    const bool good = result.state == TargetState::kDrained;
    fmt::print(stderr, "hushlog: the target '{}' {}{}\n", target.name,
               good ? "takes hits again" : "waits: ", good ? "" : result.message);
    *told = result.state;
  }
  return result.state == TargetState::kDrained;
}

}  // namespace hushlog
