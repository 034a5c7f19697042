#include "src/usage/system_report.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "rules/rule_set.h"
#include "src/usage/totals.h"
#include "src/visits/hit_encoder.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

constexpr std::int32_t kDay = 20780;  // 2026-11-23
using Parameters = std::map<std::string, std::string>;

std::string Decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      decoded.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

// The requests of a report that the plugin posted, without what is another number or the same in each request of
// whatever kind.
std::vector<Parameters> PostedByPlugin() {
  std::ifstream file(HUSHLOG_TEST_DATA "/usage/system_report_bulk_body.json", std::ios::binary);
  const simdjson::padded_string body(std::string(std::istreambuf_iterator<char>(file), {}));
  simdjson::dom::parser parser;
  std::vector<Parameters> requests;
  for (const std::string_view url : parser.parse(body)["requests"].get_array()) {
    Parameters& parameters = requests.emplace_back();
    std::string_view query = url.substr(url.find('?') + 1);
    while (!query.empty()) {
      const std::string_view pair = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
      parameters[std::string(pair.substr(0, pair.find('=')))] = Decoded(pair.substr(pair.find('=') + 1));
    }
    for (const char* name : {"idsite", "apiv", "r", "_idts", "_id", "urlref", "pv_id"}) parameters.erase(name);
  }
  return requests;
}

// What the plugin counted, out of what it posted.
SystemReport ReportOf(const std::vector<Parameters>& posted) {
  SystemReport report;
  report.day = kDay;
  report.instance = {"5.2.0-b5", "8.2.36", "10.11.19-MariaDB-0+deb12u1", 5, 9, 2};
  for (const Parameters& request : posted) {
    if (!request.contains("e_c")) continue;
    const std::string method = request.at("e_a").substr(0, request.at("e_a").find(' '));
    if (request.at("e_c") == "API (count)") report.calls.push_back({method, std::stoi(request.at("e_v")), {}});
    if (request.at("e_c") == "API (speed)") report.calls.back().mean_ms = std::stod(request.at("e_v"));
  }
  return report;
}

// A hit as it is stored, without what a bulk request of hushlog has in each entry.
Parameters ParametersOf(const Hit& hit) {
  std::string text = "{";
  AppendParams(hit, RuleSet::Shipped()->user_agents(), &text);
  text += "}";
  simdjson::dom::parser parser;
  Parameters parameters;
  const simdjson::dom::object object = parser.parse(text).get_object();
  for (const auto& [name, value] : object) parameters[std::string(name)] = std::string(value.get_string().value());
  for (const char* name : {"ca", "cdt", "ua"}) parameters.erase(name);
  return parameters;
}

TEST_CASE("a report is, entry by entry, what the plugin posts") {
  const std::vector<Parameters> posted = PostedByPlugin();
  const std::vector<Hit> hits = ToHits(ReportOf(posted), 7);
  REQUIRE(posted.size() == 289);
  REQUIRE(hits.size() == posted.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    CAPTURE(i);
    CHECK(ParametersOf(hits[i]) == posted[i]);
    CHECK(hits[i].visitor == 7);
  }
}

TEST_CASE("what is not known is left out") {
  SystemReport report;
  report.instance.users = 0;
  report.calls = {{"Actions.get", 3, {}}};
  const std::vector<Hit> hits = ToHits(report, 1);
  REQUIRE(hits.size() == 2);  // no duration, no speed
  CHECK(ParametersOf(hits[0]).at("_cvar") == R"({"3":["Num Users",0]})");
  report.instance = {};
  CHECK_FALSE(ParametersOf(ToHits(report, 1)[0]).contains("_cvar"));
}

TEST_CASE("versions are numbers with a short suffix") {
  for (const char* good : {"5.2.0", "5.2.0-b5", "8.2.36", "4.16.0-rc2", "10.11.19-MariaDB-0+deb12u1", "8.0"}) {
    CAPTURE(std::string(good));
    CHECK(IsVersion(good));
  }
  for (const char* bad : {"", "5", "v5.2.0", "5.2.0 ", "5.2.0-b5\"", "5.2.0-", "<br>", "5.2.0.1.2", "5..2",
                          "5.2.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(IsVersion(bad));
  }
}

struct Fixture {
  TempDir directory;
  std::unique_ptr<Store> store = Store::Open(directory / "state");
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  Totals totals{*rules};

  Fixture() {
    Totals::CreateTables(store->database());
    ReportedDays::CreateTables(store->database());
  }
  void Call(ActionKind kind, const char* method, std::int32_t day, int milliseconds = -1) {
    UiAction action;
    action.kind = kind;
    action.module = rules->catalogue().Plugin("Actions");
    action.action = rules->catalogue().ApiMethod(action.module, method);
    action.day = day;
    action.timed = milliseconds >= 0;
    action.request_time_us = milliseconds * 1000;
    totals.OnAction(action);
  }
  void Flush() {
    WriteTransaction transaction = store->BeginWrite();
    totals.AddTo(transaction);
    transaction.Commit();
    totals.Clear();
  }
  SystemReport Report(std::int32_t day) { return ReportedDays::Of(store->database(), day); }
  void Mark(std::int32_t day) {
    WriteTransaction transaction = store->BeginWrite();
    ReportedDays::Mark(transaction, day);
    transaction.Commit();
  }
  std::vector<std::int32_t> Missing(std::int32_t day) { return ReportedDays::Missing(store->database(), day); }
};

TEST_CASE("calls of the interface and of programs are counted together, by method") {
  Fixture f;
  f.Call(ActionKind::kUiApiCall, "getPageUrls", kDay, 10);
  f.Call(ActionKind::kApiClient, "getPageUrls", kDay, 30);
  f.Call(ActionKind::kApiClient, "getPageUrls", kDay);
  f.Call(ActionKind::kExport, "getDownloads", kDay);
  f.Call(ActionKind::kReport, "getOutlinks", kDay, 10);  // a widget, no API call
  f.Flush();
  const SystemReport report = f.Report(kDay);
  CHECK(report.with_page_view);
  REQUIRE(report.calls.size() == 2);
  CHECK(report.calls[0].method == "Actions.getDownloads");
  CHECK_FALSE(report.calls[0].mean_ms);
  CHECK(report.calls[1].method == "Actions.getPageUrls");
  CHECK(report.calls[1].count == 3);
  CHECK(report.calls[1].mean_ms == doctest::Approx(20));
}

TEST_CASE("a day is missing until it is marked, and again when calls of it come late, without another page view") {
  Fixture f;
  for (const std::int32_t day : {kDay, kDay + 2, kDay + 1}) f.Call(ActionKind::kApiClient, "getPageUrls", day, 10);
  f.Flush();
  CHECK(f.Missing(kDay + 2) == std::vector{kDay, kDay + 1});
  f.Mark(kDay);
  CHECK(f.Missing(kDay + 2) == std::vector{kDay + 1});
  f.Call(ActionKind::kApiClient, "getPageUrls", kDay, 70);
  f.Flush();
  CHECK(f.Missing(kDay + 2) == std::vector{kDay, kDay + 1});
  const SystemReport late = f.Report(kDay);
  CHECK_FALSE(late.with_page_view);
  REQUIRE(late.calls.size() == 1);
  CHECK(late.calls[0].count == 1);
  CHECK(late.calls[0].mean_ms == doctest::Approx(70));
}

TEST_CASE("a day without API calls is reported, once") {
  Fixture f;
  f.Call(ActionKind::kReport, "getPageUrls", kDay);
  f.Flush();
  CHECK(f.Missing(kDay + 1) == std::vector{kDay});
  f.Mark(kDay);
  f.Call(ActionKind::kReport, "getPageUrls", kDay);
  f.Flush();
  CHECK(f.Missing(kDay + 1).empty());
}

TEST_CASE("days of a database from before there were system reports are not reported") {
  Fixture f;
  f.store->database().Execute(
      "DROP TABLE system_report; ALTER TABLE usage_total DROP COLUMN reported;"
      "ALTER TABLE usage_total DROP COLUMN reported_timed; ALTER TABLE usage_total DROP COLUMN reported_us");
  f.Call(ActionKind::kApiClient, "getPageUrls", kDay);
  f.Flush();
  ReportedDays::CreateTables(f.store->database());
  CHECK(f.Missing(kDay + 1).empty());
}

}  // namespace
}  // namespace hushlog
