// The pages beside that of usage. tests/page/ looks at them in a browser.
#include <doctest/doctest.h>

#include "src/status/html.h"
#include "src/status/status_page.h"
#include "src/status/transparency_page.h"

namespace hushlog {
namespace {

bool Has(const HttpAnswer& page, std::string_view text) { return page.body->find(text) != std::string::npos; }

ShownRequest Sent(std::string body, std::size_t hits = 1) {
  return {"own", Outcome::Kind::kProcessed, 1'795'411'800'000, hits, std::move(body)};
}

const std::string kBody =
    R"({"requests":[{"idsite":1,"rec":"1","action_name":"Dashboard","url":"https://e.org/?a=XYZ","cid":"0123456789abcdef"},)"
    R"({"idsite":1,"rec":"1","ca":"1","e_c":"Cat","e_a":"Act","e_n":"<b>&\"'"}],"token_auth":"removed"})";

TEST_CASE("hits are shown with all that was sent, the newest first, and what was replaced is marked") {
  const HttpAnswer page = TransparencyPage({Sent(kBody, 2)});
  CHECK(Has(page, "<h2 id=\"request-1\">2 hits to own</h2>"));
  CHECK(Has(page, "2026-11-23 05:30:00 UTC: taken."));
  CHECK(Has(page, "<dt>url</dt><dd>https://e.org/?a=<mark>XYZ</mark>"));
  CHECK(Has(page, "<dt>idsite</dt><dd>1<"));
  CHECK(page.body->find("Cat: Act") < page.body->find("Dashboard"));
  CHECK_FALSE(Has(page, "token_auth"));
}

TEST_CASE("no text of a hit or a name becomes HTML") {
  CHECK(Has(TransparencyPage({Sent(kBody, 2)}), "&lt;b&gt;&amp;&quot;&#39;"));
  StatusReport report;
  report.sources.push_back({"<script>", {{"/a/<img>", 0, 1, 1, std::chrono::seconds(0)}}});
  report.counters["dropped.<i>"] = 1;
  TargetStatus target;
  target.name = "<u>";
  report.targets.push_back(target);
  report.conditions.push_back({"<u>", TargetState::kRefused, "<s>", "<q>", 1, 0, 1});
  const HttpAnswer page = StatusPage(report, false);
  for (const char* tag : {"<script", "<img", "<i>", "<u>", "<s>", "<q>"}) CHECK_MESSAGE(!Has(page, tag), tag);
}

TEST_CASE("hits that identify people are counted, not shown") {
  const HttpAnswer page = TransparencyPage({Sent("", 3)});
  CHECK(Has(page, "3 hits to own"));
  CHECK(Has(page, "anonymize = false"));
  CHECK_FALSE(Has(page, "<dl>"));
}

TEST_CASE("a hundred hits are shown, however many there are") {
  std::string body = R"({"requests":[{"rec":"1"})";
  for (int i = 1; i < 70; ++i) body += R"(,{"rec":"1"})";
  body += "]}";
  const HttpAnswer page = TransparencyPage({Sent(body, 70), Sent(body, 70), Sent(body, 70)});
  std::size_t hits = 0;
  for (std::size_t at = page.body->find("<dl>"); at != std::string::npos; at = page.body->find("<dl>", at + 1)) ++hits;
  CHECK(hits == 100);
  CHECK(Has(page, "These are the last 30."));
  CHECK_FALSE(Has(page, "request-3"));
}

TEST_CASE("the status page says what does not add up, and that the disk is full") {
  StatusReport report;
  report.counters = {{"lines_read", 3}, {"actions", 1}, {"dropped.tracker", 2}};
  CHECK(Has(StatusPage(report, false), "adds up"));
  CHECK_FALSE(Has(StatusPage(report, false), "does not add up"));
  report.counters["lines_read"] = 4;
  CHECK(Has(StatusPage(report, false), "does not add up"));
  CHECK_FALSE(Has(StatusPage(report, false), "is full"));
  CHECK(Has(StatusPage(report, true), "is full"));
}

TEST_CASE("a page allows no script, and only its own style") {
  const HttpAnswer page = StatusPage({}, false);
  CHECK(page.policy.find("script-src") == std::string::npos);
  CHECK(page.policy.find("style-src 'sha256-") != std::string::npos);
  CHECK(page.policy.find("unsafe") == std::string::npos);
}

TEST_CASE("numbers are grouped, and spans have the unit that fits") {
  CHECK(Grouped(0) == "0");
  CHECK(Grouped(999) == "999");
  CHECK(Grouped(1000) == "1,000");
  CHECK(Grouped(-1'234'567) == "-1,234,567");
  CHECK(SpanText(119) == "119 s");
  CHECK(SpanText(7199) == "119 min");
  CHECK(SpanText(86'400 * 3) == "3 days");
}

}  // namespace
}  // namespace hushlog
