#include "src/delivery/gate.h"

namespace hushlog {

Gate::Gate(int senders, std::stop_token stop) : senders_(senders), stop_(std::move(stop)) {}

bool Gate::MayEnter(int lane) const {
  if (verdict_) return true;
  if (!open_) return prober_ == kNobody || prober_ == lane;
  return sending_ < senders_;
}

bool Gate::Enter(int lane) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop_, [&] { return MayEnter(lane); })) return false;
  if (verdict_ || stop_.stop_requested()) return false;
  if (!open_) prober_ = lane;
  ++sending_;
  return true;
}

void Gate::Leave() {
  const std::lock_guard lock(mutex_);
  --sending_;
  changed_.notify_all();
}

void Gate::Finish(int lane) {
  const std::lock_guard lock(mutex_);
  --sending_;
  if (prober_ == lane) prober_ = kNobody;
  changed_.notify_all();
}

bool Gate::Probing(int lane) {
  const std::lock_guard lock(mutex_);
  return !open_ && prober_ == lane;
}

bool Gate::TakeOver(int lane) {
  const std::lock_guard lock(mutex_);
  if (prober_ != kNobody && prober_ != lane) return false;
  open_ = false;
  prober_ = lane;
  return true;
}

void Gate::Open(int lane) {
  const std::lock_guard lock(mutex_);
  if (prober_ != lane) return;
  open_ = true;
  prober_ = kNobody;
  changed_.notify_all();
}

void Gate::CountFailure() {
  const std::lock_guard lock(mutex_);
  ++failures_;
}

void Gate::ClearFailures() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
}

int Gate::failures() {
  const std::lock_guard lock(mutex_);
  return failures_;
}

void Gate::Close(TargetState state, std::string message) {
  const std::lock_guard lock(mutex_);
  if (!verdict_) verdict_ = Verdict{state, std::move(message)};
  changed_.notify_all();
}

std::optional<Gate::Verdict> Gate::verdict() {
  const std::lock_guard lock(mutex_);
  return verdict_;
}

}  // namespace hushlog
