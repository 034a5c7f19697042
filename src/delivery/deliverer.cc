#include "src/delivery/deliverer.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "src/delivery/lane.h"
#include "src/delivery/target.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollInterval{100};
constexpr milliseconds kEnding{1000};              // for requests that are on their way at the end
constexpr std::int64_t kLimitIntervalMs = 60'000;  // between two looks at the limits of backlogs

TargetConfig Normalized(TargetConfig config) {
  config.url = NormalizeTrackerUrl(config.url);
  config.lanes = std::clamp(config.lanes, 1, kLanes);
  config.batch_rows = std::max<std::size_t>(1, config.batch_rows);
  return config;
}

void Append(std::string* message, const std::string& sentence) {
  if (!message->empty()) message->append("; ");
  message->append(sentence);
}

std::string MessageOf(Target& target, const TargetLedger& before, const TargetLedger& after) {
  const std::optional<Gate::Verdict> verdict = target.gate.verdict();
  std::string message = verdict ? verdict->message : "";
  if (after.pending > 0) Append(&message, fmt::format("{} hits wait", after.pending));
  if (const auto parked = after.parked - before.parked; parked > 0) {
    Append(
        &message,
        fmt::format("{} hits are parked, as their answer was lost: decide whether to send them again: hushlog targets",
                    parked));
  }
  if (const auto dead = after.dead - before.dead; dead > 0) {
    Append(&message, fmt::format("{} hits cannot be delivered and were put aside", dead));
  }
  if (const std::int64_t held_for_ms = target.held_for_ms; held_for_ms > 0) {
    Append(&message, fmt::format("the target's clock is {} s behind the hits, which it would record with its own time: "
                                 "set the clocks right",
                                 held_for_ms / 1000));
  }
  return message;
}

TargetState StateOf(Target& target, const TargetLedger& ledger) {
  if (const std::optional<Gate::Verdict> verdict = target.gate.verdict()) return verdict->state;
  if (ledger.pending == 0) return TargetState::kDrained;
  if (target.stops.stop.stop_requested()) return TargetState::kInterrupted;
  return target.held_for_ms > 0 ? TargetState::kClockBehind : TargetState::kDrained;
}

}  // namespace

struct Deliverer::Impl {
  Impl(Store& the_store, Clock& the_clock) : store(the_store), clock(the_clock) {}
  ~Impl() { StopNow(); }

  void Start(Target& target, int lane);
  void Work(Target& target, int lane);
  void StopNow();
  void GiveUpAnswers();
  void LimitBacklogs();

  Store& store;
  Clock& clock;
  std::function<void(const std::string&)> tell;
  std::stop_source finish, stop;
  std::deque<Target> targets;  // a Target does not move
  std::vector<TargetLedger> before;
  std::int64_t next_limit_ms = 0;
  std::vector<std::int64_t> given_up;  // hits of each target that were given up, and not told
  std::mutex mutex;
  std::condition_variable finished;
  int running = 0;                   // guarded by mutex
  std::exception_ptr error;          // guarded by mutex
  std::deque<std::jthread> threads;  // last: joined before anything else is gone
};

void Deliverer::Impl::Start(Target& target, int lane) {
  const std::lock_guard lock(mutex);
  ++running;
  threads.emplace_back([this, &target, lane] { Work(target, lane); });
}

void Deliverer::Impl::Work(Target& target, int lane) {
  std::exception_ptr failure;
  try {
    Lane(target, lane).Run();
  } catch (...) {
    failure = std::current_exception();
    StopNow();
  }
  const std::lock_guard lock(mutex);
  if (failure && !error) error = failure;
  --running;
  finished.notify_all();
}

// Of requests that are out. The next start does with their hits what is to be done after lost answers.
void Deliverer::Impl::GiveUpAnswers() {
  for (const Target& target : targets) {
    const bool again = target.config.on_ambiguous == OnAmbiguous::kResend;
    for (int lane = 0; lane < kLanes; ++lane) {
      (void)store.MarkAmbiguous(target.id, lane, again ? 1 : target.config.ambiguous_retries + 1);
    }
  }
}

void Deliverer::Impl::StopNow() {
  finish.request_stop();
  stop.request_stop();
}

// Step by step, so that nobody waits for the database. A full disk does not hinder giving up hits later.
void Deliverer::Impl::LimitBacklogs() {
  const std::int64_t now_ms = clock.NowMs();
  if (now_ms < next_limit_ms) return;
  next_limit_ms = now_ms + kLimitIntervalMs;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const TargetConfig& config = targets[i].config;
    const milliseconds age = config.max_backlog_age;
    std::int64_t rows = 0;
    try {
      rows = store.LimitBacklog(targets[i].id, {config.max_backlog_bytes, now_ms - age.count()});
    } catch (const StoreFull&) {
      continue;
    }
    given_up[i] += rows;
    if (rows > 0) next_limit_ms = now_ms;
    if (rows > 0 || given_up[i] == 0 || !tell) continue;
    tell(fmt::format("the target '{}' did not take hits for too long: the oldest {} of those that waited were given up",
                     config.name, std::exchange(given_up[i], 0)));
  }
}

Deliverer::Deliverer(Store& store, const std::vector<TargetConfig>& targets, Until until,
                     std::function<void(const std::string& sentence)> tell, Clock& clock, DeliveryObserver* observer)
    : impl_(std::make_unique<Impl>(store, clock)) {
  std::vector<TargetConfig> configs;
  for (const TargetConfig& config : targets) configs.push_back(Normalized(config));
  impl_->tell = tell;
  const Stops stops{impl_->finish.get_token(), impl_->stop.get_token()};
  for (TargetConfig& config : configs) {
    const std::int64_t id = store.AddTarget(config.name);
    store.SetKeepSent(id, config.keep_sent);
    impl_->before.push_back(store.LedgerOf(id));
    impl_->targets.emplace_back(store, clock, std::move(config), id, until, stops, tell, observer);
  }
  impl_->given_up.resize(configs.size());
  store.ExpireSent(clock.NowMs());
  for (Target& target : impl_->targets) {
    for (int lane = 0; lane < kLanes; ++lane) impl_->Start(target, lane);
  }
}

Deliverer::~Deliverer() = default;

void Deliverer::Wake() {
  for (Target& target : impl_->targets) target.Wake();
}

void Deliverer::Check() {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->error) std::rethrow_exception(impl_->error);
  }
  impl_->LimitBacklogs();
}

bool Deliverer::Finish(milliseconds limit) {
  impl_->finish.request_stop();
  const auto done = [this] { return impl_->running == 0; };
  std::unique_lock lock(impl_->mutex);
  if (impl_->finished.wait_for(lock, limit, done)) return true;
  lock.unlock();
  impl_->StopNow();
  lock.lock();
  if (impl_->finished.wait_for(lock, kEnding, done)) return true;
  lock.unlock();
  impl_->GiveUpAnswers();
  return false;
}

void Deliverer::Wait(const std::function<bool()>& stop_requested) {
  std::unique_lock lock(impl_->mutex);
  while (!impl_->finished.wait_for(lock, kPollInterval, [this] { return impl_->running == 0; })) {
    lock.unlock();
    if (stop_requested()) impl_->StopNow();
    lock.lock();
  }
  if (impl_->error) std::rethrow_exception(impl_->error);
}

std::vector<TargetResult> Deliverer::Results() {
  std::vector<TargetResult> results;
  for (std::size_t i = 0; i < impl_->targets.size(); ++i) {
    Target& target = impl_->targets[i];
    TargetResult result;
    result.name = target.config.name;
    result.ledger = impl_->store.LedgerOf(target.id);
    result.state = StateOf(target, result.ledger);
    result.message = MessageOf(target, impl_->before[i], result.ledger);
    const bool troubled = result.state != TargetState::kDrained && result.state != TargetState::kInterrupted;
    impl_->store.SetTrouble(target.id, troubled ? result.message : "");
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<TargetCondition> Deliverer::Conditions() {
  std::vector<TargetCondition> conditions;
  for (Target& target : impl_->targets) conditions.push_back(target.Condition());
  return conditions;
}

std::string_view StateWord(TargetState state) {
  switch (state) {
    case TargetState::kDrained:
      return "drained";
    case TargetState::kInterrupted:
      return "interrupted";
    case TargetState::kUnreachable:
      return "unreachable";
    case TargetState::kRefused:
      return "refused";
    case TargetState::kNeedsToken:
      return "needs_token";
    case TargetState::kClockBehind:
      return "clock_behind";
    case TargetState::kDiskFull:
      return "disk_full";
  }
  return "";
}

std::vector<TargetResult> Deliver(Store& store, const std::vector<TargetConfig>& targets,
                                  const std::function<bool()>& stop_requested, Clock& clock) {
  Deliverer deliverer(store, targets, Until::kDrained, {}, clock);
  deliverer.Wait(stop_requested);
  return deliverer.Results();
}

}  // namespace hushlog
