// hushlog report, run as a program.
#include <doctest/doctest.h>

#include <string>

#include "tests/cli/program.h"

namespace hushlog {
namespace {

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";

TEST_CASE("the report of an empty state directory says what to do") {
  const TempDir directory;
  const Outcome outcome = RunHushlog({"report", "--state-dir", directory / "state"});
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("hushlog import") != std::string::npos);
}

TEST_CASE("the report shows pages, reports, API methods, browsers and days of what was imported") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample}).status == 0);
  const std::string text = RunHushlog({"report", "--state-dir", directory / "state"}).output;
  for (const char* shown :
       {"2026-11-23", "CoreHome Index", "VisitsSummary.get", "Actions.getPageUrls", "Chrome", "Windows"}) {
    CAPTURE(std::string(shown));
    CHECK(text.find(shown) != std::string::npos);
  }
  const std::string json = RunHushlog({"report", "--json", "--state-dir", directory / "state"}).output;
  CHECK(JsonField(json, "date") == "2026-11-23");
  CHECK(std::stoi(JsonField(json, "visitors")) > 3);
}

TEST_CASE("the report can be limited to days") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample}).status == 0);
  const auto days = [&](const std::string& from, const std::string& to) {
    const std::string json =
        RunHushlog({"report", "--json", "--from", from, "--to", to, "--state-dir", directory / "state"}).output;
    return JsonField(json, "date");
  };
  CHECK(days("2026-11-23", "2026-11-23") == "2026-11-23");
  CHECK(days("2026-11-24", "2026-12-31").empty());
}

TEST_CASE("durations are reported where the log has them") {
  const TempDir directory;
  const std::string log = HUSHLOG_TEST_DATA "/formats/nginx_json.log";
  REQUIRE(RunHushlog({"import", "--quiet", "--format", "json", "--state-dir", directory / "state", log}).status == 0);
  const std::string json = RunHushlog({"report", "--json", "--state-dir", directory / "state"}).output;
  CHECK(json.find("\"mean_ms\":") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
