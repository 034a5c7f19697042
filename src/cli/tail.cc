#include "src/cli/tail.h"

#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "parsers/log_format.h"
#include "rules/config_error.h"
#include "rules/rule_set.h"
#include "src/base/failpoint.h"
#include "src/base/stop_signal.h"
#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/instance.h"
#include "src/cli/log_reader.h"
#include "src/cli/option_values.h"
#include "src/cli/printable.h"
#include "src/cli/recorder.h"
#include "src/cli/restart.h"
#include "src/cli/service_manager.h"
#include "src/cli/site_rules.h"
#include "src/cli/stored_state.h"
#include "src/cli/subscribers.h"
#include "src/cli/system_reports.h"
#include "src/cli/tail_setup.h"
#include "src/cli/tail_status.h"
#include "src/delivery/deliverer.h"
#include "src/input/follower.h"
#include "src/spool/store.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kLongestWait{1000};  // until signals and the watchdog are looked after
constexpr milliseconds kRound{20};          // lines that come within this time are read together
constexpr milliseconds kFullPause{200};     // until a full disk is tried again
constexpr std::chrono::minutes kEndDaysInterval{10};
constexpr std::chrono::seconds kSideCheckpointInterval{30};

// The counter that holds when a source of the configuration was followed first, in seconds since 1970.
std::string FollowedCounter(const SourceConfig& source) { return "followed." + source.name; }

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

std::vector<FollowedLogs> LogsOf(const Config& config, Store& store) {
  const auto ledger = store.IngestLedger();
  std::vector<FollowedLogs> logs;
  for (const SourceConfig& source : config.sources) {
    const auto followed = ledger.find(FollowedCounter(source));
    if (followed != ledger.end()) {
      logs.push_back({source.paths, FirstStart::kResume, followed->second});
    } else {
      logs.push_back({source.paths, source.from_end ? FirstStart::kEnd : FirstStart::kBeginning});
    }
  }
  return logs;
}

enum class Ending : std::uint8_t { kStop, kStartAnew };

// The reading half: logs -> state database. Belongs to one thread.
class Tail {
 public:
  // All must outlive the object.
  Tail(const TailOptions& options, const TailSetup& setup, Store& store, Deliverer& deliverer,
       const std::vector<Subscribers>& subscribers, ServiceManager& manager, TailStatus& status)
      : options_(options),
        setup_(setup),
        config_(setup.config),
        store_(store),
        deliverer_(deliverer),
        subscribers_(subscribers),
        manager_(manager),
        status_(status),
        system_reports_(store, subscribers),
        inquiry_(setup.config.instance),
        follower_(LogsOf(config_, store), SourcesOf(store), FollowerOptions()) {
    Use(LoadRules(config_.rules_dir));
  }

  // Until a signal asks to stop, or the configuration was changed and SIGHUP came. Throws StoreError.
  Ending Run();

 private:
  void Use(std::shared_ptr<const RuleSet> rules);
  void Reload();
  void BeginFollowing();
  void TellOfSourcesWithoutFiles();
  bool ReadNews(SteadyClock::time_point end);
  void ReadLastNews();
  void EndDaysIfDue();
  void MakeSystemReportsIfDue();
  void CloseQuietVisits();
  void WriteSideCheckpointIfDue();
  bool Keep();
  template <typename Action>
  bool Try(Action action);
  milliseconds WaitTime() const;

  const TailOptions& options_;
  const TailSetup& setup_;
  const Config& config_;
  Store& store_;
  Deliverer& deliverer_;
  const std::vector<Subscribers>& subscribers_;
  ServiceManager& manager_;
  TailStatus& status_;
  std::shared_ptr<const RuleSet> rules_;  // outlive what is made with them
  std::optional<Recorder> recorder_;
  std::optional<LogReader> reader_;
  SystemReports system_reports_;
  InstanceInquiry inquiry_;
  Follower follower_;
  Chunk chunk_;
  std::optional<SteadyClock::time_point> unkept_since_;  // when the first line was read that is not kept yet
  SteadyClock::time_point next_end_of_days_{}, next_side_checkpoint_{};
  bool side_checkpoint_is_old_ = true;
  bool full_ = false;  // the disk
  bool starts_anew_ = false;
};

// Runs what writes to the database. False if the disk is full: what was to be written is kept for the next time.
template <typename Action>
bool Tail::Try(Action action) {
  try {
    action();
  } catch (const StoreFull& error) {
    if (!std::exchange(full_, true)) Tell(fmt::format("warning: reading pauses: {}", error.what()));
    return false;
  }
  if (std::exchange(full_, false)) Tell("reading goes on: there is room again");
  return true;
}

// Makes durable what was read, and sets the targets to work.
bool Tail::Keep() {
  if (!Try([this] { recorder_->Finish(); })) return false;
  unkept_since_.reset();
  TellDetail("what was read is kept");
  side_checkpoint_is_old_ = true;
  deliverer_.Wake();
  return true;
}

void Tail::Use(std::shared_ptr<const RuleSet> rules) {
  reader_.reset();
  recorder_.reset();
  rules_ = std::move(rules);
  recorder_.emplace(*rules_, store_, subscribers_, config_.max_visits);
  reader_.emplace(config_, *rules_, store_, *recorder_);
}

// What is bad changes nothing. With new rules, what waits for further lines is decided first: names have other numbers
// then. A new configuration is used by starting anew.
void Tail::Reload() {
  std::shared_ptr<const RuleSet> rules;
  try {
    const TailSetup setup = LoadTailSetup(options_);
    rules = LoadRules(setup.config.rules_dir);
    CheckChange(store_, setup_, setup);
    starts_anew_ = setup.text != setup_.text;
  } catch (const ConfigError& error) {
    return Tell(fmt::format("error: configuration and rules stay as they were: {}", error.what()));
  }
  const bool other_rules = rules->fingerprint() != rules_->fingerprint();
  if (!other_rules) return Tell(starts_anew_ ? "the configuration is read again" : "nothing has changed");
  if (!Try([this] { recorder_->Complete(); })) {
    starts_anew_ = false;
    return Tell("error: the rules stay as they were: the disk is full; send SIGHUP again when there is room");
  }
  unkept_since_.reset();
  deliverer_.Wake();
  Use(std::move(rules));
  Tell(starts_anew_ ? "the rules and the configuration are read again" : "the rules were read again");
}

void Tail::TellOfSourcesWithoutFiles() {
  const std::vector<FileProgress> files = follower_.Progress();
  for (std::size_t i = 0; i < config_.sources.size(); ++i) {
    if (std::ranges::find(files, i, &FileProgress::group) != files.end()) continue;
    Tell(fmt::format("warning: there is no file yet for the paths of the source '{}'", config_.sources[i].name));
  }
}

// The first look. Positions that were passed over at the first start are kept before it counts as done.
void Tail::BeginFollowing() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  (void)follower_.Poll(milliseconds(0));
  Failpoint("first-look");
  const std::vector<KnownSource> skipped = follower_.TakeSkipped();
  for (const KnownSource& source : skipped) (void)recorder_->Reached(source.id, source.checkpoint, {});
  if (!skipped.empty()) {
    Tell(fmt::format("{} files that are there already are followed from where they end now", skipped.size()));
  }
  recorder_->Finish();
  TellOfSourcesWithoutFiles();
  const auto ledger = store_.IngestLedger();
  WriteTransaction transaction = store_.BeginWrite();
  for (const SourceConfig& source : config_.sources) {
    if (!ledger.contains(FollowedCounter(source))) {
      transaction.Count(FollowedCounter(source), now.time_since_epoch().count());
    }
  }
  Failpoint("before-followed");
  transaction.Commit();
}

Ending Tail::Run() {
  EndDaysIfDue();
  BeginFollowing();
  deliverer_.Wake();
  status_.Update(follower_, deliverer_, full_);
  status_.SetPhase(TailStatus::Phase::kFollowing);
  manager_.Ready();
  while (StopSignal() == 0) {
    manager_.Feed();
    deliverer_.Check();
    status_.Update(follower_, deliverer_, full_);
    if (full_) {
      std::this_thread::sleep_for(kFullPause);
      (void)Keep();
      continue;
    }
    if (TakeReloadSignal()) {
      manager_.Reloading();
      Reload();
      if (starts_anew_) break;
      manager_.Ready();
    }
    EndDaysIfDue();
    WriteSideCheckpointIfDue();
    const bool more = follower_.Poll(WaitTime());
    const auto round = SteadyClock::now();
    recorder_->SetTime(NowMs());
    if (!more || ReadNews(round + std::min(config_.tail.flush, kLongestWait) / 2)) {
      CloseQuietVisits();
      MakeSystemReportsIfDue();
    }
    for (const std::string& note : follower_.TakeNotes()) Tell(Printable(note));
    if (unkept_since_ && SteadyClock::now() - *unkept_since_ >= config_.tail.flush) (void)Keep();
    // A writer writes each line by itself; to wake up for each would cost more than to read it.
    if (more) std::this_thread::sleep_until(round + kRound);
  }
  status_.SetPhase(TailStatus::Phase::kStopping);
  ReadLastNews();
  return starts_anew_ ? Ending::kStartAnew : Ending::kStop;
}

// What was written before hushlog was asked to stop.
void Tail::ReadLastNews() {
  const auto end = SteadyClock::now() + milliseconds(config_.tail.stop_timeout) / 2;
  while (!full_ && SteadyClock::now() < end && follower_.Poll(milliseconds(0))) (void)ReadNews(end);
  if (unkept_since_) (void)Keep();
}

// True if nothing is left to read.
bool Tail::ReadNews(SteadyClock::time_point end) {
  while (!full_ && SteadyClock::now() < end) {
    const FollowedFile* file = follower_.Next(&chunk_);
    if (file == nullptr) return true;
    if (!reader_->Read(*file, chunk_)) {
      follower_.PutBack(*file);
      continue;
    }
    Failpoint("read");
    if (!unkept_since_) unkept_since_ = SteadyClock::now();
    (void)Try([&] { (void)recorder_->Reached(file->id, chunk_.checkpoint(), reader_->counts()); });
  }
  return false;
}

milliseconds Tail::WaitTime() const {
  if (!unkept_since_) return kLongestWait;
  const auto left = std::chrono::ceil<milliseconds>(*unkept_since_ + config_.tail.flush - SteadyClock::now());
  return std::clamp(left, milliseconds(0), kLongestWait);
}

void Tail::EndDaysIfDue() {
  const auto now = SteadyClock::now();
  if (now < next_end_of_days_) return;
  next_end_of_days_ = now + kEndDaysInterval;
  (void)Try([this] { recorder_->EndDays(); });
  deliverer_.Wake();
  reader_->ForgetKeys();
}

// Only when nothing is left to read: what was written of the days belongs into their reports.
void Tail::MakeSystemReportsIfDue() {
  const LocalTime now = LocalTimeAt(std::chrono::system_clock::now());
  bool made = false;  // perhaps only some
  (void)Try([&] {
    if (!system_reports_.IsDue(now)) return;
    std::optional<InstanceFacts> instance = InstanceFacts();
    if (system_reports_.TellsOfInstance(now, /*goes_on=*/true)) instance = inquiry_.FactsOf(now.day, {});
    if (!instance) return;  // it is being asked
    recorder_->Finish();
    made = true;
    (void)system_reports_.Make(*rules_, now, /*goes_on=*/true, *instance);
  });
  if (!made) return;
  side_checkpoint_is_old_ = true;
  deliverer_.Wake();
}

// Of people who have gone. Others whose lines would tell that may not come for hours.
void Tail::CloseQuietVisits() {
  const std::int64_t hits = recorder_->hits();
  recorder_->CloseQuiet();
  if (recorder_->hits() != hits && !unkept_since_) unkept_since_ = SteadyClock::now();
}

// What waits for targets is not in it: hence preferably when nothing does.
void Tail::WriteSideCheckpointIfDue() {
  const auto now = SteadyClock::now();
  if (!side_checkpoint_is_old_ || now < next_side_checkpoint_) return;
  const auto pending = [](const TargetStatus& target) { return target.ledger.pending > 0; };
  if (now < next_side_checkpoint_ + kSideCheckpointInterval && std::ranges::any_of(store_.Targets(), pending)) return;
  WriteSideCheckpoint(store_);
  side_checkpoint_is_old_ = false;
  next_side_checkpoint_ = now + kSideCheckpointInterval;
}

std::vector<std::string> CommandOf(const TailOptions& options) {
  std::vector<std::string> command{"hushlog", "tail", "--config", options.config};
  if (!options.state_dir.empty()) command.insert(command.end(), {"--state-dir", options.state_dir});
  if (options.log.quiet) command.push_back("--quiet");
  if (options.log.verbose) command.push_back("--verbose");
  command.insert(command.end(), {"--log-format", options.log.format});
  return command;
}

}  // namespace

CLI::App* AddTailCommand(CLI::App& app, TailOptions* options) {
  CLI::App* command = app.add_subcommand("tail", "Follow the logs of the configuration, deliver hits as they come");
  AddConfig(*command, &options->config)->required();
  AddStateDir(*command, &options->state_dir);
  AddLog(*command, &options->log);
  command->footer(
      "Example:\n"
      "  hushlog tail --config /etc/hushlog/hushlog.toml");
  return command;
}

int RunTail(const TailOptions& options) {
  UseLog(options.log);
  InstallStopSignals();
  InstallReloadSignal();
  std::signal(SIGPIPE, SIG_IGN);
  // The database hands memory from one thread to the other: with an arena for each, all grow to the most that any
  // needs.
  mallopt(M_ARENA_MAX, 1);
  const TailSetup setup = LoadTailSetup(options);
  const Config& config = setup.config;
  for (const std::string& warning : config.warnings) Tell("warning: " + warning);

  ServiceManager manager;
  std::unique_ptr<Store> store = OpenStore(setup.state_dir);
  Totals::CreateTables(store->database());
  ReportedDays::CreateTables(store->database());
  std::vector<std::int64_t> ids;
  const std::vector<Subscribers> subscribers = Subscribe(*store, config.targets, &ids);
  TailStatus status(setup, *store);
  const auto warn = [](const std::string& sentence) { Tell("warning: " + sentence); };
  Deliverer deliverer(*store, config.targets, Until::kFinished, warn, SystemClock(), status.observer());
  Ending ending = Ending::kStop;
  try {
    ending = Tail(options, setup, *store, deliverer, subscribers, manager, status).Run();
  } catch (const std::exception& error) {
    if (deliverer.Finish(milliseconds(0))) throw;
    Tell(fmt::format("error: {}", error.what()));
    EndAtOnce(kExitFailed);
  }
  if (ending == Ending::kStop) manager.Stopping();
  const bool answered = deliverer.Finish(config.tail.stop_timeout);
  if (!answered) Tell("warning: a target has not answered in time: whether it has got the last hits is not known");
  if (answered) WriteSideCheckpoint(*store);
  if (ending == Ending::kStartAnew) StartAnew(CommandOf(options));
  if (!answered) EndAtOnce(kExitDone);
  return kExitDone;
}

}  // namespace hushlog
