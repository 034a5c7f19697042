// hushlog report, run as a program.
#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

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

TEST_CASE("the use of reports in the report is that which targets get as events") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample}).status == 0);
  const std::string json = RunHushlog({"report", "--json", "--state-dir", directory / "state"}).output;
  WriteFile(
      directory / "config",
      "[[target]]\nname = \"t\"\nurl = \"http://127.0.0.1:9/\"\nsite_id = 1\nsystem_report = false\nreports = true\n");
  const std::string hits =
      RunHushlog({"import", "--quiet", "--dry-run", "--output", "-", "--config", directory / "config", kSample}).output;
  const auto events = [&](const std::string& names) {
    int count = 0;
    for (std::size_t at = hits.find(names); at != std::string::npos; at = hits.find(names, at + 1)) ++count;
    return count;
  };
  const int views = events("\"e_c\":\"Reports\",\"e_a\":\"View\"");
  CHECK(views > 300);
  CHECK(JsonField(json, "report_views") == std::to_string(views));
  const int interactions = events("\"e_c\":\"Reports\"") - views + events("\"e_a\":\"RowAction:RowEvolution\"");
  CHECK(JsonField(json, "report_interactions") == std::to_string(interactions));
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

TEST_CASE("the page of the report replaces an older one, and goes to standard output if asked") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample}).status == 0);
  const std::string file = directory.Write("page.html", "old");
  const Outcome outcome = RunHushlog({"report", "--html", file, "--state-dir", directory / "state"});
  CHECK(outcome.status == 0);
  CHECK(outcome.output.empty());
  const std::string page = ReadFile(file);
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find("\"VisitsSummary.get\"") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(file + ".part"));
  CHECK(RunHushlog({"report", "--html", "-", "--state-dir", directory / "state"}).output == page);
}

TEST_CASE("the page of the report has the chosen days only") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample}).status == 0);
  const std::string page =
      RunHushlog({"report", "--html", "-", "--from", "2026-11-24", "--state-dir", directory / "state"}).output;
  CHECK(page.find("{\"days\":[]") != std::string::npos);
}

TEST_CASE("a page that cannot be written is told in a sentence, and leaves nothing behind") {
  const TempDir directory;
  const std::string file = directory / "missing/page.html";
  const Outcome missing = RunHushlog({"report", "--html", file, "--state-dir", directory / "state"});
  CHECK(missing.status == 1);
  CHECK(missing.errors.find(file + ": cannot be written: No such file or directory") != std::string::npos);
  const Outcome full = RunHushlog({"report", "--html", "/dev/full", "--state-dir", directory / "state"});
  CHECK(full.status == 1);
  CHECK(full.errors.find("is the disk full?") != std::string::npos);
  CHECK(std::filesystem::exists("/dev/full"));
  CHECK_FALSE(std::filesystem::exists("/dev/full.part"));
}

TEST_CASE("CSV has the same sums as JSON") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample}).status == 0);
  std::istringstream csv(RunHushlog({"report", "--csv", "--state-dir", directory / "state"}).output);
  const std::string start = "2026-11-23,hours,05,";
  int views = 0;
  for (std::string line; std::getline(csv, line);) {
    if (line.starts_with(start)) views = std::stoi(line.substr(start.size()));
  }
  const std::string json = RunHushlog({"report", "--json", "--state-dir", directory / "state"}).output;
  CHECK(std::to_string(views) == JsonField(json, "page_views"));
}

TEST_CASE("a report is asked for in one form") {
  for (const std::vector<std::string>& forms :
       {std::vector<std::string>{"--json", "--csv"}, {"--html", "-", "--json"}, {"--csv", "--html", "-"}}) {
    std::vector<std::string> arguments = {"report"};
    arguments.insert(arguments.end(), forms.begin(), forms.end());
    CHECK(RunHushlog(arguments).status == 2);
  }
}

}  // namespace
}  // namespace hushlog
