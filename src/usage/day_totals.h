// The usage totals of single days, as they are stored: what the page and CSV are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"
#include "src/spool/database.h"
#include "src/usage/durations.h"
#include "src/usage/report.h"
#include "src/usage/totals.h"

namespace hushlog {

struct DayTotal {
  std::int32_t day = 0;  // days since 1970-01-01
  TotalKind kind = TotalKind::kPageView;
  std::string name;  // see TotalKind
  std::int64_t count = 0;
  std::int64_t timed = 0;  // how many of them have a duration
  std::int64_t total_us = 0;
  std::int64_t max_us = 0;
  Durations times{};  // of those that a hushlog counted which keeps them
};

// Ordered by day, kind and name. Throws StoreError.
std::vector<DayTotal> LoadDayTotals(Database& database, UsagePeriod period);

// "page_views", "ui_api_calls", ...; "" for a kind of another version of hushlog. Stable.
std::string_view KeyOf(TotalKind kind) noexcept;
// Whether totals of this kind have durations.
bool IsTimed(TotalKind kind) noexcept;

// "2026-11-23"
std::string DateText(std::int64_t day);

// "Plugin.report" of every report whose use is counted, in order.
std::vector<std::string> KnownReports(const RuleSet& rules);

// One line a total, with a line of headings (RFC 4180); durations in milliseconds, empty where none is known; quantiles
// only where they are known of all that are timed.
std::string ToCsv(std::span<const DayTotal> totals);

}  // namespace hushlog
