// Requests of people who are not to be measured.
#include <doctest/doctest.h>

#include <string>

#include "tests/rules/support.h"

using namespace hushlog;
using test::WithSite;

namespace {

std::string Outcome(const RuleSet& rules, const Request& request, std::span<const std::string> extra = {}) {
  test::FixedDayKeys keys;
  Recognizer recognizer(rules, keys, {.extra = extra});
  ActionBatch batch;
  return rules.drop_reasons()[recognizer.Recognize(request, &batch)];
}

Request Page() { return test::MakeRequest("GET", "/index.php?module=CoreHome&action=index", 200); }

std::string With(const RuleSet& rules, std::string_view Request::*field, std::string_view value) {
  Request request = Page();
  request.*field = value;
  return Outcome(rules, request);
}

}  // namespace

TEST_CASE("DNT and Sec-GPC are honoured unless a site says otherwise") {
  const RuleSet& shipped = *RuleSet::Shipped();
  CHECK(With(shipped, &Request::dnt, "1") == "dnt");
  CHECK(With(shipped, &Request::sec_gpc, "1") == "dnt");
  for (const std::string_view value : {"", "0", "null", "11"}) {
    CAPTURE(value);
    CHECK(With(shipped, &Request::dnt, value) == "kept");
    CHECK(With(shipped, &Request::sec_gpc, value) == "kept");
  }
  const auto no_dnt = WithSite("[opt_out]\ndnt = false\n");
  CHECK(With(*no_dnt, &Request::dnt, "1") == "kept");
  CHECK(With(*no_dnt, &Request::sec_gpc, "1") == "dnt");
  const auto neither = WithSite("[opt_out]\ndnt = false\ngpc = false\n");
  CHECK(With(*neither, &Request::sec_gpc, "1") == "kept");
}

TEST_CASE("listed users, hosts and addresses are never measured") {
  const SiteRules files[] = {
      {"1.toml",
       "[opt_out]\nusers = [\"jane\"]\nhosts = [\"private.example.org\"]\naddresses = [\"192.0.2.128/25\"]\n"},
      {"2.toml", "[opt_out]\nusers = [\"john\"]\naddresses = [\"2001:db8::1\"]\n"}};
  const auto rules = RuleSet::Load(files);
  for (const std::string_view user : {"jane", "Jane", "john"})
    CHECK(With(*rules, &Request::remote_user, user) == "opt_out");
  for (const std::string_view user : {"", "janet"}) CHECK(With(*rules, &Request::remote_user, user) == "kept");
  for (const std::string_view host : {"private.example.org", "Private.Example.Org", "private.example.org."}) {
    CAPTURE(host);
    CHECK(With(*rules, &Request::host, host) == "opt_out");
  }
  CHECK(With(*rules, &Request::host, "public.example.org") == "kept");
  for (const std::string_view address : {"192.0.2.128", "192.0.2.255", "::ffff:192.0.2.200", "2001:db8::1"}) {
    CAPTURE(address);
    CHECK(With(*rules, &Request::remote_addr, address) == "opt_out");
  }
  CHECK(With(*rules, &Request::remote_addr, "192.0.2.127") == "kept");
  // Nobody can tell whether this is one of them.
  CHECK(With(*rules, &Request::remote_addr, "client.example.org") == "undecidable");
}

TEST_CASE("people can opt out by a cookie or a header that the log holds") {
  const auto rules = WithSite("[opt_out]\ncookie = \"No-Usage\"\nheader = \"X-No-Usage\"\n");
  CHECK(rules->extra_fields() == std::vector<std::string>{"cookie_no_usage", "http_x_no_usage"});
  const auto outcome = [&](std::string_view cookie, std::string_view header) {
    Request request = Page();
    const std::string_view values[] = {cookie, header};
    request.extra = values;
    return Outcome(*rules, request, rules->extra_fields());
  };
  CHECK(outcome("", "") == "kept");
  CHECK(outcome("0", "0") == "kept");
  for (const std::string_view value : {"1", "yes", "00", "ignore%3D%2A", "\x01"}) {
    CAPTURE(value);
    CHECK(outcome(value, "") == "opt_out");
    CHECK(outcome("", value) == "opt_out");
  }
  CHECK(outcome(std::string(5000, '1'), "") == "undecidable");
  CHECK(Outcome(*rules, Page()) == "kept");  // the format has neither
}

TEST_CASE("an opted-out line is not looked at any further") {
  const auto rules = WithSite("[opt_out]\nusers = [\"jane\"]\n");
  Request request = test::MakeRequest("GET", "/matomo.php", 404);
  request.remote_user = "jane";
  request.dnt = "1";
  test::FixedDayKeys keys;
  Recognizer recognizer(*rules, keys);
  ActionBatch batch;
  CHECK(recognizer.Recognize(request, &batch) == RequestRules::kOptOut);
  request.target = "/index.php";
  request.status = 200;
  CHECK(recognizer.Recognize(request, &batch) == RequestRules::kOptOut);
  CHECK(keys.calls() == 0);
}
