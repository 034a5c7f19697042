// Delivery to trackers that work, and what is sent to them.
#include "src/delivery/deliverer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/delivery/delivery_fixture.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

TEST_CASE("everything is sent once, after a single hit has shown that the target is well") {
  Spool spool;
  spool.Fill(2000);
  const ScriptedTracker tracker(TrackerOptionsOf());
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kDrained);
  CHECK(result.message == "");
  CHECK(result.ledger.tracked == 2000);
  CHECK(result.ledger.pending == 0);
  CheckEachOnce(tracker, 2000);

  const auto requests = tracker.requests();
  CHECK(requests.front().rows.size() == 1);
  CHECK(requests.size() <= 1 + 4 * 3);
  for (const auto& request : requests) CHECK(request.rows.size() <= 200);
  CHECK(spool.clock.waits().empty());
}

TEST_CASE("a visitor's hits stay in order, whatever goes wrong in four lanes") {
  for (const std::string script : {"", "ok,503*2,ok,rolled-back,ok,429,503*2,ok*3,413,ok,503:1*2"}) {
    CAPTURE(script);
    Spool spool;
    spool.Fill(1000, 17);
    const ScriptedTracker tracker(TrackerOptionsOf(), script);
    TargetConfig config = ConfigFor(tracker);
    config.batch_rows = 20;
    CHECK(spool.Deliver(config).state == TargetState::kDrained);
    CheckEachOnce(tracker, 1000);
    std::map<std::string, int> last;
    for (const auto& row : tracker.recorded()) {
      const int number = std::stoi(row.at("n"));
      const auto [known, is_new] = last.try_emplace(row.at("cid"), -1);
      CHECK(known->second < number);
      known->second = number;
    }
    CHECK(last.size() == 17);
  }
}

TEST_CASE("one sender at a time is enough for all lanes") {
  Spool spool;
  spool.Fill(400);
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.lanes = 1;
  CHECK(spool.Deliver(config).state == TargetState::kDrained);
  CheckEachOnce(tracker, 400);
}

TEST_CASE("addresses go only where there is a token") {
  for (const bool with_token : {false, true}) {
    CAPTURE(with_token);
    Spool spool;
    spool.Fill(100, 40, 60, "192.0.2.0");
    const ScriptedTracker tracker(TrackerOptionsOf());
    TargetConfig config = ConfigFor(tracker);
    if (with_token) config.token_auth = kTestToken;
    CHECK(spool.Deliver(config).ledger.tracked == 100);
    for (const auto& row : tracker.recorded()) CHECK(row.contains("cip") == with_token);
    for (const auto& request : tracker.requests()) CHECK(request.has_token == with_token);
  }
}

TEST_CASE("hits older than a day go with a token") {
  Spool spool;
  spool.Fill(100, 40, 3 * 86400);
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = kTestToken;
  CHECK(spool.Deliver(config).ledger.tracked == 100);
  CheckEachOnce(tracker, 100);
}

TEST_CASE("hits older than a day, or nearly, are not sent without a token") {
  for (const std::int64_t age_s : {3 * 86400, 86400 + 1, 86400 - 300}) {
    CAPTURE(age_s);
    Spool spool;
    spool.Fill(100, 40, age_s);
    const ScriptedTracker tracker(TrackerOptionsOf());
    const TargetResult result = spool.Deliver(ConfigFor(tracker));
    CHECK(result.state == TargetState::kNeedsToken);
    CHECK(result.message.find("100 hits wait") != std::string::npos);
    CHECK(result.message.find("add one") != std::string::npos);
    CHECK(result.ledger.pending == 100);
    CHECK(tracker.requests().empty());
  }
}

TEST_CASE("fresh hits before an old one of the same lane go without a token") {
  Spool spool;
  for (int i = 0; i < 5; ++i) spool.AddHit(0, 60, "");
  spool.AddHit(0, 2 * 86400, "");
  const ScriptedTracker tracker(TrackerOptionsOf());
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kNeedsToken);
  CHECK(result.ledger.tracked == 5);
  CHECK(result.ledger.pending == 1);
}

TEST_CASE("a wrong token fails a single time") {
  Spool spool;
  spool.Fill(1000, 40, 60, "192.0.2.0");
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = "ffffffffffffffffffffffffffffffff";
  const TargetResult result = spool.Deliver(config);
  CHECK(result.state == TargetState::kRefused);
  CHECK(result.message.find("token") != std::string::npos);
  CHECK(result.message.find(config.token_auth) == std::string::npos);
  CHECK(result.ledger.pending == 1000);
  REQUIRE(tracker.requests().size() == 1);
  CHECK(tracker.requests()[0].rows.size() == 1);

  config.token_auth = kTestToken;
  CHECK(spool.Deliver(config).state == TargetState::kDrained);
  CheckEachOnce(tracker, 1000);
}

TEST_CASE("a wrong token is found out by one hit even if others do not need it") {
  Spool spool;
  for (int i = 0; i < 30; ++i) spool.AddHit(0, 60, i % 10 == 9 ? "192.0.2.0" : "");
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = "ffffffffffffffffffffffffffffffff";
  const TargetResult result = spool.Deliver(config);
  CHECK(result.state == TargetState::kRefused);
  CHECK(result.ledger.tracked == 9);
  CHECK(result.ledger.invalid == 0);
  CHECK(result.ledger.pending == 21);

  config.token_auth = kTestToken;
  CHECK(spool.Deliver(config).state == TargetState::kDrained);
  CheckEachOnce(tracker, 30);
}

TEST_CASE("an unknown site fails a single time") {
  Spool spool;
  spool.Fill(500);
  const ScriptedTracker tracker(TrackerOptionsOf(2));
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kRefused);
  CHECK(result.message.find("site") != std::string::npos);
  CHECK(result.ledger.pending == 500);
  CHECK(tracker.requests().size() == 1);
}

TEST_CASE("hits that Matomo refuses one by one are counted, and do not hold up the others") {
  Spool spool;
  spool.Fill(99, 3);
  HitBatch batch;
  batch.Add({(kTestNowS - 60) * 1000, "", R"("rec":"1","n":"99","cid":"short")"});
  batch.Add({(kTestNowS - 60) * 1000, "", R"("rec":"1","n":"100","cid":"0000000000000001")"});
  WriteTransaction write = spool.store().BeginWrite();
  write.Append(1, batch);
  write.Commit();
  const ScriptedTracker tracker(TrackerOptionsOf());
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kDrained);
  CHECK(result.ledger.tracked == 100);
  CHECK(result.ledger.invalid == 1);
}

TEST_CASE(
    "90: hits that are from the future for the target wait for its clock, or for the next run if that takes long") {
  for (const int behind_s : {0, 30, 300}) {
    CAPTURE(behind_s);
    Spool spool;
    spool.Fill(10, 1, 20);
    spool.AddHit(0, 0, "");
    test::TrackerOptions options = TrackerOptionsOf();
    options.now_s = [&] { return spool.clock.NowMs() / 1000 - behind_s; };
    const ScriptedTracker tracker(options);
    const TargetResult result = spool.Deliver(ConfigFor(tracker));
    // The answer to the first tells the time.
    for (const auto& row : tracker.recorded()) {
      if (row.at("n") != "0") CHECK(std::stoll(row.at("cdt")) <= spool.clock.NowMs() / 1000 - behind_s);
    }
    CHECK(result.state == (behind_s < 60 ? TargetState::kDrained : TargetState::kClockBehind));
    CHECK((result.message.find("clock is") != std::string::npos) == (behind_s > 60));
  }
}

// Tells the time of the tests' hits, but waits as long as it is told.
class WaitingClock : public FakeClock {
 public:
  bool Wait(std::chrono::milliseconds time, const std::stop_token& stop) override {
    return SystemClock().Wait(time, stop);
  }
};

TEST_CASE("a stop interrupts waiting and leaves the rest for the next run") {
  Spool spool;
  spool.Fill(1000, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,503:600");
  WaitingClock clock;
  const auto start = std::chrono::steady_clock::now();
  const auto results = Deliver(
      spool.store(), {ConfigFor(tracker)}, [&tracker] { return tracker.requests().size() == 2; }, clock);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
  CHECK(results[0].state == TargetState::kInterrupted);
  CHECK(results[0].ledger.tracked == 1);
  CHECK(results[0].ledger.pending == 999);

  CHECK(spool.Deliver(ConfigFor(tracker)).state == TargetState::kDrained);
  CheckEachOnce(tracker, 1000);
}

TEST_CASE("a bad URL is refused before anything is sent") {
  Spool spool({"a", "b"});
  spool.Fill(10);
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig bad = ConfigFor(tracker, "b");
  bad.url = "ftp://example.org";
  CHECK_THROWS_AS(spool.Deliver({ConfigFor(tracker, "a"), bad}), std::invalid_argument);
  CHECK(tracker.requests().empty());
}

}  // namespace
}  // namespace hushlog
