// The usage report as one HTML page, which asks the network for nothing.
//
// The files of src/usage/page/ and the totals, as JSON, are in it. A policy in the page (CSP) lets only these scripts
// and styles run, told by their hashes. All sums are made in the page, from the totals of the days that are chosen
// there.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/usage/day_totals.h"

namespace hushlog {

// `totals` in the order of LoadDayTotals; `known_reports` are those that can be unused. `links` is HTML that is put
// below the title.
std::string ToHtml(std::span<const DayTotal> totals, const std::vector<std::string>& known_reports,
                   std::string_view links = {});

// What the page may load, for a policy (CSP); and its style sheet, for pages beside it.
std::string_view UsagePagePolicy();
std::string_view UsagePageStyle();

// The text as a policy names it: 'sha256-...'
std::string HashSource(std::string_view text);

// The JSON in the page: names once, then for each kind and day the rows of `columns`, one after the other:
//   {"days":["2026-11-23"],"names":["Dashboard"],"known_reports":["Actions.get"],
//    "kinds":{"page_views":{"columns":["name","count"],"days":[[0,21]]}}}
// Kinds with durations have further columns: timed, total_us, max_us, and times (Durations::Encode, in base64).
// A name is its place in `names`. Nothing in it can end a <script>.
std::string ToPageData(std::span<const DayTotal> totals, const std::vector<std::string>& known_reports);

}  // namespace hushlog
