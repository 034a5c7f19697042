#include "src/usage/day_totals.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace hushlog {
namespace {

std::string Quoted(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

void AppendDurations(const DayTotal& total, std::string* out) {
  constexpr double kMicrosPerMilli = 1000;
  if (total.timed == 0) {
    *out += ",,,,\r\n";
    return;
  }
  const double max_ms = static_cast<double>(total.max_us) / kMicrosPerMilli;
  fmt::format_to(std::back_inserter(*out), "{},{:.3f},{:.3f}", total.timed,
                 static_cast<double>(total.total_us) / static_cast<double>(total.timed) / kMicrosPerMilli, max_ms);
  if (total.times.count() != total.timed) {
    *out += ",,\r\n";
    return;
  }
  const auto quantile = [&](double share) { return std::min(total.times.Quantile(share) / kMicrosPerMilli, max_ms); };
  fmt::format_to(std::back_inserter(*out), ",{:.3f},{:.3f}\r\n", quantile(0.50), quantile(0.95));
}

}  // namespace

std::vector<DayTotal> LoadDayTotals(Database& database, UsagePeriod period) {
  Statement query = database.Prepare(
      "SELECT day, kind, name, count, timed, total_us, max_us, times FROM usage_total WHERE day BETWEEN ?1 AND ?2 "
      "ORDER BY day, kind, name");
  query.Bind(1, std::int64_t{period.first}).Bind(2, std::int64_t{period.last});
  std::vector<DayTotal> totals;
  while (query.Step()) {
    const auto kind = static_cast<TotalKind>(query.Integer(1));
    if (KeyOf(kind).empty()) continue;
    totals.push_back({static_cast<std::int32_t>(query.Integer(0)), kind, std::string(query.Text(2)), query.Integer(3),
                      query.Integer(4), query.Integer(5), query.Integer(6)});
    (void)totals.back().times.Decode(query.Blob(7));
  }
  return totals;
}

std::string_view KeyOf(TotalKind kind) noexcept {
  switch (kind) {
    case TotalKind::kPageView:
      return "page_views";
    case TotalKind::kReport:
      return "report_requests";
    case TotalKind::kEvent:
      return "events";
    case TotalKind::kUiApiCall:
      return "ui_api_calls";
    case TotalKind::kApiClient:
      return "api_clients";
    case TotalKind::kFailedUiApiCall:
      return "failed_ui_api_calls";
    case TotalKind::kFailedApiClient:
      return "failed_api_clients";
    case TotalKind::kVisitor:
      return "visitors";
    case TotalKind::kBrowser:
      return "browsers";
    case TotalKind::kSystem:
      return "systems";
    case TotalKind::kDevice:
      return "devices";
    case TotalKind::kReportView:
      return "report_views";
    case TotalKind::kReportInteraction:
      return "report_interactions";
    case TotalKind::kHour:
      return "hours";
  }
  return "";
}

bool IsTimed(TotalKind kind) noexcept {
  return kind == TotalKind::kReport || kind == TotalKind::kUiApiCall || kind == TotalKind::kApiClient;
}

std::string DateText(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::vector<std::string> KnownReports(const RuleSet& rules) {
  const Catalogue& catalogue = rules.catalogue();
  std::vector<std::string> reports;
  for (const auto& [plugin, report] : catalogue.reports()) {
    if (!rules.events().IsReport(plugin, report)) continue;
    reports.push_back(fmt::format("{}.{}", catalogue.Text(plugin), catalogue.Text(report)));
  }
  std::ranges::sort(reports);
  return reports;
}

std::string ToCsv(std::span<const DayTotal> totals) {
  std::string out = "day,kind,name,count,timed,mean_ms,max_ms,p50_ms,p95_ms\r\n";
  for (const DayTotal& total : totals) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{},", DateText(total.day), KeyOf(total.kind), Quoted(total.name),
                   total.count);
    AppendDurations(total, &out);
  }
  return out;
}

}  // namespace hushlog
