// Nothing is lost and nothing is sent twice, whatever the tracker does.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "tests/delivery/delivery_fixture.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

int Sum(const std::vector<int>& counts) { return std::accumulate(counts.begin(), counts.end(), 0); }
int Max(const std::vector<int>& counts) { return *std::max_element(counts.begin(), counts.end()); }

bool IsHealthCheck(const ScriptedTracker::Request& request) {
  return request.rows.size() == 1 && request.rows[0].at("rec") == "0";
}

TEST_CASE("an answer that is no acknowledgement stops the target, and a later run sends everything once") {
  const struct {
    std::string answer;
    std::string says;
  } rows[] = {
      {"zero", "record_statistics"},
      {"html", "web page"},
      {"gif", "image"},
      {"empty", "nothing"},
      {"204", "204"},
      {"redirect", "redirects"},
      {"400", "400"},
      {"401", "401"},
      {"403", "403"},
      {"404", "404"},
      {"405", "405"},
      {"huge-body", "large"},
  };
  for (const auto& row : rows) {
    for (const std::string before : {"", "ok,"}) {
      CAPTURE(row.answer);
      CAPTURE(before);
      Spool spool;
      spool.Fill(300, 1);  // one lane, so that no other answer is on its way
      const ScriptedTracker tracker(TrackerOptionsOf(), before + row.answer);
      const TargetResult stopped = spool.Deliver(ConfigFor(tracker));
      CHECK(stopped.state == TargetState::kRefused);
      CHECK(stopped.message.find(row.says) != std::string::npos);
      CHECK(stopped.ledger.pending == (before.empty() ? 300 : 299));
      CHECK(tracker.requests().size() == (before.empty() ? 1 : 2));
      CHECK(spool.store().Targets()[0].trouble == stopped.message);

      CHECK(spool.Deliver(ConfigFor(tracker)).state == TargetState::kDrained);
      CheckEachOnce(tracker, 300);
      CHECK(spool.store().Targets()[0].trouble == "");
    }
  }
}

TEST_CASE("requests that were not processed or rolled back are sent again, and recorded once") {
  for (const std::string answer : {"rolled-back", "down", "503", "429:7", "408", "413", "down*3", "503*4"}) {
    for (const std::string before : {"", "ok,", "ok*3,"}) {
      CAPTURE(answer);
      CAPTURE(before);
      Spool spool;
      spool.Fill(900);
      const ScriptedTracker tracker(TrackerOptionsOf(), before + answer);
      const TargetResult result = spool.Deliver(ConfigFor(tracker));
      CHECK(result.state == TargetState::kDrained);
      CHECK(result.ledger.tracked == 900);
      CheckEachOnce(tracker, 900);
    }
  }
}

TEST_CASE("Retry-After is waited for") {
  Spool spool;
  spool.Fill(10);
  const ScriptedTracker tracker(TrackerOptionsOf(), "503:120");
  CHECK(spool.Deliver(ConfigFor(tracker)).state == TargetState::kDrained);
  REQUIRE(spool.clock.waits().size() == 1);
  CHECK(spool.clock.waits()[0] >= std::chrono::seconds(120));
  CHECK(spool.clock.waits()[0] <= std::chrono::seconds(121));
}

TEST_CASE("a lost answer parks its hits, which were sent once") {
  for (const std::string answer : {"504-committed", "502", "close-committed", "500-committed", "truncated-committed",
                                   "uncounted-committed", "504"}) {
    CAPTURE(answer);
    Spool spool;
    spool.Fill(500, 1);
    const ScriptedTracker tracker(TrackerOptionsOf(), "ok," + answer);
    const TargetResult result = spool.Deliver(ConfigFor(tracker));
    CHECK(result.state == TargetState::kDrained);
    CHECK(result.ledger.parked == 200);
    CHECK(result.ledger.tracked == 300);
    CHECK(result.message.find("200 hits are parked") != std::string::npos);
    const auto times = TimesRecorded(tracker, 500);
    CHECK(Max(times) == 1);
    CHECK(Sum(times) == (answer.ends_with("-committed") ? 500 : 300));
  }
}

TEST_CASE("after a lost answer the tracker is asked with a health check, then a single hit, then smaller batches") {
  Spool spool;
  spool.Fill(2000, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,504-committed");
  CHECK(spool.Deliver(ConfigFor(tracker)).state == TargetState::kDrained);
  std::vector<std::size_t> sizes;
  for (const auto& request : tracker.requests()) sizes.push_back(IsHealthCheck(request) ? 0 : request.rows.size());
  REQUIRE(sizes.size() > 6);
  CHECK(std::vector(sizes.begin(), sizes.begin() + 4) == std::vector<std::size_t>{1, 200, 0, 1});
  CHECK(sizes[4] > 50);
  CHECK(sizes[4] <= 130);
  CHECK(sizes[5] > sizes[4]);
  CHECK(*std::max_element(sizes.begin() + 4, sizes.end()) == 200);
}

TEST_CASE("a tracker that answers nothing any more costs one batch a lane, not all of them") {
  Spool spool;
  spool.Fill(4000);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,502*1000");
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kUnreachable);
  CHECK(result.message.find("502") != std::string::npos);
  CHECK(result.ledger.parked <= 4 * 200);
  CHECK(result.ledger.pending >= 4000 - 1 - 4 * 200);
}

TEST_CASE("resend sends again as often as allowed, then parks") {
  Spool spool;
  spool.Fill(500, 1);
  // The third answer is for the health check.
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,504-committed,ok,504-committed");
  TargetConfig config = ConfigFor(tracker);
  config.on_ambiguous = OnAmbiguous::kResend;
  const TargetResult result = spool.Deliver(config);
  CHECK(result.state == TargetState::kDrained);
  const auto times = TimesRecorded(tracker, 500);
  CHECK(Max(times) == 2);
  CHECK(*std::min_element(times.begin(), times.end()) == 1);
  CHECK(std::count(times.begin(), times.end(), 2) <= 200);
}

TEST_CASE("resend does not repeat for ever") {
  Spool spool;
  spool.Fill(20, 1);
  std::string script = "ok";
  for (int i = 0; i < 200; ++i) script += ",504-committed,ok";
  const ScriptedTracker tracker(TrackerOptionsOf(), script);
  TargetConfig config = ConfigFor(tracker);
  config.on_ambiguous = OnAmbiguous::kResend;
  config.ambiguous_retries = 2;
  config.max_attempts = 1000;
  CHECK(spool.Deliver(config).ledger.pending == 0);
  CHECK(Max(TimesRecorded(tracker, 20)) == 3);
}

TEST_CASE("drop counts a lost answer as unaccounted") {
  Spool spool;
  spool.Fill(500, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,504-committed");
  TargetConfig config = ConfigFor(tracker);
  config.on_ambiguous = OnAmbiguous::kDrop;
  const TargetResult result = spool.Deliver(config);
  CHECK(result.state == TargetState::kDrained);
  CHECK(result.ledger.unaccounted == 200);
  CHECK(result.ledger.tracked == 300);
  CheckEachOnce(tracker, 500);
}

TEST_CASE("what was in flight when the process died is sent once more, or dropped") {
  for (const OnAmbiguous policy : {OnAmbiguous::kPark, OnAmbiguous::kResend, OnAmbiguous::kDrop}) {
    CAPTURE(static_cast<int>(policy));
    Spool spool;
    spool.Fill(300, 1);
    spool.MarkInFlight("main", LaneOf(0), 100);
    spool.Reopen();
    const ScriptedTracker tracker(TrackerOptionsOf());
    TargetConfig config = ConfigFor(tracker);
    config.on_ambiguous = policy;
    const TargetResult result = spool.Deliver(config);
    CHECK(result.state == TargetState::kDrained);
    const bool drop = policy == OnAmbiguous::kDrop;
    CHECK(result.ledger.tracked == (drop ? 200 : 300));
    CHECK(result.ledger.unaccounted == (drop ? 100 : 0));
    CHECK(Sum(TimesRecorded(tracker, 300)) == (drop ? 200 : 300));
  }
}

TEST_CASE("what was in flight in two crashes is not sent a third time") {
  Spool spool;
  spool.Fill(300, 1);
  for (int crash = 0; crash < 2; ++crash) {
    spool.MarkInFlight("main", LaneOf(0), 100);
    spool.Reopen();
  }
  const ScriptedTracker tracker(TrackerOptionsOf());
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.ledger.parked == 100);
  CHECK(result.ledger.tracked == 200);
}

TEST_CASE("the one hit that makes the tracker fail is found and buried") {
  for (const int poison : {0, 1, 137, 250, 499}) {
    CAPTURE(poison);
    Spool spool;
    spool.Fill(500, 500);
    test::TrackerOptions options = TrackerOptionsOf();
    options.poison = {CidOf(poison)};
    const ScriptedTracker tracker(options);
    TargetConfig config = ConfigFor(tracker);
    config.batch_rows = 500;
    const TargetResult result = spool.Deliver(config);
    CHECK(result.state == TargetState::kDrained);
    CHECK(result.ledger.dead == 1);
    CHECK(result.ledger.tracked == 499);
    const auto times = TimesRecorded(tracker, 500);
    CHECK(times[static_cast<std::size_t>(poison)] == 0);
    CHECK(Sum(times) == 499);
    CHECK(Max(times) == 1);

    const auto requests = tracker.requests();
    const auto checks = std::count_if(requests.begin(), requests.end(), IsHealthCheck);
    CHECK(checks >= 2);
    CHECK(requests.size() < 40);
  }
}

TEST_CASE("many hits that make the tracker fail, among good ones, are all found") {
  Spool spool;
  spool.Fill(400, 400);
  test::TrackerOptions options = TrackerOptionsOf();
  for (int i = 10; i < 400; i += 40) options.poison.push_back(CidOf(i));
  const ScriptedTracker tracker(options);
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kDrained);
  CHECK(result.ledger.dead == 10);
  CHECK(result.ledger.tracked == 390);
}

TEST_CASE("a tracker that fails with every hit, but not with the health check, is given up before many are buried") {
  Spool spool;
  spool.Fill(400, 400);
  test::TrackerOptions options = TrackerOptionsOf();
  for (int i = 0; i < 400; ++i) options.poison.push_back(CidOf(i));
  const ScriptedTracker tracker(options);
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kUnreachable);
  CHECK(result.message.find("written to") != std::string::npos);
  CHECK(result.ledger.dead <= 3);
  CHECK(result.ledger.pending >= 397);
}

TEST_CASE("a tracker whose database is down gets nothing buried, and everything once when it is back") {
  Spool spool;
  spool.Fill(800);
  ScriptedTracker tracker(TrackerOptionsOf());
  tracker.SetDown(true);
  TargetConfig config = ConfigFor(tracker);
  const TargetResult down = spool.Deliver(config);
  CHECK(down.state == TargetState::kUnreachable);
  CHECK(down.message.find("database") != std::string::npos);
  CHECK(down.ledger.pending == 800);
  CHECK(down.ledger.dead == 0);
  CHECK(tracker.requests().size() <= 1 + static_cast<std::size_t>(config.max_attempts));

  tracker.SetDown(false);
  CHECK(spool.Deliver(config).state == TargetState::kDrained);
  CheckEachOnce(tracker, 800);
}

TEST_CASE("nobody listens: the target is given up after the attempts, with growing pauses") {
  Spool spool;
  spool.Fill(100);
  TargetConfig config = ConfigForNobody();
  const TargetResult result = spool.Deliver(config);
  CHECK(result.state == TargetState::kUnreachable);
  CHECK(result.message.find("no connection") != std::string::npos);
  CHECK(result.ledger.pending == 100);
  using std::chrono::milliseconds;
  CHECK(spool.clock.waits() == std::vector<milliseconds>{milliseconds(500), milliseconds(1000), milliseconds(2000),
                                                         milliseconds(4000), milliseconds(8000)});
}

TEST_CASE("a target that is down does not hold up another") {
  Spool spool({"down", "up"});
  spool.Fill(1000);
  const ScriptedTracker down(TrackerOptionsOf(), "503*1000");
  const ScriptedTracker up(TrackerOptionsOf());
  const auto results = spool.Deliver({ConfigFor(down, "down"), ConfigFor(up, "up")});
  CHECK(results[0].name == "down");
  CHECK(results[0].state == TargetState::kUnreachable);
  CHECK(results[0].ledger.pending == 1000);
  CHECK(results[1].state == TargetState::kDrained);
  CHECK(results[1].ledger.tracked == 1000);
  CheckEachOnce(up, 1000);
}

TEST_CASE("a body that is too large is halved until it fits") {
  Spool spool;
  spool.Fill(1000, 1);
  test::TrackerOptions options = TrackerOptionsOf();
  options.max_body = 4000;
  const ScriptedTracker tracker(options);
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kDrained);
  CheckEachOnce(tracker, 1000);
  const auto requests = tracker.requests();
  CHECK(std::count_if(requests.begin(), requests.end(), [](const auto& r) { return r.status == 413; }) <= 4);
}

TEST_CASE("a single hit that is too large is buried") {
  Spool spool;
  spool.Fill(20, 1);
  HitBatch batch;
  const std::string large = R"("rec":"1","n":"20","x":")" + std::string(5000, 'x') + "\"";
  batch.Add({(kTestNowS - 60) * 1000, "", large});
  WriteTransaction write = spool.store().BeginWrite();
  write.Append(0, batch);
  write.Commit();
  test::TrackerOptions options = TrackerOptionsOf();
  options.max_body = 4000;
  const ScriptedTracker tracker(options);
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kDrained);
  CHECK(result.ledger.dead == 1);
  CHECK(result.ledger.tracked == 20);
}

TEST_CASE("a kept connection that is closed under a request does not double its hits") {
  Spool spool;
  spool.Fill(1000, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,ok,close-committed,ok,ok,close");
  const TargetResult result = spool.Deliver(ConfigFor(tracker));
  CHECK(result.state == TargetState::kDrained);
  CHECK(Max(TimesRecorded(tracker, 1000)) == 1);
  CHECK(result.ledger.parked > 0);
}

TEST_CASE("parked hits that are released are delivered") {
  Spool spool;
  spool.Fill(500, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,504");
  CHECK(spool.Deliver(ConfigFor(tracker)).ledger.parked == 200);
  CHECK(spool.store().ReleaseParked(spool.store().AddTarget("main"), true) == 200);
  CHECK(spool.Deliver(ConfigFor(tracker)).ledger.tracked == 500);
  CheckEachOnce(tracker, 500);
}

}  // namespace
}  // namespace hushlog
