#include "src/delivery/deliverer.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

#include "src/delivery/lane.h"

namespace hushlog {
namespace {

constexpr std::chrono::milliseconds kPollInterval{100};

TargetConfig Normalized(TargetConfig config) {
  config.url = NormalizeTrackerUrl(config.url);
  config.lanes = std::clamp(config.lanes, 1, kLanes);
  config.batch_rows = std::max<std::size_t>(1, config.batch_rows);
  return config;
}

// The threads of all lanes of all targets.
class Crew {
 public:
  ~Crew() { stop_.request_stop(); }

  void Start(Target& target, int lane) {
    const std::lock_guard lock(mutex_);
    ++running_;
    threads_.emplace_back([this, &target, lane] { Work(target, lane); });
  }

  // Throws what the first lane that failed has thrown.
  void WaitUntilDone(const std::function<bool()>& stop_requested) {
    std::unique_lock lock(mutex_);
    while (!finished_.wait_for(lock, kPollInterval, [this] { return running_ == 0; })) {
      lock.unlock();
      if (stop_requested()) stop_.request_stop();
      lock.lock();
    }
    lock.unlock();
    threads_.clear();
    if (error_) std::rethrow_exception(error_);
  }

  std::stop_token stop() const { return stop_.get_token(); }

 private:
  void Work(Target& target, int lane) {
    std::exception_ptr error;
    try {
      Lane(target, lane).Run();
    } catch (...) {
      error = std::current_exception();
      stop_.request_stop();
    }
    const std::lock_guard lock(mutex_);
    if (error && !error_) error_ = error;
    --running_;
    finished_.notify_all();
  }

  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable finished_;
  int running_ = 0;                   // guarded by mutex_
  std::exception_ptr error_;          // guarded by mutex_
  std::deque<std::jthread> threads_;  // last: joined before anything else is gone
};

void Append(std::string* message, const std::string& sentence) {
  if (!message->empty()) message->append("; ");
  message->append(sentence);
}

std::string MessageOf(Target& target, const TargetLedger& before, const TargetLedger& after) {
  const std::optional<Gate::Verdict> verdict = target.gate.verdict();
  std::string message = verdict ? verdict->message : "";
  if (after.pending > 0) Append(&message, fmt::format("{} hits wait", after.pending));
  if (const auto parked = after.parked - before.parked; parked > 0) {
    Append(&message,
           fmt::format("{} hits are parked, as their answer was lost: decide whether to send them again", parked));
  }
  if (const auto dead = after.dead - before.dead; dead > 0) {
    Append(&message, fmt::format("{} hits cannot be delivered and were put aside", dead));
  }
  if (const auto skew = target.clock_skew_s.load(); skew > 0) {
    Append(&message, fmt::format("the target's clock is {} s behind the hits, which it records with its own time: "
                                 "set the clocks right",
                                 skew));
  }
  return message;
}

TargetResult ResultOf(Store& store, Target& target, const TargetLedger& before) {
  TargetResult result;
  result.name = target.config.name;
  result.ledger = store.LedgerOf(target.id);
  if (const std::optional<Gate::Verdict> verdict = target.gate.verdict()) {
    result.state = verdict->state;
  } else if (target.stop.stop_requested() && result.ledger.pending > 0) {
    result.state = TargetState::kInterrupted;
  }
  result.message = MessageOf(target, before, result.ledger);
  const bool troubled = result.state != TargetState::kDrained && result.state != TargetState::kInterrupted;
  store.SetTrouble(target.id, troubled ? result.message : "");
  return result;
}

}  // namespace

std::vector<TargetResult> Deliver(Store& store, const std::vector<TargetConfig>& targets,
                                  const std::function<bool()>& stop_requested, Clock& clock) {
  std::vector<TargetConfig> configs;
  for (const TargetConfig& config : targets) configs.push_back(Normalized(config));

  std::deque<Target> running;  // a Target does not move
  std::vector<TargetLedger> before;
  Crew crew;
  for (const TargetConfig& config : configs) {
    Target& target = running.emplace_back(store, clock, config, store.AddTarget(config.name), crew.stop());
    before.push_back(store.LedgerOf(target.id));
    store.SetKeepSent(target.id, config.keep_sent);
  }
  store.ExpireSent(clock.NowMs());
  for (Target& target : running) {
    for (int lane = 0; lane < kLanes; ++lane) crew.Start(target, lane);
  }
  crew.WaitUntilDone(stop_requested);

  std::vector<TargetResult> results;
  for (std::size_t i = 0; i < running.size(); ++i) results.push_back(ResultOf(store, running[i], before[i]));
  return results;
}

}  // namespace hushlog
