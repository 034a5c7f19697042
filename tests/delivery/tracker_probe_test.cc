#include "src/delivery/tracker_probe.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/delivery/delivery_fixture.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;
using test::TrackerOptions;
using Grade = ProbeFinding::Grade;

// What is found, one line each, after "+", "?" or "-" for good, doubtful or bad.
std::string FindingsOf(const TargetConfig& target) {
  FakeClock clock;
  std::string text;
  for (const ProbeFinding& finding : ProbeTracker(target, clock)) {
    const char mark = finding.grade == Grade::kGood ? '+' : finding.grade == Grade::kDoubtful ? '?' : '-';
    text.append(1, mark).append(" ").append(finding.text).append("\n");
  }
  CHECK(text.find("127.0.0.1") == std::string::npos);
  if (!target.token_auth.empty()) CHECK(text.find(target.token_auth) == std::string::npos);
  return text;
}

bool Has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  CAPTURE(part);
  return text.find(part) != std::string::npos;
}

std::size_t RequestsWithToken(const ScriptedTracker& tracker) {
  const auto requests = tracker.requests();
  return static_cast<std::size_t>(std::ranges::count_if(requests, &ScriptedTracker::Request::has_token));
}

TEST_CASE("a tracker that takes all is found good, and nothing is recorded") {
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = kTestToken;
  const std::string text = FindingsOf(config);
  CHECK(Has(text, "+ answers as a Matomo tracker and has the site 1\n"));
  CHECK(Has(text, "+ its clock is not behind\n"));
  CHECK(Has(text, "+ takes requests of 512 KB\n"));
  CHECK(Has(text, "+ the token works for old hits and addresses\n"));
  CHECK(std::ranges::count(text, '\n') == 4);
  CHECK(tracker.recorded().empty());
  CHECK(RequestsWithToken(tracker) == 1);
}

TEST_CASE("without a token nothing needs one, and what it will not get is told") {
  const ScriptedTracker tracker(TrackerOptionsOf());
  CHECK(Has(FindingsOf(ConfigFor(tracker)), "+ no token_file: it gets no addresses, and no hits that are older"));
  CHECK(RequestsWithToken(tracker) == 0);
}

TEST_CASE("a wrong token is tried once, and what to do is told") {
  const ScriptedTracker tracker(TrackerOptionsOf());
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = "ffffffffffffffffffffffffffffffff";
  CHECK(Has(FindingsOf(config), "- the token does not work: make one in Matomo, without \"only for secure requests\""));
  CHECK(RequestsWithToken(tracker) == 1);
}

TEST_CASE("what does not answer as a tracker is asked once, without the token") {
  struct Row {
    std::string script;
    std::string says;
  };
  for (const Row& row : {Row{"404", "- nothing is at this address (status 404)"}, Row{"html", "web page"},
                         Row{"gif", "image instead of counts"}, Row{"redirect", "redirects (status 301)"},
                         Row{"zero", "record_statistics"}, Row{"403", "access is denied"},
                         Row{"503", "takes no hits now"}, Row{"close", "answer was lost"}}) {
    CAPTURE(row.script);
    const ScriptedTracker tracker(TrackerOptionsOf(), row.script);
    TargetConfig config = ConfigFor(tracker);
    config.token_auth = kTestToken;
    const std::string text = FindingsOf(config);
    CHECK(text.starts_with('-'));
    CHECK(Has(text, row.says));
    CHECK(std::ranges::count(text, '\n') == 1);
    CHECK(tracker.requests().size() == 1);
    CHECK(RequestsWithToken(tracker) == 0);
  }
}

TEST_CASE("nobody listens") {
  CHECK(Has(FindingsOf(ConfigForNobody()),
            "- the target cannot be reached: no connection can be made; look whether it runs, at its URL, and at "
            "firewalls and proxies in between"));
}

TEST_CASE("a site that the tracker does not have") {
  const ScriptedTracker tracker(TrackerOptionsOf(7));
  CHECK(Has(FindingsOf(ConfigFor(tracker)), "- Matomo refuses every hit: check that the site exists\n"));
}

TEST_CASE("a limit of the size of requests is told with the settings of the servers") {
  TrackerOptions options = TrackerOptionsOf();
  options.max_body = 100'000;
  const ScriptedTracker tracker(options);
  const std::string text = FindingsOf(ConfigFor(tracker));
  CHECK(Has(text, "? refuses requests of 512 KB"));
  CHECK(Has(text, "client_max_body_size"));
  CHECK(Has(text, "LimitRequestBody"));
}

TEST_CASE("a clock that is behind") {
  TrackerOptions options = TrackerOptionsOf();
  options.now_s = [] { return kTestNowS - 120; };
  const ScriptedTracker tracker(options);
  CHECK(Has(FindingsOf(ConfigFor(tracker)), "? its clock is 120 seconds behind"));
}

TEST_CASE("a tracker that demands a token for all bulk requests is asked with it") {
  const ScriptedTracker tracker(TrackerOptionsOf(), "down");
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = kTestToken;
  CHECK(Has(FindingsOf(config), "+ the token works"));
  CHECK(RequestsWithToken(tracker) == 1);
}

TEST_CASE("a token that goes over the network unencrypted is warned of") {
  const ScriptedTracker proxy(TrackerOptionsOf());
  TargetConfig config = ConfigFor(proxy);
  config.url = "http://matomo.example.org/matomo.php";
  config.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  config.token_auth = kTestToken;
  CHECK(Has(FindingsOf(config), "? the token goes there unencrypted"));
}

TEST_CASE("the first question alone tells whether a target takes hits") {
  const ScriptedTracker tracker(TrackerOptionsOf(), "ok,404");
  FakeClock clock;
  TargetConfig config = ConfigFor(tracker);
  config.token_auth = kTestToken;
  CHECK(AskTracker(config, clock).empty());
  CHECK(Has(AskTracker(config, clock), "nothing is at this address"));
  CHECK(tracker.requests().size() == 2);
  CHECK(tracker.recorded().empty());
  CHECK(RequestsWithToken(tracker) == 0);
}

}  // namespace
}  // namespace hushlog
