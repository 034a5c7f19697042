// Copies of what is sent.
#include "src/spool/sent_copies.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/delivery/bulk_body.h"
#include "tests/delivery/delivery_fixture.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

std::vector<std::string> CopiesOf(Spool& spool, const std::string& target = "main") {
  std::vector<std::string> copies;
  const auto chains = WalkSentCopies(spool.store(), [&](const SentChain& chain, const SentCopy& copy) {
    if (chain.target_name == target) copies.emplace_back(copy.body);
    return true;
  });
  for (const SentChain& chain : chains) CHECK(chain.broken_at == 0);
  std::ranges::sort(copies);
  return copies;
}

std::vector<std::string> SentTo(const ScriptedTracker& tracker) {
  std::vector<std::string> bodies;
  for (const auto& request : tracker.requests()) bodies.push_back(WithoutToken(request.body));
  std::ranges::sort(bodies);
  return bodies;
}

TargetConfig Keeping(const ScriptedTracker& tracker, int hours, const std::string& name = "main") {
  TargetConfig config = ConfigFor(tracker, name);
  config.token_auth = kTestToken;
  config.keep_sent = std::chrono::hours(hours);
  return config;
}

TEST_CASE("there is a copy of every request, of repeated ones and those that ask for health, too, without its token") {
  Spool spool;
  spool.Fill(600, 40, 60, "192.0.0.0");
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,503,ok,rolled-back*2,504");
  spool.Deliver(Keeping(tracker, 24));
  CHECK(tracker.requests().size() > 6);
  const auto copies = CopiesOf(spool);
  CHECK(copies == SentTo(tracker));
  for (const std::string& copy : copies) CHECK(copy.find(kTestToken) == std::string::npos);
}

TEST_CASE("there is a copy of what was on its way when the answer was lost") {
  Spool spool;
  spool.Fill(10, 1);
  const ScriptedTracker tracker(TrackerOptionsOf(), "close");
  spool.Deliver(Keeping(tracker, 24));
  CHECK(CopiesOf(spool) == SentTo(tracker));
}

TEST_CASE("only targets that ask for it have copies") {
  Spool spool({"with", "without"});
  spool.Fill(10);
  const ScriptedTracker with(TrackerOptionsOf()), without(TrackerOptionsOf());
  spool.Deliver({Keeping(with, 24, "with"), ConfigFor(without, "without")});
  CHECK(CopiesOf(spool, "with").size() == with.requests().size());
  CHECK(CopiesOf(spool, "without").empty());
}

TEST_CASE("a delivery deletes copies that are old enough, also those for targets that are not configured any more") {
  Spool spool({"main", "gone"});
  spool.Fill(10);
  const ScriptedTracker tracker(TrackerOptionsOf());
  spool.Deliver({Keeping(tracker, 2), Keeping(tracker, 1, "gone")});
  REQUIRE(!CopiesOf(spool).empty());
  REQUIRE(!CopiesOf(spool, "gone").empty());
  (void)spool.clock.Wait(std::chrono::minutes(90), {});
  spool.Deliver(Keeping(tracker, 2));
  CHECK(!CopiesOf(spool).empty());
  CHECK(CopiesOf(spool, "gone").empty());
  spool.Deliver(Keeping(tracker, 0));
  CHECK(CopiesOf(spool).empty());
}

}  // namespace
}  // namespace hushlog
