// What an import did, for people and for programs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/line_parser.h"
#include "rules/recognizer.h"
#include "src/delivery/deliverer.h"

namespace hushlog {

// Outcomes of lines; they add up: lines = bad lines + dropped requests + actions.
struct LineCounts {
  std::int64_t lines = 0;
  std::array<std::int64_t, static_cast<std::size_t>(LineStatus::kCount)> bad{};  // by LineStatus; [kOk] stays 0
  std::array<std::int64_t, 256> dropped{};                                       // by DropReason; [kKept] stays 0
  std::int64_t actions = 0;                                                      // lines that are usage

  LineCounts& operator+=(const LineCounts& other);
  std::int64_t BadLines() const;
  // Lines that speak against the format of the log, not against the client.
  std::int64_t MisfitLines() const;
  bool Fit() const { return MisfitLines() * 2 <= lines; }
};

// Calls f(name, count) for each outcome that happened: "format_mismatch", "tracker", ...
template <typename F>
void ForEachDropped(const LineCounts& counts, const RuleSet& rules, F f) {
  for (std::size_t i = 0; i < counts.bad.size(); ++i) {
    if (counts.bad[i] > 0) f(ToString(static_cast<LineStatus>(i)), counts.bad[i]);
  }
  for (std::size_t i = 0; i < rules.drop_reasons().size(); ++i) {
    if (counts.dropped[i] > 0) f(std::string_view(rules.drop_reasons()[i]), counts.dropped[i]);
  }
}

struct ImportSummary {
  LineCounts counts;
  std::int64_t hits = 0;                // made of lines
  std::int64_t system_report_hits = 0;  // of the daily system reports
  std::int64_t visits_closed_early = 0;
  std::int64_t hits_waiting = 0;
  std::int64_t bytes = 0;                    // of decompressed log
  double seconds = 0;                        // reading, without delivery
  std::vector<std::string> unreadable;       // one sentence a file
  std::vector<TargetResult> targets;         // with the ledger of this run, but for `pending`
  std::vector<std::int64_t> pending_before;  // of each target, before this run
};

// Stable keys: lines_read, dropped, actions, hits, system_report_hits, targets: {name: {pending_before, hits, sent,
// tracked, invalid, unaccounted, parked, dead, pending, state, message}}.
std::string ToJson(const ImportSummary& summary, const RuleSet& rules);
std::string ToText(const ImportSummary& summary, const RuleSet& rules);

}  // namespace hushlog
