#include "rules/recognizer.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "rules/config_error.h"
#include "tests/rules/support.h"

using namespace hushlog;

namespace {

constexpr std::string_view kPage = "/index.php?module=CoreHome&action=index&idSite=2&period=day&date=yesterday";

struct Fixture {
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  test::FixedDayKeys keys;
  Recognizer recognizer{*rules, keys};
  ActionBatch batch;

  const UiAction& Keep(const Request& request) {
    REQUIRE(recognizer.Recognize(request, &batch) == kKept);
    return batch.actions.back();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an action carries what the line says about time and client, reduced") {
  Request request = test::MakeRequest("GET", kPage, 200);
  request.accept_language = "de-AT,en;q=0.5";
  request.request_time_us = 125000;
  const UiAction& action = Keep(request);
  CHECK(action.time_ms == 1795413198000 - 125);  // logged at its end
  CHECK(action.timed);
  CHECK(action.request_time_us == 125000);
  CHECK(action.status == 200);
  CHECK_FALSE(action.post);
  CHECK(action.address.ToString() == "192.0.0.0");
  CHECK(action.language.ToString() == "de-at");
  CHECK(action.user_agent == rules->user_agents().Reduce(test::kBrowser));
  CHECK(action.visitor == Pseudonym(keys.KeyFor(action.day), "192.0.2.10", test::kBrowser));
}

TEST_CASE_FIXTURE(Fixture, "day and hour are those of the line") {
  struct {
    std::int64_t time_ms;
    std::int32_t offset_s, day;
    int hour;
  } static const kCases[] = {
      {0, 0, 0, 0},        {0, -1, -1, 23},          {86399999, 0, 0, 23}, {86399999, 3600, 1, 0},
      {86400000, 0, 1, 0}, {86400000, -3600, 0, 23}, {-1, 0, -1, 23},
  };
  for (const auto& c : kCases) {
    Request request = test::MakeRequest("GET", kPage, 200);
    request.time_ms = c.time_ms;
    request.utc_offset_s = c.offset_s;
    CAPTURE(c.time_ms);
    const UiAction action = Keep(request);
    CHECK(action.day == c.day);
    CHECK(action.hour == c.hour);
  }
}

TEST_CASE_FIXTURE(Fixture, "a visitor has another pseudonym on another day, address or user agent") {
  Request request = test::MakeRequest("GET", kPage, 200);
  const std::uint64_t visitor = Keep(request).visitor;
  CHECK(Keep(request).visitor == visitor);
  request.time_ms += 86400000;
  CHECK(Keep(request).visitor != visitor);
  request.time_ms -= 86400000;
  request.remote_addr = "192.0.2.11";
  CHECK(Keep(request).visitor != visitor);
}

TEST_CASE_FIXTURE(Fixture, "the key of a day is asked for once, and only for kept requests") {
  Request request = test::MakeRequest("GET", "/matomo.php", 200);
  CHECK(recognizer.Recognize(request, &batch) != kKept);
  CHECK(keys.calls() == 0);
  request.target = kPage;
  for (int i = 0; i < 10; ++i) {
    request.time_ms = 1795478398000 + (i % 2) * 4000;  // the seconds around midnight
    Keep(request);
  }
  CHECK(keys.calls() == 2);
}

TEST_CASE_FIXTURE(Fixture, "more distinct user agents than the recogniser remembers") {
  Request request = test::MakeRequest("GET", kPage, 200);
  for (int i = 0; i < 5000; ++i) {
    const std::string user_agent = fmt::format("{} {}", test::kBrowser, i);
    request.user_agent = user_agent;
    Keep(request);
  }
  request.user_agent = test::kBot;
  CHECK(recognizer.Recognize(request, &batch) == RequestRules::kBot);
  CHECK(batch.actions.size() == 5000);
}

TEST_CASE_FIXTURE(Fixture, "an API call that is answered with an error is dropped, but noted") {
  const char* const get = "/index.php?module=API&method=Actions.getPageUrls&format=JSON&idSite=1";
  const char* const bulk =
      "/index.php?module=API&method=API.getBulkRequest&format=json&urls%5B0%5D=method%3DActions.get";
  struct {
    const char* target;
    bool from_page;
    int status;
    DropReason drop;
    bool of_program;
    const char* call;
  } const cases[] = {
      {get, false, 401, RequestRules::kClientError, true, "getPageUrls"},
      {get, false, 500, RequestRules::kServerError, true, "getPageUrls"},
      {get, false, 403, RequestRules::kClientError, true, "getPageUrls"},
      {bulk, false, 500, RequestRules::kServerError, true, "getBulkRequest"},
      {get, true, 500, RequestRules::kServerError, false, "getPageUrls"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.target));
    CAPTURE(c.status);
    batch.clear();
    Request request = test::MakeRequest(c.from_page ? "POST" : "GET", c.target, c.status);
    if (!c.from_page) {
      request.user_agent = "python-requests/2.31";
      request.referer = {};
    }
    CHECK(recognizer.Recognize(request, &batch) == c.drop);
    CHECK(batch.actions.empty());
    REQUIRE(batch.failed_calls.size() == 1);
    CHECK(batch.failed_calls[0].of_program == c.of_program);
    CHECK(rules->catalogue().Text(batch.failed_calls[0].method) == c.call);
    CHECK(batch.failed_calls[0].day == 20780);
  }
}

TEST_CASE_FIXTURE(Fixture, "half a method is no name, and hidden") {
  for (const char* method : {"Actions", "Actions.", ".get", ".", "../../x", "%2e%2e"}) {
    CAPTURE(std::string(method));
    const UiAction& action = Keep(
        test::MakeRequest("GET", fmt::format("/index.php?module=API&method={}&format=JSON&idSite=1", method), 200));
    CHECK(rules->catalogue().Text(action.module) != "");
    CHECK(rules->catalogue().Text(action.action) == "XYZ");
  }
}

TEST_CASE_FIXTURE(Fixture, "other errors, redirects and bots are no failed API call") {
  const Request page = test::MakeRequest("GET", kPage, 500);
  Request redirect =
      test::MakeRequest("GET", "/index.php?module=API&method=Actions.getPageUrls&format=JSON&idSite=1", 302);
  Request bot = redirect;
  bot.status = 500;
  bot.user_agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
  Request impatient = redirect;
  impatient.status = 499;
  impatient.user_agent = "python-requests/2.31";
  for (const Request& request : {page, redirect, bot, impatient}) CHECK(recognizer.Recognize(request, &batch) != kKept);
  CHECK(batch.failed_calls.empty());
}

TEST_CASE_FIXTURE(Fixture, "the duration of a bulk request is not that of each of its methods") {
  Request request =
      test::MakeRequest("GET",
                        "/index.php?module=API&method=API.getBulkRequest&urls[0]=method%3DVisitsSummary.get"
                        "&urls[1]=method%3DReferrers.getWebsites",
                        200);
  request.user_agent = test::kProgram;
  request.request_time_us = 9'000'000;
  REQUIRE(recognizer.Recognize(request, &batch) == kKept);
  REQUIRE(batch.actions.size() == 3);
  CHECK(batch.actions[0].timed);
  CHECK_FALSE(batch.actions[1].timed);
  CHECK_FALSE(batch.actions[2].timed);
}

TEST_CASE_FIXTURE(Fixture, "a duration that no request can have is none") {
  Request request = test::MakeRequest("GET", "/index.php?module=CoreHome&action=index", 200);
  request.request_time_us = 9'000'000'000'000'000;
  REQUIRE(recognizer.Recognize(request, &batch) == kKept);
  CHECK_FALSE(batch.actions[0].timed);
}

TEST_CASE_FIXTURE(Fixture, "the methods of a bulk request follow it") {
  Request request = test::MakeRequest("GET",
                                      "/index.php?module=API&method=API.getBulkRequest&format=json&token_auth=abc"
                                      "&urls[0]=method%3DVisitsSummary.get%26idSite%3D23%26token_auth%3Dabc&urls%5B1%"
                                      "5D=method%253DOur.secret%2526idSite%253D2"
                                      "&urls[2]=%3Fmodule%3DAPI%26method%3DReferrers.getWebsites&urls[3]=idSite%3D2",
                                      200);
  request.user_agent = test::kProgram;
  REQUIRE(recognizer.Recognize(request, &batch) == kKept);
  std::vector<std::string> found;
  for (const UiAction& action : batch.actions) found.push_back(test::Describe(action, batch, rules->catalogue()));
  const std::vector<std::string> expected = {"bulk_api API.getBulkRequest format=json&token_auth=XYZ&urls=XYZ",
                                             "api_client VisitsSummary.get idSite=3&token_auth=XYZ",
                                             "api_client XYZ.XYZ idSite=2", "api_client Referrers.getWebsites"};
  CHECK(found == expected);
  CHECK(batch.actions[1].visitor == batch.actions[0].visitor);
}

TEST_CASE_FIXTURE(Fixture, "an address that is none leaves no trace") {
  Request request = test::MakeRequest("GET", kPage, 200);
  request.remote_addr = "jane.example.org";
  CHECK(Keep(request).address.ToString() == "");
}

TEST_CASE("loading all rules is fast enough to do it at every start, and they are shared") {
  CHECK(RuleSet::Shipped() == RuleSet::Shipped());
  CHECK(RuleSet::Shipped()->requests().rule_ids().size() > 30);
}
