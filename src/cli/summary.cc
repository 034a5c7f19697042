#include "src/cli/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

void AppendTarget(const TargetResult& target, std::int64_t pending_before, std::string* out) {
  const TargetLedger& ledger = target.ledger;
  AppendJsonString(out, target.name);
  fmt::format_to(std::back_inserter(*out),
                 ":{{\"pending_before\":{},\"hits\":{},\"sent\":{},\"tracked\":{},\"invalid\":{},\"unaccounted\":{},"
                 "\"parked\":{},\"dead\":{},"
                 "\"pending\":{},\"state\":\"{}\",\"message\":",
                 pending_before, ledger.hits, ledger.sent, ledger.tracked, ledger.invalid, ledger.unaccounted,
                 ledger.parked, ledger.dead, ledger.pending, StateWord(target.state));
  AppendJsonString(out, target.message);
  out->push_back('}');
}

void AppendTargetText(const TargetResult& target, std::string* out) {
  const TargetLedger& ledger = target.ledger;
  fmt::format_to(std::back_inserter(*out), "  {}: {} hits tracked", target.name, ledger.tracked);
  for (const auto& [count, word] :
       {std::pair(ledger.pending, "pending"), std::pair(ledger.invalid, "refused as invalid"),
        std::pair(ledger.unaccounted, "not accounted for by the tracker"),
        std::pair(ledger.parked, "parked: sent, but the answer was lost"), std::pair(ledger.dead, "undeliverable")}) {
    if (count > 0) fmt::format_to(std::back_inserter(*out), ", {} {}", count, word);
  }
  out->push_back('\n');
  if (!target.message.empty()) fmt::format_to(std::back_inserter(*out), "    {}\n", target.message);
}

}  // namespace

LineCounts& LineCounts::operator+=(const LineCounts& other) {
  lines += other.lines;
  actions += other.actions;
  for (std::size_t i = 0; i < bad.size(); ++i) bad[i] += other.bad[i];
  for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += other.dropped[i];
  return *this;
}

std::int64_t LineCounts::BadLines() const { return std::accumulate(bad.begin(), bad.end(), std::int64_t{0}); }

std::string ToJson(const ImportSummary& summary, const RuleSet& rules) {
  std::string out = fmt::format("{{\"lines_read\":{},\"dropped\":{{", summary.counts.lines);
  const char* separator = "";
  ForEachDropped(summary.counts, rules, [&](std::string_view name, std::int64_t count) {
    out.append(std::exchange(separator, ","));
    AppendJsonString(&out, name);
    fmt::format_to(std::back_inserter(out), ":{}", count);
  });
  fmt::format_to(std::back_inserter(out),
                 "}},\"actions\":{},\"hits\":{},\"system_report_hits\":{},\"hits_waiting\":{},\"visits_closed_early\":{"
                 "},\"bytes\":{},"
                 "\"seconds\":{:.3f},\"targets\":{{",
                 summary.counts.actions, summary.hits, summary.system_report_hits, summary.hits_waiting,
                 summary.visits_closed_early, summary.bytes, summary.seconds);
  separator = "";
  for (std::size_t i = 0; i < summary.targets.size(); ++i) {
    out.append(std::exchange(separator, ","));
    AppendTarget(summary.targets[i], summary.pending_before[i], &out);
  }
  out.append("},\"unreadable\":[");
  separator = "";
  for (const std::string& sentence : summary.unreadable) {
    out.append(std::exchange(separator, ","));
    AppendJsonString(&out, sentence);
  }
  out.append("]}\n");
  return out;
}

std::int64_t LineCounts::MisfitLines() const {
  const auto count = [this](LineStatus status) { return bad[static_cast<std::size_t>(status)]; };
  return count(LineStatus::kFormatMismatch) + count(LineStatus::kBadTime) + count(LineStatus::kBadStatus) +
         count(LineStatus::kBadJson) + count(LineStatus::kMissingField);
}

std::string ToText(const ImportSummary& summary, const RuleSet& rules) {
  if (summary.counts.lines == 0 && summary.unreadable.empty() && summary.targets.empty()) {
    return "0 lines read: nothing is new since the last import\n";
  }
  const double rate = summary.seconds > 0 ? static_cast<double>(summary.bytes) / summary.seconds / 1e6 : 0;
  std::string out = fmt::format("{} lines read ({:.1f} MB in {:.2f} s, {:.0f} MB/s), {} of them usage, {} hits\n",
                                summary.counts.lines, static_cast<double>(summary.bytes) / 1e6, summary.seconds, rate,
                                summary.counts.actions, summary.hits);
  std::vector<std::pair<std::int64_t, std::string_view>> dropped;
  ForEachDropped(summary.counts, rules,
                 [&](std::string_view name, std::int64_t count) { dropped.emplace_back(count, name); });
  std::ranges::sort(dropped, std::greater<>());
  if (!dropped.empty()) out.append("not counted:");
  for (const auto& [count, name] : dropped)
    fmt::format_to(std::back_inserter(out), " {} {}{}", count, name, name == dropped.back().second ? "\n" : ",");
  if (summary.system_report_hits > 0) {
    fmt::format_to(std::back_inserter(out), "{} hits are the system reports of days that are over\n",
                   summary.system_report_hits);
  }
  if (summary.hits_waiting > 0) {
    fmt::format_to(std::back_inserter(out),
                   "{} hits wait for lines that may follow, and come when such are read; --complete counts them now\n",
                   summary.hits_waiting);
  }
  if (summary.visits_closed_early > 0) {
    fmt::format_to(std::back_inserter(out),
                   "{} visits were closed early: more people at a time than max_visits in the configuration allows\n",
                   summary.visits_closed_early);
  }
  for (const TargetResult& target : summary.targets) AppendTargetText(target, &out);
  return out;
}

}  // namespace hushlog
