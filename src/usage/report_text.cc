// The usage report as tables for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "src/usage/report.h"

namespace hushlog {
namespace {

constexpr std::size_t kNameWidth = 46;
constexpr std::size_t kBarWidth = 20;

std::string Grouped(std::int64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

std::string Bar(std::int64_t count, std::int64_t largest) {
  std::string bar;
  if (count == 0) return bar;
  const auto length = static_cast<std::size_t>(count) * kBarWidth / static_cast<std::size_t>(largest);
  for (std::size_t i = 0; i < std::max<std::size_t>(length, 1); ++i) bar += "▇";
  return bar;
}

std::string Shortened(std::string_view name) {
  return name.size() <= kNameWidth ? std::string(name) : fmt::format("{}...", name.substr(0, kNameWidth - 3));
}

void AppendHidden(std::size_t hidden, std::string* out) {
  if (hidden > 0) fmt::format_to(std::back_inserter(*out), "  ... and {} more (--all shows them)\n", hidden);
}

void AppendCounts(std::string_view heading, std::string_view unit, const std::vector<UsageRow>& rows, std::size_t limit,
                  std::string* out) {
  if (rows.empty()) return;
  const std::size_t shown = limit == 0 ? rows.size() : std::min(limit, rows.size());
  fmt::format_to(std::back_inserter(*out), "\n{:<{}} {:>10}\n", heading, kNameWidth + 2, unit);
  for (std::size_t i = 0; i < shown; ++i) {
    fmt::format_to(std::back_inserter(*out), "  {:<{}} {:>10}  {}\n", Shortened(rows[i].name), kNameWidth,
                   Grouped(rows[i].count), Bar(rows[i].count, rows[0].count));
  }
  AppendHidden(rows.size() - shown, out);
}

void AppendReports(std::vector<ReportRow> rows, std::size_t limit, std::string* out) {
  std::erase_if(rows, [](const ReportRow& row) { return row.views + row.interactions == 0; });
  if (rows.empty()) return;
  const std::size_t shown = limit == 0 ? rows.size() : std::min(limit, rows.size());
  fmt::format_to(std::back_inserter(*out), "\n{:<{}} {:>10} {:>12}\n", "Reports", kNameWidth + 2, "views",
                 "interactions");
  for (std::size_t i = 0; i < shown; ++i) {
    fmt::format_to(std::back_inserter(*out), "  {:<{}} {:>10} {:>12}  {}\n", Shortened(rows[i].name), kNameWidth,
                   Grouped(rows[i].views), Grouped(rows[i].interactions), Bar(rows[i].views, rows[0].views));
  }
  AppendHidden(rows.size() - shown, out);
}

void AppendCalls(std::string_view heading, const std::vector<CallRow>& rows, std::size_t limit, std::string* out) {
  if (rows.empty()) return;
  const std::size_t shown = limit == 0 ? rows.size() : std::min(limit, rows.size());
  fmt::format_to(std::back_inserter(*out), "\n{:<{}} {:>9} {:>7} {:>8} {:>8} {:>8} {:>8}\n", heading, kNameWidth + 2,
                 "calls", "failed", "mean ms", "p50", "p95", "max");
  for (std::size_t i = 0; i < shown; ++i) {
    const CallRow& row = rows[i];
    fmt::format_to(std::back_inserter(*out), "  {:<{}} {:>9} {:>7}", Shortened(row.name), kNameWidth,
                   Grouped(row.count), Grouped(row.failed));
    for (const auto& [known, value] :
         {std::pair(row.timed > 0, row.mean_ms), std::pair(row.has_quantiles, row.p50_ms),
          std::pair(row.has_quantiles, row.p95_ms), std::pair(row.timed > 0, row.max_ms)}) {
      fmt::format_to(std::back_inserter(*out), " {:>8}", known ? fmt::format("{:.1f}", value) : "-");
    }
    out->push_back('\n');
  }
  AppendHidden(rows.size() - shown, out);
}

void AppendDurationHint(const UsageReport& report, std::string* out) {
  bool calls = false, timed = false;
  for (const auto* rows : {&report.ui_api_calls, &report.api_clients}) {
    for (const CallRow& row : *rows) {
      calls |= row.count > 0;
      timed |= row.timed > 0;
    }
  }
  if (!calls || timed) return;
  out->append(
      "  No durations are known: they need request times in the log (nginx $request_time, Apache %D), and clients "
      "that\n"
      "  wait for the answer (not status 499)\n");
}

void AppendDays(const std::vector<UsageDay>& days, std::string* out) {
  fmt::format_to(std::back_inserter(*out), "{:<12} {:>10} {:>12} {:>12} {:>10} {:>12}\n", "Day", "visitors",
                 "page views", "report views", "events", "API calls");
  for (const UsageDay& day : days) {
    fmt::format_to(std::back_inserter(*out), "{:<12} {:>10} {:>12} {:>12} {:>10} {:>12}\n", day.date,
                   Grouped(day.visitors), Grouped(day.page_views), Grouped(day.report_views), Grouped(day.events),
                   Grouped(day.api_calls));
  }
}

}  // namespace

std::string ToText(const UsageReport& report, std::size_t rows) {
  if (report.days.empty()) return "No usage is recorded in this time. To record some: hushlog import FILE\n";
  std::string out;
  AppendDays(report.days, &out);
  AppendCounts("Pages", "views", report.pages, rows, &out);
  AppendReports(report.reports, rows, &out);
  AppendCounts("Events", "count", report.events, rows, &out);
  AppendCalls("API methods called by the interface", report.ui_api_calls, rows, &out);
  AppendCalls("API methods called by programs", report.api_clients, rows, &out);
  AppendDurationHint(report, &out);
  AppendCounts("Browsers", "visitors", report.browsers, rows, &out);
  AppendCounts("Operating systems", "visitors", report.systems, rows, &out);
  AppendCounts("Devices", "visitors", report.devices, rows, &out);
  return out;
}

}  // namespace hushlog
