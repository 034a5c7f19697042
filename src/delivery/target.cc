#include "src/delivery/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hushlog {
namespace {

using std::chrono::milliseconds;

// Matomo locks a machine out for an hour after 20 requests with a wrong token: these pauses make 14 in the first hour.
constexpr milliseconds kFirstPause{30'000}, kLongestPause{300'000};

}  // namespace

HttpClient::Options HttpOptionsOf(const TargetConfig& config) {
  HttpClient::Options options;
  options.url = config.url;
  options.timeout = config.request_timeout;
  options.ca_file = config.ca_file;
  options.proxy = config.proxy;
  return options;
}

Target::Target(Store& the_store, Clock& the_clock, TargetConfig its_config, std::int64_t its_id, Until how_long,
               Stops the_stops, std::function<void(const std::string&)> tell, DeliveryObserver* its_observer)
    : store(the_store),
      clock(the_clock),
      config(std::move(its_config)),
      id(its_id),
      until(how_long),
      stops(std::move(the_stops)),
      observer(its_observer),
      key(the_store.TargetKeyOf(its_id)),
      gate(config.lanes, stops.stop),
      tell_(std::move(tell)),
      token_(config.token_auth) {}

std::string Target::Token() {
  const std::lock_guard lock(mutex_);
  return token_;
}

bool Target::HasNewToken() {
  if (!config.new_token) return false;
  const std::lock_guard lock(mutex_);
  std::optional<std::string> token = config.new_token();
  if (!token || *token == token_) return false;
  token_ = *std::move(token);
  token_works = false;
  return true;
}

void Target::Wake() {
  ++news_;
  const std::lock_guard lock(mutex_);
  woken_.notify_all();
}

bool Target::WaitForNews(std::uint64_t seen) {
  if (until == Until::kDrained) return false;
  std::unique_lock lock(mutex_);
  return woken_.wait(lock, stops.finish, [&] { return news_ != seen; });
}

void Target::TellOf(const std::string& words) const {
  if (tell_) tell_(fmt::format("the target '{}' {}", config.name, words));
}

void Target::NoteTrouble(TargetState state, const std::string& message) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  trouble_ = message;
}

void Target::SetTrouble(TargetState state, const std::string& message) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(told_, true) && state_ == state && trouble_ == message) return;
    state_ = state;
    trouble_ = message;
  }
  KeepTrouble(message);
  TellOf("waits: " + message);
}

void Target::ClearTrouble() {
  bool told = false;
  {
    const std::lock_guard lock(mutex_);
    pause_ = milliseconds(0);
    state_ = TargetState::kDrained;
    trouble_.clear();
    told = std::exchange(told_, false);
    if (!told && !trouble_is_kept_) return;
  }
  KeepTrouble("");
  if (told) TellOf("takes hits again");
}

void Target::TellOnce(const std::string& words) {
  {
    const std::lock_guard lock(mutex_);
    if (!told_once_.insert(words).second) return;
  }
  TellOf(words);
}

// For status pages only: not worth to wait for room on a full disk.
void Target::KeepTrouble(const std::string& message) {
  try {
    store.SetTrouble(id, message);
  } catch (const StoreFull&) {
    return;
  }
  const std::lock_guard lock(mutex_);
  trouble_is_kept_ = !message.empty();
}

milliseconds Target::NextPause() {
  const std::lock_guard lock(mutex_);
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  return pause_ + milliseconds(std::llround(clock.Random() * static_cast<double>(pause_.count()) / 4));
}

void Target::NoteAnswer(std::string words) {
  const std::lock_guard lock(mutex_);
  last_answer_ = std::move(words);
  last_answer_ms_ = clock.NowMs();
}

TargetCondition Target::Condition() {
  const int senders = gate.senders();
  const std::lock_guard lock(mutex_);
  return {config.name, state_, trouble_, last_answer_, last_answer_ms_, its_clock.behind_ms(), senders};
}

}  // namespace hushlog
