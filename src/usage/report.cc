#include "src/usage/report.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string_view>

#include "src/base/json_writer.h"
#include "src/usage/totals.h"

namespace hushlog {
namespace {

std::string DateText(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

// From the columns name, count, timed, total_us and max_us.
UsageRow RowFrom(const Statement& row) {
  UsageRow usage{std::string(row.Text(0)), row.Integer(1), row.Integer(2), 0, 0};
  if (usage.timed > 0) usage.mean_ms = static_cast<double>(row.Integer(3)) / static_cast<double>(usage.timed) / 1000;
  usage.max_ms = static_cast<double>(row.Integer(4)) / 1000;
  return usage;
}

std::vector<UsageRow> LoadRows(Database& database, UsagePeriod period, TotalKind kind) {
  Statement query = database.Prepare(
      "SELECT name, sum(count), sum(timed), sum(total_us), max(max_us) FROM usage_total "
      "WHERE day BETWEEN ?1 AND ?2 AND kind = ?3 GROUP BY name ORDER BY sum(count) DESC, name");
  query.Bind(1, std::int64_t{period.first}).Bind(2, std::int64_t{period.last}).Bind(3, static_cast<std::int64_t>(kind));
  std::vector<UsageRow> rows;
  while (query.Step()) rows.push_back(RowFrom(query));
  return rows;
}

// Exports and row evolution make interactions without a request of the report itself.
std::vector<ReportRow> LoadReports(Database& database, UsagePeriod period) {
  Statement query = database.Prepare(
      "SELECT name, sum(iif(kind = ?3, count, 0)), sum(timed), sum(total_us), max(max_us), "
      "sum(iif(kind = ?4, count, 0)), sum(iif(kind = ?5, count, 0)) FROM usage_total "
      "WHERE day BETWEEN ?1 AND ?2 AND kind IN (?3, ?4, ?5) GROUP BY name ORDER BY 6 DESC, 7 DESC, 2 DESC, name");
  query.Bind(1, std::int64_t{period.first}).Bind(2, std::int64_t{period.last});
  query.Bind(3, static_cast<std::int64_t>(TotalKind::kReport));
  query.Bind(4, static_cast<std::int64_t>(TotalKind::kReportView));
  query.Bind(5, static_cast<std::int64_t>(TotalKind::kReportInteraction));
  std::vector<ReportRow> rows;
  while (query.Step()) rows.push_back({RowFrom(query), query.Integer(5), query.Integer(6)});
  return rows;
}

void AddToDay(TotalKind kind, std::int64_t count, UsageDay* day) {
  switch (kind) {
    case TotalKind::kVisitor:
      day->visitors += count;
      return;
    case TotalKind::kPageView:
      day->page_views += count;
      return;
    case TotalKind::kReport:
      day->reports += count;
      return;
    case TotalKind::kReportView:
      day->report_views += count;
      return;
    case TotalKind::kReportInteraction:
      day->report_interactions += count;
      return;
    case TotalKind::kEvent:
      day->events += count;
      return;
    case TotalKind::kUiApiCall:
    case TotalKind::kApiClient:
      day->api_calls += count;
      return;
    case TotalKind::kBrowser:
    case TotalKind::kSystem:
    case TotalKind::kDevice:
      return;
  }
}

std::vector<UsageDay> LoadDays(Database& database, UsagePeriod period) {
  Statement query = database.Prepare(
      "SELECT day, kind, sum(count) FROM usage_total WHERE day BETWEEN ?1 AND ?2 GROUP BY day, kind ORDER BY day");
  query.Bind(1, std::int64_t{period.first}).Bind(2, std::int64_t{period.last});
  std::map<std::int64_t, UsageDay> days;
  while (query.Step()) {
    UsageDay& day = days[query.Integer(0)];
    AddToDay(static_cast<TotalKind>(query.Integer(1)), query.Integer(2), &day);
  }
  std::vector<UsageDay> list;
  for (auto& [number, day] : days) {
    day.date = DateText(number);
    list.push_back(std::move(day));
  }
  return list;
}

void AppendFields(const UsageRow& row, std::string* out) {
  out->append("\"name\":");
  AppendJsonString(out, row.name);
  fmt::format_to(std::back_inserter(*out), ",\"count\":{}", row.count);
  if (row.timed == 0) return;
  fmt::format_to(std::back_inserter(*out), ",\"timed\":{},\"mean_ms\":{:.3f},\"max_ms\":{:.3f}", row.timed, row.mean_ms,
                 row.max_ms);
}

void AppendFields(const ReportRow& row, std::string* out) {
  AppendFields(static_cast<const UsageRow&>(row), out);
  fmt::format_to(std::back_inserter(*out), ",\"views\":{},\"interactions\":{}", row.views, row.interactions);
}

template <typename Row>
void AppendRows(std::string_view key, const std::vector<Row>& rows, std::string* out) {
  fmt::format_to(std::back_inserter(*out), ",\"{}\":[", key);
  for (const Row& row : rows) {
    out->append(&row == rows.data() ? "{" : ",{");
    AppendFields(row, out);
    out->push_back('}');
  }
  out->push_back(']');
}

}  // namespace

UsageReport LoadUsageReport(Database& database, UsagePeriod period) {
  UsageReport report;
  report.days = LoadDays(database, period);
  report.pages = LoadRows(database, period, TotalKind::kPageView);
  report.reports = LoadReports(database, period);
  report.events = LoadRows(database, period, TotalKind::kEvent);
  report.ui_api_calls = LoadRows(database, period, TotalKind::kUiApiCall);
  report.api_clients = LoadRows(database, period, TotalKind::kApiClient);
  report.browsers = LoadRows(database, period, TotalKind::kBrowser);
  report.systems = LoadRows(database, period, TotalKind::kSystem);
  report.devices = LoadRows(database, period, TotalKind::kDevice);
  return report;
}

std::string ToJson(const UsageReport& report) {
  std::string out = "{\"days\":[";
  for (const UsageDay& day : report.days) {
    fmt::format_to(std::back_inserter(out),
                   "{}{{\"date\":\"{}\",\"visitors\":{},\"page_views\":{},\"reports\":{},\"report_views\":{},"
                   "\"report_interactions\":{},\"events\":{},\"api_calls\":{}}}",
                   &day == report.days.data() ? "" : ",", day.date, day.visitors, day.page_views, day.reports,
                   day.report_views, day.report_interactions, day.events, day.api_calls);
  }
  out.push_back(']');
  AppendRows("pages", report.pages, &out);
  AppendRows("reports", report.reports, &out);
  AppendRows("events", report.events, &out);
  AppendRows("ui_api_calls", report.ui_api_calls, &out);
  AppendRows("api_clients", report.api_clients, &out);
  AppendRows("browsers", report.browsers, &out);
  AppendRows("systems", report.systems, &out);
  AppendRows("devices", report.devices, &out);
  out.append("}\n");
  return out;
}

}  // namespace hushlog
