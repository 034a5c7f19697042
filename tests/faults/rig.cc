#include "tests/faults/rig.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "src/spool/store.h"
#include "tests/cli/program.h"
#include "tests/spool/spool_test_support.h"

namespace hushlog::test {
namespace {

namespace fs = std::filesystem;

constexpr int kVisitors = 97;
constexpr int kBatchRows = 20;
constexpr int kAmbiguousRetries = 1;
constexpr int kKilled = 128 + SIGKILL;
constexpr int kMostRunsToTheEnd = 10;

TrackerOptions OptionsWith(HitCounts& counts) {
  TrackerOptions options;
  options.script_for_hits = true;
  options.on_recorded = [&counts](const auto& rows, bool answered) { counts.Add(rows, answered); };
  return options;
}

}  // namespace

Rig::Rig(Ambiguous policy, std::string_view script, std::string_view pattern)
    : policy_(policy),
      counts_(kVisitors, BeginOfNumberedLogs()),
      tracker_(std::make_unique<ScriptedTracker>(OptionsWith(counts_), script)),
      log_(directory_ / "access.log", kVisitors, counts_.begin()) {
  WriteConfig(pattern);
}

void Rig::WriteConfig(std::string_view pattern) const {
  directory_.Write(
      "config",
      fmt::format("state_dir = \"{}\"\n[status]\nlisten = \"off\"\n[tail]\nflush_ms = 10\nstop_timeout_s = 20\n"
                  "[[source]]\nname = \"matomo\"\npaths = [\"{}\"]\nformat = \"combined\"\nstart = \"beginning\"\n"
                  "[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nbatch_rows = "
                  "{}\nretry_delay_ms = 1\n"
                  "max_attempts = 1000\nrequest_timeout_s = 1\non_ambiguous = \"{}\"\nambiguous_retries = {}\n",
                  StateDirectory(), directory_ / pattern, tracker_->url(), kBatchRows,
                  policy_ == Ambiguous::kPark ? "park" : "resend", kAmbiguousRetries));
}

bool Rig::RunUntil(std::string_view failpoint, int pass) {
  setenv("HUSHLOG_FAILPOINT", fmt::format("{}:{}", failpoint, pass).c_str(), 1);
  log_.Write(30);
  Service service(Command());
  unsetenv("HUSHLOG_FAILPOINT");
  (void)service.WaitFor("READY=1");  // or its end
  log_.Write(50, true);
  Rotate();
  log_.Write(40, true);
  const Outcome outcome = service.Stop(SIGTERM);
  const bool killed = outcome.status == kKilled;
  CHECK_MESSAGE((killed || outcome.status == 0), outcome.errors);
  if (killed) NoteKill();
  return killed;
}

void Rig::RunAndKill(Since since, std::chrono::milliseconds after, const std::function<void()>& meanwhile) {
  Service service(Command());
  if (since == Since::kReady) CHECK(service.WaitFor("READY=1"));
  const auto end = std::chrono::steady_clock::now() + after;
  constexpr std::chrono::milliseconds kPause{7};
  while (std::chrono::steady_clock::now() < end) {
    meanwhile();
    // That the moment does not matter is what is tested.
    std::this_thread::sleep_until(std::min(end, std::chrono::steady_clock::now() + kPause));
  }
  CHECK(service.Stop(SIGKILL).status == kKilled);
  NoteKill();
}

void Rig::NoteKill() { most_copies_by_kills_ += CheckLedger() * kBatchRows; }

// In a copy, so that the next process finds what the last one has left. Returns the number of lanes in flight.
int Rig::CheckLedger() const {
  const TempDir copy;
  if (!fs::exists(StateDirectory() + "/hushlog.db")) return 0;
  for (const char* file : {"/hushlog.db", "/hushlog.db-wal"}) {
    if (fs::exists(StateDirectory() + file)) fs::copy_file(StateDirectory() + file, copy.path() + file);
  }
  const auto store = Store::Open(copy.path());
  auto ledger = store->IngestLedger();
  CHECK(ledger["hits"] == ledger["lines_read"]);
  for (const TargetStatus& target : store->Targets()) {
    CHECK(testing::LedgerAddsUp(*store, target.id));
    CHECK(target.ledger.hits == ledger["hits"]);
  }
  return static_cast<int>(testing::Scalar(*store, "SELECT count(*) FROM cursor WHERE in_flight"));
}

std::vector<std::string> Rig::StateFiles() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(StateDirectory())) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

// Returns what then still waits for the target.
std::int64_t Rig::RunToTheEnd() const {
  Service service(Command());
  REQUIRE(service.WaitFor("READY=1"));
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  return Store::Open(StateDirectory())->Targets().at(0).ledger.pending;
}

void Rig::FinishAndCheck() {
  log_.Write(10);
  for (int run = 0; RunToTheEnd() > 0; ++run) REQUIRE(run < kMostRunsToTheEnd);
  tracker_.reset();
  (void)CheckLedger();
  const auto store = Store::Open(StateDirectory());
  counts_.AddParked(*store);
  const TargetLedger ledger = store->Targets().at(0).ledger;
  CHECK(store->IngestLedger()["lines_read"] == log_.lines());
  CHECK(ledger.tracked + ledger.parked == log_.lines());

  const HitCounts::Sums sums = counts_.Sum(log_.lines());
  CHECK(sums.lost == 0);
  CHECK(sums.strange == 0);
  CHECK(sums.copies <= most_copies_by_kills_ + (policy_ == Ambiguous::kResend ? sums.unanswered : 0));
  CHECK(sums.most <= 1 + kAmbiguousRetries);
}

}  // namespace hushlog::test
