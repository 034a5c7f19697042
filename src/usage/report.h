// The usage report: what the totals of some days add up to.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "src/spool/database.h"

namespace hushlog {

struct UsageRow {
  std::string name;
  std::int64_t count = 0;
  std::int64_t timed = 0;  // how many of them have a duration
  double mean_ms = 0;
  double max_ms = 0;
  bool has_quantiles = false;     // they are known of all `timed`
  double p50_ms = 0, p95_ms = 0;  // within 7 %
};

// Calls of an API method. Those that were answered with an error status are not among `count`.
struct CallRow : UsageRow {
  std::int64_t failed = 0;
};

// Count and durations are those of its requests, on report pages and dashboards, whatever came of them.
struct ReportRow : UsageRow {
  std::int64_t views = 0;
  std::int64_t interactions = 0;
};

struct UsageDay {
  std::string date;  // 2026-11-23
  std::int64_t visitors = 0, page_views = 0, reports = 0, report_views = 0, report_interactions = 0, events = 0,
               api_calls = 0;
};

// Days are inclusive, in days since 1970-01-01.
struct UsagePeriod {
  std::int32_t first = std::numeric_limits<std::int32_t>::min();
  std::int32_t last = std::numeric_limits<std::int32_t>::max();
};

// Lists are ordered by count, reports by views, the largest first.
struct UsageReport {
  std::vector<UsageDay> days;  // in order
  std::vector<ReportRow> reports;
  std::vector<CallRow> ui_api_calls, api_clients;
  std::vector<UsageRow> pages, events, browsers, systems, devices;
  std::vector<UsageRow> hours;  // "05": page views by local hour of the log
};

UsageReport LoadUsageReport(Database& database, UsagePeriod period);

// Tables for a terminal; `rows` at most of each list, 0 = all.
std::string ToText(const UsageReport& report, std::size_t rows);

// One JSON object with the whole report. Keys are stable.
std::string ToJson(const UsageReport& report);

}  // namespace hushlog
