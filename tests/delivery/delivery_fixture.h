// What tests of delivery share: a store with hits in it, a clock that does not wait, checks.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/delivery/deliverer.h"
#include "tests/support/scripted_tracker.h"
#include "tests/support/temp_dir.h"

namespace hushlog {

inline constexpr std::int64_t kTestNowS = 1795411800;
inline constexpr const char* kTestToken = "0123456789abcdef0123456789abcdef";

// Waiting takes no time, but moves the clock on.
class FakeClock : public Clock {
 public:
  std::int64_t NowMs() override;
  bool Wait(std::chrono::milliseconds time, const std::stop_token& stop) override;
  double Random() override { return 0.5; }
  std::vector<std::chrono::milliseconds> waits();

 private:
  std::mutex mutex_;
  std::int64_t now_ms_ = kTestNowS * 1000;
  std::vector<std::chrono::milliseconds> waits_;
};

// Hits are numbered from 0 in their parameter `n`.
class Spool {
 public:
  explicit Spool(const std::vector<std::string>& targets = {"main"});

  // `count` hits of `visitors` visitors in turn, a second apart, the last one `age_s` before now, in batches of
  // `batch_rows` a lane.
  void Fill(int count, int visitors = 40, std::int64_t age_s = 60, std::string_view address = "");
  // One hit, which starts a batch of its own.
  void AddHit(int visitor, std::int64_t age_s, std::string_view address);

  Store& store() { return *store_; }
  // As if the process had died.
  void Reopen();
  // Marks the next `rows` hits of a lane as on their way to a target.
  void MarkInFlight(const std::string& target, int lane, std::size_t rows);

  std::vector<TargetResult> Deliver(const std::vector<TargetConfig>& targets);
  TargetResult Deliver(const TargetConfig& target) { return Deliver(std::vector{target}).front(); }

  FakeClock clock;

 private:
  TempDir directory_;
  std::unique_ptr<Store> store_;
  int next_ = 0;
};

// `cid` of a visitor.
std::string CidOf(int visitor);
TargetConfig ConfigFor(const test::ScriptedTracker& tracker, const std::string& name = "main");
// Of a target that nobody listens for.
TargetConfig ConfigForNobody(const std::string& name = "main");
test::TrackerOptions TrackerOptionsOf(int site_id = 1);

// Checks that the ledger adds up.
void CheckLedger(const TargetLedger& ledger);
// How often each of the hits 0 to count-1 was recorded.
std::vector<int> TimesRecorded(const test::ScriptedTracker& tracker, int count);
void CheckEachOnce(const test::ScriptedTracker& tracker, int count);

}  // namespace hushlog
