#include "src/usage/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/base/json_writer.h"
#include "src/usage/day_totals.h"
#include "src/usage/durations.h"
#include "src/usage/totals.h"

namespace hushlog {
namespace {

// What the totals of some days and kinds say of one name.
struct Merged {
  std::int64_t count = 0, timed = 0, total_us = 0, max_us = 0;
  Durations times;
  std::array<std::int64_t, 2> others{};  // counts of the other kinds
};

using Kinds = std::array<TotalKind, 3>;  // the one that counts, and others; may repeat

void AddRow(const Statement& row, const Kinds& kinds, Merged* merged) {
  const auto kind = static_cast<TotalKind>(row.Integer(1));
  if (kind != kinds[0]) {
    merged->others[kind == kinds[1] ? 0 : 1] += row.Integer(2);
    return;
  }
  merged->count += row.Integer(2);
  merged->timed += row.Integer(3);
  merged->total_us += row.Integer(4);
  merged->max_us = std::max(merged->max_us, row.Integer(5));
  Durations times;
  if (times.Decode(row.Blob(6))) merged->times.Add(times);
}

std::map<std::string, Merged> Merge(Database& database, UsagePeriod period, const Kinds& kinds) {
  Statement query = database.Prepare(
      "SELECT name, kind, count, timed, total_us, max_us, times FROM usage_total "
      "WHERE day BETWEEN ?1 AND ?2 AND kind IN (?3, ?4, ?5)");
  query.Bind(1, std::int64_t{period.first}).Bind(2, std::int64_t{period.last});
  for (int i = 0; i < 3; ++i) query.Bind(3 + i, static_cast<std::int64_t>(kinds[static_cast<std::size_t>(i)]));
  std::map<std::string, Merged> names;
  while (query.Step()) AddRow(query, kinds, &names[std::string(query.Text(0))]);
  return names;
}

UsageRow RowOf(const std::string& name, const Merged& merged) {
  constexpr double kMicrosPerMilli = 1000;
  UsageRow row;
  row.name = name;
  row.count = merged.count;
  row.timed = merged.timed;
  if (merged.timed == 0) return row;
  row.mean_ms = static_cast<double>(merged.total_us) / static_cast<double>(merged.timed) / kMicrosPerMilli;
  row.max_ms = static_cast<double>(merged.max_us) / kMicrosPerMilli;
  if (merged.times.count() != merged.timed) return row;  // some are of a hushlog that kept no buckets
  row.has_quantiles = true;
  row.p50_ms = std::min(merged.times.Quantile(0.50) / kMicrosPerMilli, row.max_ms);
  row.p95_ms = std::min(merged.times.Quantile(0.95) / kMicrosPerMilli, row.max_ms);
  return row;
}

std::vector<UsageRow> LoadRows(Database& database, UsagePeriod period, TotalKind kind) {
  std::vector<UsageRow> rows;
  for (const auto& [name, merged] : Merge(database, period, {kind, kind, kind})) rows.push_back(RowOf(name, merged));
  std::ranges::stable_sort(rows, std::greater(), &UsageRow::count);
  return rows;
}

std::vector<CallRow> LoadCalls(Database& database, UsagePeriod period, TotalKind kind, TotalKind failed) {
  std::vector<CallRow> rows;
  for (const auto& [name, merged] : Merge(database, period, {kind, failed, failed})) {
    rows.push_back({RowOf(name, merged), merged.others[0]});
  }
  std::ranges::stable_sort(rows, std::greater(), [](const CallRow& row) { return std::pair(row.count, row.failed); });
  return rows;
}

// Exports and row evolution make interactions without a request of the report itself.
std::vector<ReportRow> LoadReports(Database& database, UsagePeriod period) {
  const Kinds kinds = {TotalKind::kReport, TotalKind::kReportView, TotalKind::kReportInteraction};
  std::vector<ReportRow> rows;
  for (const auto& [name, merged] : Merge(database, period, kinds)) {
    rows.push_back({RowOf(name, merged), merged.others[0], merged.others[1]});
  }
  std::ranges::stable_sort(rows, std::greater(),
                           [](const ReportRow& row) { return std::tuple(row.views, row.interactions, row.count); });
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
    case TotalKind::kFailedUiApiCall:
    case TotalKind::kFailedApiClient:
    case TotalKind::kBrowser:
    case TotalKind::kSystem:
    case TotalKind::kDevice:
    case TotalKind::kHour:
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
  if (!row.has_quantiles) return;
  fmt::format_to(std::back_inserter(*out), ",\"p50_ms\":{:.3f},\"p95_ms\":{:.3f}", row.p50_ms, row.p95_ms);
}

void AppendFields(const CallRow& row, std::string* out) {
  AppendFields(static_cast<const UsageRow&>(row), out);
  fmt::format_to(std::back_inserter(*out), ",\"failed\":{}", row.failed);
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
  report.ui_api_calls = LoadCalls(database, period, TotalKind::kUiApiCall, TotalKind::kFailedUiApiCall);
  report.api_clients = LoadCalls(database, period, TotalKind::kApiClient, TotalKind::kFailedApiClient);
  report.browsers = LoadRows(database, period, TotalKind::kBrowser);
  report.systems = LoadRows(database, period, TotalKind::kSystem);
  report.devices = LoadRows(database, period, TotalKind::kDevice);
  report.hours = LoadRows(database, period, TotalKind::kHour);
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
  AppendRows("hours", report.hours, &out);
  out.append("}\n");
  return out;
}

}  // namespace hushlog
