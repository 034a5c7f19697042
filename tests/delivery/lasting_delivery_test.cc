// Deliverers that go on until they are told to finish, as that of hushlog tail.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "tests/delivery/delivery_fixture.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;
using test::ScriptedTracker;

constexpr milliseconds kLong{60'000};

// Waiting takes no time until `end`, and then until the stop.
class EndingClock : public FakeClock {
 public:
  explicit EndingClock(std::chrono::seconds until_end) : end_ms_(NowMs() + milliseconds(until_end).count()) {}

  bool Wait(milliseconds time, const std::stop_token& stop) override {
    if (NowMs() < end_ms_) return FakeClock::Wait(time, stop);
    Reach();
    return SystemClock().Wait(kLong, stop);
  }
  void WaitForEnd() {
    std::unique_lock lock(mutex_);
    CHECK(reached_.wait_for(lock, kLong, [this] { return at_end_; }));
  }

 private:
  void Reach() {
    const std::lock_guard lock(mutex_);
    at_end_ = true;
    reached_.notify_all();
  }

  const std::int64_t end_ms_;
  std::mutex mutex_;
  std::condition_variable reached_;
  bool at_end_ = false;
};

// What was told; also waits for it.
class Told {
 public:
  std::function<void(const std::string&)> Listener() {
    return [this](const std::string& sentence) {
      const std::lock_guard lock(mutex_);
      sentences_.push_back(sentence);
      changed_.notify_all();
    };
  }
  std::vector<std::string> sentences() {
    const std::lock_guard lock(mutex_);
    return sentences_;
  }
  void WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    CHECK(changed_.wait_for(lock, kLong, [&] { return sentences_.size() >= count; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> sentences_;
};

TEST_CASE("hits that come later are delivered over the connection of the earlier ones") {
  Spool spool;
  spool.Fill(10, 1);
  const ScriptedTracker tracker(TrackerOptionsOf());
  Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, {}, spool.clock);
  spool.Fill(10, 1);
  deliverer.Wake();
  CHECK(deliverer.Finish(kLong));
  CheckEachOnce(tracker, 20);
  for (const auto& request : tracker.requests()) CHECK(request.connection == 0);
}

TEST_CASE("a finish without trouble delivers everything that waits") {
  Spool spool;
  spool.Fill(5000);
  const ScriptedTracker tracker(TrackerOptionsOf());
  Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, {}, spool.clock);
  CHECK(deliverer.Finish(kLong));
  CheckEachOnce(tracker, 5000);
}

TEST_CASE("83: a target that goes down is told once, asked without hits, and gets everything once when it is back") {
  Spool spool;
  spool.Fill(1000, 1);
  ScriptedTracker tracker(TrackerOptionsOf(), "ok,503*12");
  Told told;
  Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, told.Listener(), spool.clock);
  told.WaitFor(2);
  CHECK(deliverer.Finish(kLong));
  CheckEachOnce(tracker, 1000);
  REQUIRE(told.sentences().size() == 2);
  CHECK(told.sentences()[0].starts_with("the target 'main' waits: "));
  CHECK(told.sentences()[1] == "the target 'main' takes hits again");
  CHECK(spool.store().Targets()[0].trouble.empty());
  std::size_t sent_in_vain = 0;
  for (const auto& request : tracker.requests()) {
    if (request.status == 503 && request.rows[0].at("rec") == "1") ++sent_in_vain;
  }
  CHECK(sent_in_vain == 1);
}

TEST_CASE("a target that is down ends at once when it is to finish, and its hits wait for the next start") {
  Spool spool;
  spool.Fill(100);
  TargetConfig config = ConfigForNobody();
  EndingClock clock(std::chrono::seconds(600));
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, {}, clock);
  clock.WaitForEnd();
  CHECK(deliverer.Conditions()[0].state == TargetState::kUnreachable);
  CHECK(deliverer.Finish(kLong));
  CHECK(spool.store().LedgerOf(1).pending == 100);
  CHECK(spool.store().Targets()[0].trouble.find("no connection") != std::string::npos);
}

TEST_CASE("66: a wrong token is tried less than 20 times in an hour, after which Matomo would lock the machine out") {
  Spool spool;
  spool.Fill(100, 40, 60, "192.0.2.0");
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = "ffffffffffffffffffffffffffffffff";
  EndingClock clock(std::chrono::hours(1));
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, {}, clock);
  clock.WaitForEnd();
  CHECK(deliverer.Finish(kLong));
  CHECK(tracker.requests().size() >= 5);
  CHECK(tracker.requests().size() < 20);
  CHECK(spool.store().LedgerOf(1).pending == 100);
}

TEST_CASE("66: a token that was changed is used at once, and nothing is lost") {
  Spool spool;
  spool.Fill(100, 40, 60, "192.0.2.0");
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = "ffffffffffffffffffffffffffffffff";
  std::atomic<bool> changed = false;
  config.new_token = [&changed]() -> std::optional<std::string> {
    return changed.exchange(false) ? std::optional<std::string>(kTestToken) : std::nullopt;
  };
  Told told;
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, told.Listener());
  told.WaitFor(1);
  changed = true;
  told.WaitFor(2);
  CHECK(deliverer.Finish(kLong));
  CheckEachOnce(tracker, 100);
}

TEST_CASE("66: a token that was changed before the old one is refused needs no refusal") {
  Spool spool;
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = "ffffffffffffffffffffffffffffffff";
  config.new_token = []() -> std::optional<std::string> { return kTestToken; };
  spool.Fill(100, 40, 60, "192.0.2.0");
  Deliverer deliverer(spool.store(), {config}, Until::kFinished);
  CHECK(deliverer.Finish(kLong));
  CheckEachOnce(tracker, 100);
  for (const auto& request : tracker.requests()) CHECK(request.body.find("ffffffff") == std::string::npos);
}

TEST_CASE("58: what has waited longer than the limit is given up while the target is down, and that is told") {
  Spool spool;
  spool.Fill(100);
  TargetConfig config = ConfigForNobody();
  spool.store().database().Execute("UPDATE batch SET stored_ms=1000");
  Told told;
  EndingClock clock(std::chrono::seconds(1));
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, told.Listener(), clock);
  clock.WaitForEnd();  // nothing is in flight
  while (told.sentences().empty()) deliverer.Check();
  CHECK(deliverer.Finish(kLong));
  CHECK(spool.store().LedgerOf(1).dead == 100);
  CHECK(spool.store().LedgerOf(1).pending == 0);
  CHECK(told.sentences().back().find("oldest 100") != std::string::npos);
}

TEST_CASE("82: a target that is down for days does not hold up another") {
  Spool spool({"down", "up"});
  spool.Fill(1000);
  const ScriptedTracker up(TrackerOptionsOf());
  const TargetConfig down = ConfigForNobody("down");
  TargetConfig working = ConfigFor(up, "up");
  working.token_auth = kTestToken;
  EndingClock clock(std::chrono::hours(72));
  Deliverer deliverer(spool.store(), {down, working}, Until::kFinished, {}, clock);
  clock.WaitForEnd();
  spool.Fill(100);
  deliverer.Wake();
  CHECK(deliverer.Finish(kLong));
  CHECK(spool.store().Targets()[0].ledger.pending == 1100);
  CHECK(spool.store().Targets()[1].ledger.tracked == 1100);
}

TEST_CASE("86: a proxy is used if it is configured") {
  Spool spool;
  spool.Fill(10);
  const ScriptedTracker proxy(TrackerOptionsOf());
  TargetConfig config = ConfigFor(proxy);
  config.proxy = proxy.url().substr(0, proxy.url().rfind('/'));
  config.url = "http://matomo.invalid/matomo.php";
  CHECK(spool.Deliver(config).state == TargetState::kDrained);
  CHECK(proxy.requests().back().headers.starts_with("POST http://matomo.invalid/matomo.php HTTP/1.1"));
}

TEST_CASE("90: a target whose clock was far behind once gets its hits when the clock is right") {
  Spool spool;
  spool.Fill(100, 1, 60);
  std::atomic<int> answers = 0;
  test::TrackerOptions options = TrackerOptionsOf();
  options.now_s = [&] { return spool.clock.NowMs() / 1000 - (answers++ == 0 ? 86'400'000 : 0); };
  options.token = kTestToken;
  const ScriptedTracker tracker(options);
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = kTestToken;
  Told told;
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, told.Listener(), spool.clock);
  while (spool.store().LedgerOf(1).pending > 0) std::this_thread::yield();
  CHECK(deliverer.Finish(kLong));
  CHECK(told.sentences()[0].find("clock") != std::string::npos);
  CheckEachOnce(tracker, 100);
}

TEST_CASE("a single hit that Matomo refuses does not keep others waiting, and is parked") {
  Spool spool;
  spool.Fill(20, 1);
  HitBatch batch;
  batch.Add({(kTestNowS - 60) * 1000, "", R"("rec":"1","n":"20","cid":"short")"});
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.batch_rows = 1;
  EndingClock clock(std::chrono::seconds(1));
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, {}, clock);
  while (spool.store().LedgerOf(1).pending > 0) std::this_thread::yield();
  {
    WriteTransaction write = spool.store().BeginWrite();
    write.Append(0, batch);
    write.Commit();
  }
  spool.Fill(20, 1);
  deliverer.Wake();
  CHECK(deliverer.Finish(kLong));
  CHECK(spool.store().LedgerOf(1).tracked == 40);
  CHECK(spool.store().LedgerOf(1).parked == 1);
}

TEST_CASE("hits that are too old for a target without a token are parked, and do not keep fresh ones waiting") {
  Spool spool;
  spool.Fill(10, 1, 2 * 86400);
  spool.Fill(10, 1, 60);
  const ScriptedTracker tracker(TrackerOptionsOf());
  Told told;
  Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, told.Listener(), spool.clock);
  CHECK(deliverer.Finish(kLong));
  CHECK(spool.store().LedgerOf(1).tracked == 10);
  CHECK(spool.store().LedgerOf(1).parked == 10);
  CHECK(told.sentences()[0].find("parked") != std::string::npos);
}

TEST_CASE("requests grow again after a time in which they were too large") {
  Spool spool;
  spool.Fill(4000, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,413*6");
  Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, {}, spool.clock);
  CHECK(deliverer.Finish(kLong));
  CheckEachOnce(tracker, 4000);
  std::size_t least = 200;
  for (const auto& request : tracker.requests()) {
    if (request.status == 200 && request.rows.size() > 1) least = std::min(least, request.rows.size());
  }
  CHECK(tracker.requests()[tracker.requests().size() - 2].rows.size() > 2 * least);
}

TEST_CASE("a request whose answer is not waited for at the end is treated as one with a lost answer") {
  Spool spool;
  spool.Fill(100, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,slow:3000");
  {
    Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, {}, spool.clock);
    REQUIRE(tracker.WaitForRequests(2));
    CHECK_FALSE(deliverer.Finish(milliseconds(0)));
    CHECK(spool.store().Read(1, 0, 1, 1 << 20)->attempts == 2);  // more than on_ambiguous = "park" allows
  }
}

TEST_CASE("a target that answers again after a lost answer is well, also if nothing is left to send") {
  Spool spool;
  spool.Fill(10, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,504");
  Told told;
  Deliverer deliverer(spool.store(), {ConfigFor(tracker)}, Until::kFinished, told.Listener(), spool.clock);
  const auto is_well = [&] { return deliverer.Conditions()[0].state == TargetState::kDrained; };
  REQUIRE(tracker.WaitForRequests(3));  // asks whether it works
  while (!is_well()) std::this_thread::yield();
  CHECK(deliverer.Finish(kLong));
  CHECK(told.sentences()[0].find("parked") != std::string::npos);
  CHECK(spool.store().LedgerOf(1).parked == 9);
}

TEST_CASE("trouble shows in the condition of a target before it is told") {
  Spool spool;
  spool.Fill(100);
  TargetConfig config = ConfigForNobody();
  config.max_attempts = 1000;
  EndingClock clock(std::chrono::seconds(1));
  Told told;
  Deliverer deliverer(spool.store(), {config}, Until::kFinished, told.Listener(), clock);
  clock.WaitForEnd();
  CHECK(deliverer.Conditions()[0].state == TargetState::kUnreachable);
  CHECK(told.sentences().empty());
  CHECK(deliverer.Finish(kLong));
}

}  // namespace
}  // namespace hushlog
