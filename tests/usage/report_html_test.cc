// The page of hushlog report --html, and CSV. tests/page/ looks at the page in a browser.
#include "src/usage/report_html.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "src/usage/day_totals.h"

namespace hushlog {
namespace {

constexpr std::int32_t kDay = 20780;  // 2026-11-23

Durations Times(std::initializer_list<std::int64_t> microseconds) {
  Durations times;
  for (const std::int64_t duration : microseconds) times.Add(duration);
  return times;
}

const std::vector<DayTotal> kTotals = {
    {kDay, TotalKind::kPageView, "Dashboard", 21, 0, 0, 0},
    {kDay, TotalKind::kUiApiCall, "Actions.get", 3, 2, 40'000, 30'000, Times({10'000, 30'000})},
    {kDay, TotalKind::kVisitor, "", 5, 0, 0, 0},
    {kDay + 2, TotalKind::kPageView, "Actions Pages", 1, 0, 0, 0},
    {kDay + 2, TotalKind::kPageView, "Dashboard", 2, 0, 0, 0},
};

// What stands between the first `start` and the next `end`.
std::string Between(const std::string& text, const std::string& start, const std::string& end) {
  const std::size_t from = text.find(start);
  REQUIRE(from != std::string::npos);
  const std::size_t size = text.find(end, from + start.size());
  REQUIRE(size != std::string::npos);
  return text.substr(from + start.size(), size - from - start.size());
}

std::size_t Count(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST_CASE("the data of the page has each name once, and the rows of a kind by day") {
  CHECK(
      ToPageData(kTotals, {"Actions.get"}) ==
      R"({"days":["2026-11-23","2026-11-25"],"names":["Dashboard","Actions.get","","Actions Pages"],)"
      R"("known_reports":["Actions.get"],"kinds":{"page_views":{"columns":["name","count"],"days":[[0,21],[3,1,0,2]]},)"
      R"("ui_api_calls":{"columns":["name","count","timed","total_us","max_us","times"],"days":[[1,3,2,40000,30000,"WQENAQ=="],[]]},)"
      R"("visitors":{"columns":["name","count"],"days":[[2,5],[]]}}})");
}

TEST_CASE("a name can neither end the script that it stands in nor break the JSON") {
  const std::string name = "</script><!--<script>\"\\\n{{script}}";
  const std::vector<DayTotal> totals = {{kDay, TotalKind::kPageView, name, 1, 0, 0, 0}};
  const std::string html = ToHtml(totals, {});
  CHECK(Count(html, "</script>") == 2);
  CHECK(Count(html, "<!--") == 0);
  const std::string data = Between(html, R"(<script id="data" type="application/json">)", "</script>");
  simdjson::dom::parser parser;
  const simdjson::dom::element parsed = parser.parse(data);
  CHECK(std::string_view(parsed["names"].at(0)) == name);
}

TEST_CASE("the page names no other place, but where its licence tells where a part is from") {
  const std::string html = ToHtml(kTotals, {});
  CHECK(Count(html, "//github.com/leeoniya/uPlot") == 1);
  CHECK(Count(html, "http:") + Count(html, "https:") == 1);
  for (const char* loading : {"src=", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "import("}) {
    CAPTURE(std::string(loading));
    CHECK(Count(html, loading) == 0);
  }
}

TEST_CASE("the policy of the page forbids all but its own script and style") {
  const std::string html = ToHtml(kTotals, {});
  const std::string policy = Between(html, "content=\"", "\"");
  CHECK(policy.starts_with("default-src 'none';"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(Count(policy, "'sha256-") == 2);
  CHECK(Count(html, "{{") == 0);
}

TEST_CASE("the page of no totals is a page, too") {
  CHECK(ToPageData({}, {}) == R"({"days":[],"names":[],"known_reports":[],"kinds":{}})");
  CHECK(ToHtml({}, {}).ends_with("</html>\n"));
}

TEST_CASE("CSV has a line for each day, kind and name, with durations where they are known") {
  CHECK(ToCsv(kTotals) ==
        "day,kind,name,count,timed,mean_ms,max_ms,p50_ms,p95_ms\r\n"
        "2026-11-23,page_views,Dashboard,21,,,,,\r\n"
        "2026-11-23,ui_api_calls,Actions.get,3,2,20.000,30.000,9.728,29.696\r\n"
        "2026-11-23,visitors,,5,,,,,\r\n"
        "2026-11-25,page_views,Actions Pages,1,,,,,\r\n"
        "2026-11-25,page_views,Dashboard,2,,,,,\r\n");
}

TEST_CASE("CSV has no quantiles where they are not known of all calls") {
  const std::vector<DayTotal> totals = {{kDay, TotalKind::kUiApiCall, "a.b", 3, 3, 40'000, 30'000, Times({10'000})}};
  CHECK(ToCsv(totals).ends_with("a.b,3,3,13.333,30.000,,\r\n"));
}

TEST_CASE("CSV quotes what has a comma, a quote or a line end") {
  const std::vector<DayTotal> totals = {{kDay, TotalKind::kEvent, "a, \"b\"\nc", 1, 0, 0, 0}};
  CHECK(ToCsv(totals).ends_with("events,\"a, \"\"b\"\"\nc\",1,,,,,\r\n"));
}

TEST_CASE("reports that can be unused are those whose use is counted") {
  const std::vector<std::string> reports = KnownReports(*RuleSet::Shipped());
  CHECK(std::ranges::binary_search(reports, "Actions.getPageUrls"));
  CHECK_FALSE(std::ranges::binary_search(reports, "CoreHome.index"));
  CHECK(std::ranges::none_of(reports, [](const std::string& name) { return name.starts_with("RssWidget."); }));
}

}  // namespace
}  // namespace hushlog
