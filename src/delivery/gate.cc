#include "src/delivery/gate.h"

#include <algorithm>

namespace hushlog {

Gate::Gate(int senders, std::stop_token stop) : most_senders_(senders), stop_(std::move(stop)) {}

bool Gate::IsFirstOfWaiting(int lane) const {
  const std::uint64_t own = tickets_[static_cast<std::size_t>(lane)];
  return std::ranges::none_of(tickets_, [own](std::uint64_t ticket) { return ticket != 0 && ticket < own; });
}

bool Gate::MayEnter(int lane) const {
  if (verdict_) return true;
  if (!open_) return prober_ == kNobody || prober_ == lane;
  return sending_ < senders_ && IsFirstOfWaiting(lane);
}

bool Gate::Enter(int lane) {
  std::unique_lock lock(mutex_);
  std::uint64_t& ticket = tickets_[static_cast<std::size_t>(lane)];
  ticket = ++last_ticket_;
  const bool entered = changed_.wait(lock, stop_, [&] { return MayEnter(lane); });
  ticket = 0;
  changed_.notify_all();  // another one is the first now
  if (!entered || verdict_ || stop_.stop_requested()) return false;
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
  if (open_) senders_ = std::max(1, senders_ / 2);
  successes_ = 0;
  open_ = false;
  prober_ = lane;
  return true;
}

void Gate::OpenLocked(int lane) {
  if (prober_ != lane) return;
  open_ = true;
  prober_ = kNobody;
  changed_.notify_all();
}

void Gate::Open(int lane) {
  const std::lock_guard lock(mutex_);
  OpenLocked(lane);
}

void Gate::Succeed(int lane) {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  OpenLocked(lane);
  if (!open_ || senders_ == most_senders_ || ++successes_ < senders_) return;
  ++senders_;
  successes_ = 0;
  changed_.notify_all();
}

void Gate::CountFailure() {
  const std::lock_guard lock(mutex_);
  ++failures_;
}

int Gate::failures() {
  const std::lock_guard lock(mutex_);
  return failures_;
}

int Gate::senders() {
  const std::lock_guard lock(mutex_);
  return senders_;
}

int Gate::waiting() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::ranges::count_if(tickets_, [](std::uint64_t ticket) { return ticket != 0; }));
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
