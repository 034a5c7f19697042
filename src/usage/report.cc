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

std::vector<UsageRow> LoadRows(Database& database, UsagePeriod period, TotalKind kind) {
  Statement query = database.Prepare(
      "SELECT name, sum(count), sum(timed), sum(total_us), max(max_us) FROM usage_total "
      "WHERE day BETWEEN ?1 AND ?2 AND kind = ?3 GROUP BY name ORDER BY sum(count) DESC, name");
  query.Bind(1, std::int64_t{period.first}).Bind(2, std::int64_t{period.last}).Bind(3, static_cast<std::int64_t>(kind));
  std::vector<UsageRow> rows;
  while (query.Step()) {
    UsageRow row{std::string(query.Text(0)), query.Integer(1), query.Integer(2), 0, 0};
    if (row.timed > 0) row.mean_ms = static_cast<double>(query.Integer(3)) / static_cast<double>(row.timed) / 1000;
    row.max_ms = static_cast<double>(query.Integer(4)) / 1000;
    rows.push_back(std::move(row));
  }
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

void AppendRows(std::string_view key, const std::vector<UsageRow>& rows, std::string* out) {
  fmt::format_to(std::back_inserter(*out), ",\"{}\":[", key);
  for (const UsageRow& row : rows) {
    if (&row != rows.data()) out->push_back(',');
    out->append("{\"name\":");
    AppendJsonString(out, row.name);
    fmt::format_to(std::back_inserter(*out), ",\"count\":{}", row.count);
    if (row.timed > 0) {
      fmt::format_to(std::back_inserter(*out), ",\"timed\":{},\"mean_ms\":{:.3f},\"max_ms\":{:.3f}", row.timed,
                     row.mean_ms, row.max_ms);
    }
    out->push_back('}');
  }
  out->push_back(']');
}

}  // namespace

UsageReport LoadUsageReport(Database& database, UsagePeriod period) {
  UsageReport report;
  report.days = LoadDays(database, period);
  report.pages = LoadRows(database, period, TotalKind::kPageView);
  report.reports = LoadRows(database, period, TotalKind::kReport);
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
    fmt::format_to(
        std::back_inserter(out),
        "{}{{\"date\":\"{}\",\"visitors\":{},\"page_views\":{},\"reports\":{},\"events\":{},\"api_calls\":{}}}",
        &day == report.days.data() ? "" : ",", day.date, day.visitors, day.page_views, day.reports, day.events,
        day.api_calls);
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
