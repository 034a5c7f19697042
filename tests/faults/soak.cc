// soak [SECONDS], 600 by default: hushlog tail follows a log of 20,000 lines a second, which is rotated every 5 seconds
// in one way after the other, and delivers to a tracker that is down every now and then and loses answers. In the end
// no line may be lost, no more hits be recorded twice than answers were lost, the ledger must add up, and memory and
// descriptors must not have grown.
#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "src/spool/store.h"
#include "tests/cli/service.h"
#include "tests/faults/hit_counts.h"
#include "tests/faults/numbered_log.h"
#include "tests/faults/process_sample.h"
#include "tests/support/scripted_tracker.h"
#include "tests/support/temp_dir.h"

namespace hushlog::test {
namespace {

using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr int kLinesPerSecond = 20'000;
constexpr int kVisitors = 2'000;  // a second of the log's time is a tenth of a real one
constexpr seconds kRotation{5};
constexpr int kKeptFiles = 24;  // two minutes
constexpr seconds kFlap{6}, kDown{1};
// A file that was rotated away is held for a minute: before that there is nothing to be seen.
constexpr seconds kWarmUp{70};
constexpr seconds kShortest = kWarmUp + seconds(40);
constexpr seconds kProgress{10};
constexpr int kAmbiguousRetries = 1;
constexpr int kMostRunsToDrain = 5;
constexpr const char* kLostAnswers = "ok*3,502-committed,ok*4,close-committed,ok*2,504";

class Soak {
 public:
  explicit Soak(seconds duration);
  bool Run();

 private:
  void WriteConfig() const;
  void Tick(SteadyClock::duration elapsed);
  void Sample(SteadyClock::duration elapsed);
  void Start();
  void StopAndDrain();
  std::int64_t Pending() const;
  bool Judge();
  bool Expect(bool good, const std::string& sentence);
  bool ExpectFlat(const char* name, std::int64_t ProcessSample::*quantity, double rank);

  const seconds duration_;
  TempDir directory_;
  HitCounts counts_;
  ScriptedTracker tracker_;
  NumberedLog log_;
  std::vector<ProcessSample> samples_;  // after the warm-up
  std::unique_ptr<Service> service_;
  std::int64_t rotations_ = 0, flaps_ = 0, sampled_ = 0;
  bool down_ = false;
};

TrackerOptions OptionsWith(HitCounts& counts) {
  TrackerOptions options;
  options.on_recorded = [&counts](const auto& rows, bool answered) { counts.Add(rows, answered); };
  return options;
}

Soak::Soak(seconds duration)
    : duration_(duration),
      counts_(kVisitors, BeginOfNumberedLogs()),
      tracker_(OptionsWith(counts_)),
      log_(directory_ / "access.log", kVisitors, counts_.begin()) {
  WriteConfig();
}

void Soak::WriteConfig() const {
  directory_.Write(
      "config",
      fmt::format("state_dir = \"{}\"\n[status]\nlisten = \"off\"\n[tail]\nstop_timeout_s = 300\n"
                  "[[source]]\nname = \"matomo\"\npaths = [\"{}\"]\nformat = \"combined\"\nstart = \"beginning\"\n"
                  "[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nretry_delay_ms = "
                  "20\nmax_attempts = 1000\n"
                  "request_timeout_s = 5\non_ambiguous = \"resend\"\nambiguous_retries = {}\n",
                  directory_ / "state", directory_ / "access.log", tracker_.url(), kAmbiguousRetries));
}

// What is to be done by now.
void Soak::Tick(SteadyClock::duration elapsed) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  log_.Write(milliseconds * kLinesPerSecond / 1000 - log_.lines());
  if (elapsed / kRotation > rotations_) log_.Rotate(static_cast<Rotation>(rotations_++ % 3), kKeptFiles);
  if (elapsed / kFlap > flaps_) {
    ++flaps_;
    tracker_.AppendScript(kLostAnswers);
  }
  const bool down = elapsed % kFlap > kFlap - kDown;
  if (down != down_) tracker_.SetDown(down_ = down);
}

void Soak::Sample(SteadyClock::duration elapsed) {
  if (elapsed / seconds(1) < sampled_) return;
  ++sampled_;
  const ProcessSample sample = SampleProcess(service_->process());
  if (elapsed >= kWarmUp) samples_.push_back(sample);
  if (sampled_ % kProgress.count() != 0) return;
  fmt::print(stderr, "{:4} s: {} lines, {} recorded, {} kB resident, {} descriptors\n", sampled_, log_.lines(),
             counts_.Sum(log_.lines()).recorded, sample.resident_kb, sample.descriptors);
}

bool Soak::Run() {
  log_.Write(1);
  Start();
  const auto begin = SteadyClock::now();
  for (auto elapsed = SteadyClock::duration(0); elapsed < duration_; elapsed = SteadyClock::now() - begin) {
    Tick(elapsed);
    Sample(elapsed);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the writer's pace
  }
  StopAndDrain();
  return Judge();
}

void Soak::Start() {
  service_ = std::make_unique<Service>(std::vector<std::string>{"tail", "--config", directory_ / "config"});
  if (!service_->WaitFor("READY=1")) throw std::runtime_error("hushlog does not start");
}

std::int64_t Soak::Pending() const { return Store::Open(directory_ / "state")->Targets().at(0).ledger.pending; }

// A target that is down when hushlog is to stop gets the rest the next time.
void Soak::StopAndDrain() {
  tracker_.SetDown(false);
  for (int run = 0;; ++run) {
    const Outcome outcome = service_->Stop(SIGTERM);
    if (outcome.status != 0)
      throw std::runtime_error(fmt::format("exit status {}: {}", outcome.status, outcome.errors));
    if (Pending() == 0 || run == kMostRunsToDrain) return;
    Start();
  }
}

bool Soak::Expect(bool good, const std::string& sentence) {
  fmt::print("{} {}\n", good ? "ok    " : "FAILED", sentence);
  return good;
}

bool Soak::ExpectFlat(const char* name, std::int64_t ProcessSample::*quantity, double rank) {
  const Trend trend = TrendOf(samples_, quantity, rank);
  return Expect(trend.flat(), fmt::format("{}: {} in the last quarter, {} in the first", name, trend.last_quarter,
                                          trend.first_quarter));
}

bool Soak::Judge() {
  const auto store = Store::Open(directory_ / "state");
  const TargetLedger ledger = store->Targets().at(0).ledger;
  counts_.AddParked(*store);
  const HitCounts::Sums sums = counts_.Sum(log_.lines());
  const std::int64_t read = store->IngestLedger()["lines_read"];
  bool good = Expect(read == log_.lines(), fmt::format("{} lines written, {} read", log_.lines(), read));
  good &= Expect(sums.lost == 0 && sums.strange == 0,
                 fmt::format("{} lines lost, {} hits of no line", sums.lost, sums.strange));
  good &= Expect(sums.copies <= sums.unanswered && sums.most <= 1 + kAmbiguousRetries,
                 fmt::format("{} copies, none more than {} times; {} hits recorded without an answer", sums.copies,
                             sums.most, sums.unanswered));
  good &= Expect(ledger.tracked + ledger.parked == ledger.hits && ledger.hits == log_.lines(),
                 fmt::format("ledger: {} hits, {} tracked, {} parked, {} dead, {} pending", ledger.hits, ledger.tracked,
                             ledger.parked, ledger.dead, ledger.pending));
  good &= ExpectFlat("resident memory, kB, median", &ProcessSample::resident_kb, 0.5);
  // Connections come and go: when there is none, nothing else may be left.
  good &= ExpectFlat("descriptors, fewest", &ProcessSample::descriptors, 0.0);
  return good;
}

}  // namespace
}  // namespace hushlog::test

int main(int argc, char** argv) {
  const long seconds = argc > 1 ? std::atol(argv[1]) : 600;
  if (argc > 2 || seconds < hushlog::test::kShortest.count()) {
    fmt::print(stderr, "usage: soak [SECONDS], at least {}\n", hushlog::test::kShortest.count());
    return 2;
  }
  try {
    return hushlog::test::Soak(std::chrono::seconds(seconds)).Run() ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "soak: {}\n", error.what());
    return 1;
  }
}
