#include "src/usage/totals.h"

#include <doctest/doctest.h>

#include <string>

#include "src/usage/report.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

constexpr std::int32_t kDay = 20780;  // 2026-11-23

struct Fixture {
  TempDir directory;
  std::unique_ptr<Store> store = Store::Open(directory / "state");
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  Totals totals{*rules};

  Fixture() { Totals::CreateTables(store->database()); }

  UiAction Action(ActionKind kind, const char* module, const char* name, std::uint64_t visitor) const {
    UiAction action;
    action.kind = kind;
    action.module = rules->catalogue().Plugin(module);
    const bool api = kind == ActionKind::kUiApiCall || kind == ActionKind::kApiClient;
    action.action =
        api ? rules->catalogue().ApiMethod(action.module, name) : rules->catalogue().Action(action.module, name);
    action.day = kDay;
    action.visitor = visitor;
    return action;
  }
  void Flush() {
    WriteTransaction transaction = store->BeginWrite();
    totals.AddTo(transaction);
    transaction.Commit();
    totals.Clear();
  }
  UsageReport Report(UsagePeriod period = {}) { return LoadUsageReport(store->database(), period); }
};

TEST_CASE("a visitor counts once a day, however often and in however many commits") {
  Fixture f;
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 1));
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 2));
  f.Flush();
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 1));
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 0xffff'ffff'ffff'ffff));
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.days.size() == 1);
  CHECK(report.days[0].date == "2026-11-23");
  CHECK(report.days[0].visitors == 3);
  CHECK(report.days[0].reports == 4);
  REQUIRE(report.devices.size() == 1);
  CHECK(report.devices[0].count == 3);
}

TEST_CASE("programs are not counted as visitors") {
  Fixture f;
  f.totals.OnAction(f.Action(ActionKind::kApiClient, "VisitsSummary", "get", 1));
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.api_clients.size() == 1);
  CHECK(report.api_clients[0].name == "VisitsSummary.get");
  CHECK(report.days.at(0).visitors == 0);
}

TEST_CASE("durations have a mean of the calls that have one, and a maximum") {
  Fixture f;
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  f.totals.OnAction(call);  // without a duration
  call.timed = true;
  for (const std::int64_t us : {10'000, 30'000}) {
    call.request_time_us = us;
    f.totals.OnAction(call);
  }
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.ui_api_calls.size() == 1);
  CHECK(report.ui_api_calls[0].count == 3);
  CHECK(report.ui_api_calls[0].timed == 2);
  CHECK(report.ui_api_calls[0].mean_ms == doctest::Approx(20));
  CHECK(report.ui_api_calls[0].max_ms == doctest::Approx(30));
}

TEST_CASE("quantiles of durations are those of all days and commits together") {
  Fixture f;
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  call.timed = true;
  for (int i = 1; i <= 100; ++i) {
    call.day = kDay + i % 3;
    call.request_time_us = i * 1000;
    f.totals.OnAction(call);
    if (i % 10 == 0) f.Flush();
  }
  const CallRow row = f.Report().ui_api_calls.at(0);
  CHECK(row.timed == 100);
  CHECK(row.p50_ms == doctest::Approx(50).epsilon(0.07));
  CHECK(row.p95_ms == doctest::Approx(95).epsilon(0.07));
}

TEST_CASE("totals of a database from before there were quantiles go on") {
  Fixture f;
  f.store->database().Execute("ALTER TABLE usage_total DROP COLUMN times");
  Totals::CreateTables(f.store->database());
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  call.timed = true;
  call.request_time_us = 1000;
  f.totals.OnAction(call);
  f.Flush();
  CHECK(f.Report().ui_api_calls.at(0).p50_ms > 0);
}

TEST_CASE("with calls of which only the sum was kept, there is a mean and no quantile") {
  Fixture f;
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  call.timed = true;
  call.request_time_us = 1000;
  f.totals.OnAction(call);
  f.Flush();
  f.store->database().Execute("UPDATE usage_total SET times = x'' WHERE kind = 4");
  call.day = kDay + 1;
  f.totals.OnAction(call);
  f.Flush();
  const CallRow row = f.Report().ui_api_calls.at(0);
  CHECK(row.mean_ms == doctest::Approx(1));
  CHECK_FALSE(row.has_quantiles);
  CHECK(ToJson(f.Report()).find("p50_ms") == std::string::npos);
}

TEST_CASE("a quantile is no larger than the maximum") {
  Fixture f;
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  call.timed = true;
  call.request_time_us = 100'000;  // in the lower half of its bucket
  f.totals.OnAction(call);
  f.Flush();
  const CallRow row = f.Report().ui_api_calls.at(0);
  CHECK(row.p50_ms == doctest::Approx(100));
  CHECK(row.p95_ms == doctest::Approx(100));
}

TEST_CASE("without any duration, the report says what the log lacks") {
  Fixture f;
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  f.totals.OnAction(call);
  f.Flush();
  CHECK(ToText(f.Report(), 0).find("$request_time") != std::string::npos);
  call.timed = true;
  f.totals.OnAction(call);
  f.Flush();
  CHECK(ToText(f.Report(), 0).find("$request_time") == std::string::npos);
}

TEST_CASE("of a call whose client did not wait, the duration is not known") {
  Fixture f;
  UiAction call = f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1);
  call.timed = true;
  call.status = 499;
  f.totals.OnAction(call);
  f.Flush();
  CHECK(f.Report().ui_api_calls.at(0).count == 1);
  CHECK(f.Report().ui_api_calls.at(0).timed == 0);
}

TEST_CASE("calls that failed are counted apart, those of programs and of the interface") {
  Fixture f;
  const Name actions = f.rules->catalogue().Plugin("Actions");
  const Name method = f.rules->catalogue().ApiMethod(actions, "getPageUrls");
  f.totals.OnAction(f.Action(ActionKind::kUiApiCall, "Actions", "getPageUrls", 1));
  f.totals.OnFailedCall({kDay, false, actions, method});
  f.totals.OnFailedCall({kDay, true, actions, method});
  f.totals.OnFailedCall({kDay, true, actions, method});
  f.Flush();
  const UsageReport report = f.Report();
  CHECK(report.ui_api_calls.at(0).count == 1);
  CHECK(report.ui_api_calls.at(0).failed == 1);
  CHECK(report.api_clients.at(0).count == 0);
  CHECK(report.api_clients.at(0).failed == 2);
  CHECK(report.days.at(0).api_calls == 1);
}

TEST_CASE("hits are counted by title, and events by their names") {
  Fixture f;
  Hit hit;
  hit.day = kDay;
  hit.title = "Visitors Overview";
  f.totals.OnHit(hit);
  f.totals.OnHit(hit);
  hit.kind = Hit::Kind::kEvent;
  hit.category = "Reports";
  hit.action = "Export CSV";
  hit.name = "Actions.getPageUrls";
  f.totals.OnHit(hit);
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.pages.size() == 1);
  CHECK(report.pages[0].count == 2);
  REQUIRE(report.events.size() == 1);
  CHECK(report.events[0].name == "Reports: Export CSV: Actions.getPageUrls");
}

TEST_CASE("page views, and no other hits, are counted by their hour") {
  Fixture f;
  Hit hit;
  hit.day = kDay;
  hit.hour = 5;
  hit.title = "Dashboard";
  f.totals.OnHit(hit);
  hit.kind = Hit::Kind::kEvent;
  f.totals.OnHit(hit);
  hit.kind = Hit::Kind::kPageView;
  hit.hour = 23;
  for (int i = 0; i < 2; ++i) f.totals.OnHit(hit);
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.hours.size() == 2);
  CHECK(report.hours[0].name == "23");
  CHECK(report.hours[0].count == 2);
  CHECK(report.hours[1].name == "05");
  CHECK(report.hours[1].count == 1);
}

TEST_CASE("a report has its views and interactions, whatever requests they took") {
  Fixture f;
  for (int i = 0; i < 4; ++i) f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 1));
  const Name actions = f.rules->catalogue().Plugin("Actions");
  const Name visits = f.rules->catalogue().Plugin("VisitsSummary");
  const ReportUse view{ReportUse::Kind::kView, actions, f.rules->catalogue().Action(actions, "getPageUrls")};
  const ReportUse interaction{ReportUse::Kind::kInteraction, view.plugin, view.report};
  const ReportUse other{ReportUse::Kind::kView, visits, f.rules->catalogue().Action(visits, "get")};
  for (const ReportUse& use : {other, view, interaction, interaction, view}) f.totals.OnReportUse(kDay, use);
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.reports.size() == 2);
  CHECK(report.reports[0].name == "Actions.getPageUrls");
  CHECK(report.reports[0].count == 4);
  CHECK(report.reports[0].views == 2);
  CHECK(report.reports[0].interactions == 2);
  CHECK(report.reports[1].views == 1);
  CHECK(report.days.at(0).report_views == 3);
  CHECK(report.days.at(0).report_interactions == 2);
  CHECK(ToJson(report).find(R"({"name":"Actions.getPageUrls","count":4,"views":2,"interactions":2})") !=
        std::string::npos);
}

TEST_CASE("as text, widgets that are no report are left out") {
  Fixture f;
  const Name actions = f.rules->catalogue().Plugin("Actions");
  f.totals.OnAction(f.Action(ActionKind::kReport, "Dashboard", "embeddedIndex", 1));
  f.totals.OnReportUse(kDay, {ReportUse::Kind::kInteraction, actions, f.rules->catalogue().Action(actions, "get")});
  f.Flush();
  const std::string text = ToText(f.Report(), 0);
  CHECK(text.find("Actions.get") != std::string::npos);
  CHECK(text.find("Dashboard.embeddedIndex") == std::string::npos);
}

TEST_CASE("nothing is kept of a transaction that does not commit, and all of the next one that does") {
  Fixture f;
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 1));
  {
    WriteTransaction transaction = f.store->BeginWrite();
    f.totals.AddTo(transaction);
  }
  CHECK(f.Report().days.empty());
  f.Flush();
  const UsageReport report = f.Report();
  REQUIRE(report.days.size() == 1);
  CHECK(report.days[0].visitors == 1);
  CHECK(report.days[0].reports == 1);
}

TEST_CASE("pseudonyms of past days are forgotten, their numbers are not") {
  Fixture f;
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 1));
  f.Flush();
  WriteTransaction transaction = f.store->BeginWrite();
  Totals::ForgetVisitors(std::vector{kDay}, transaction);
  transaction.Commit();
  Statement rows = f.store->database().Prepare("SELECT count(*) FROM usage_visitor");
  REQUIRE(rows.Step());
  CHECK(rows.Integer(0) == 0);
  CHECK(f.Report().days.at(0).visitors == 1);
}

TEST_CASE("a report of other days is empty, and says what to do as text") {
  Fixture f;
  f.totals.OnAction(f.Action(ActionKind::kReport, "Actions", "getPageUrls", 1));
  f.Flush();
  const UsageReport report = f.Report({kDay + 1, kDay + 9});
  CHECK(report.days.empty());
  CHECK(ToText(report, 10).find("hushlog import") != std::string::npos);
}

TEST_CASE("a list longer than asked for says how much is left out") {
  UsageReport report;
  report.days.push_back({"2026-11-23", 1, 2, 3, 4, 5, 6, 1234567});
  for (int i = 0; i < 5; ++i) report.pages.push_back({.name = "Page " + std::to_string(i), .count = 10 - i});
  const std::string text = ToText(report, 3);
  CHECK(text.find("1,234,567") != std::string::npos);
  CHECK(text.find("Page 2") != std::string::npos);
  CHECK(text.find("Page 3") == std::string::npos);
  CHECK(text.find("2 more") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
