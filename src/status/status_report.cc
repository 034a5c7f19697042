#include "src/status/status_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

constexpr std::string_view kDroppedPrefix = "dropped.";

template <typename... Args>
void Print(std::string* out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(*out), format, std::forward<Args>(args)...);
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(&quoted, text);
  return quoted;
}

template <typename Items, typename Function>
void AppendList(const Items& items, std::string* out, Function append) {
  const char* separator = "";
  for (const auto& item : items) {
    out->append(std::exchange(separator, ","));
    append(item);
  }
}

std::int64_t CounterOf(const StatusReport& report, const std::string& name) {
  const auto counter = report.counters.find(name);
  return counter == report.counters.end() ? 0 : counter->second;
}

void AppendLines(const StatusReport& report, std::string* out) {
  std::vector<std::pair<std::string_view, std::int64_t>> dropped;
  std::int64_t sum = 0;
  for (const auto& [name, count] : report.counters) {
    if (!name.starts_with(kDroppedPrefix)) continue;
    dropped.emplace_back(std::string_view(name).substr(kDroppedPrefix.size()), count);
    sum += count;
  }
  const std::int64_t read = CounterOf(report, "lines_read"), actions = CounterOf(report, "actions");
  Print(out, "\"lines_read\":{},\"actions\":{},\"hits\":{},\"adds_up\":{},\"dropped\":{{", read, actions,
        CounterOf(report, "hits"), read == sum + actions);
  AppendList(dropped, out, [out](const auto& reason) { Print(out, "{}:{}", Quoted(reason.first), reason.second); });
  out->append("}");
}

std::int64_t LagOf(const FileProgress& file) { return static_cast<std::int64_t>(file.size - file.position); }

void AppendSource(const SourceProgress& source, std::string* out) {
  const auto [bytes, seconds] = LagOf(source);
  Print(out, "{{\"name\":{},\"lag_bytes\":{},\"lag_s\":{},\"files\":[", Quoted(source.name), bytes, seconds);
  AppendList(source.files, out, [out](const FileProgress& file) {
    Print(out, "{{\"path\":{},\"position\":{},\"size\":{},\"lag_bytes\":{},\"lag_s\":{}}}", Quoted(file.path),
          file.position, file.size, LagOf(file), file.behind.count());
  });
  out->append("]}");
}

void AppendTarget(const TargetStatus& target, const StatusReport& report, std::string* out) {
  const TargetLedger& ledger = target.ledger;
  TargetCondition condition;
  condition.trouble = target.trouble;
  std::string_view state = target.trouble.empty() ? "ok" : "waits";
  const auto found = std::ranges::find(report.conditions, target.name, &TargetCondition::name);
  if (found != report.conditions.end()) {
    condition = *found;
    if (condition.state != TargetState::kDrained) state = StateWord(condition.state);
  }
  const auto ago = [&report](std::int64_t time_ms) {
    return time_ms == 0 ? 0 : std::max<std::int64_t>(0, report.time_ms - time_ms) / 1000;
  };
  Print(out, "{{\"name\":{},\"configured\":{},\"state\":\"{}\",\"trouble\":{},", Quoted(target.name), target.active,
        state, Quoted(condition.trouble));
  Print(out,
        "\"hits\":{},\"tracked\":{},\"invalid\":{},\"unaccounted\":{},\"parked\":{},\"dead\":{},\"pending\":{},"
        "\"adds_up\":{},\"oldest_pending_s\":{},",
        ledger.hits, ledger.tracked, ledger.invalid, ledger.unaccounted, ledger.parked, ledger.dead, ledger.pending,
        AddsUp(ledger), ago(target.oldest_ms));
  Print(out, "\"last_answer\":{},\"last_answer_s\":{},\"clock_behind_s\":{},\"senders\":{}}}",
        Quoted(condition.last_answer), ago(condition.last_answer_ms), condition.clock_behind_ms / 1000,
        condition.senders);
}

}  // namespace

Lag LagOf(const SourceProgress& source) {
  Lag lag;
  for (const FileProgress& file : source.files) {
    lag.bytes += LagOf(file);
    lag.seconds = std::max<std::int64_t>(lag.seconds, file.behind.count());
  }
  return lag;
}

bool AddsUp(const TargetLedger& ledger) {
  return ledger.pending >= 0 && ledger.sent == ledger.tracked + ledger.invalid + ledger.unaccounted &&
         ledger.hits == ledger.sent + ledger.parked + ledger.dead + ledger.pending;
}

std::string ToJson(const StatusReport& report) {
  std::string out = fmt::format("{{\"time_s\":{},\"process\":{},", report.time_ms / 1000, report.process);
  AppendLines(report, &out);
  out.append(",\"sources\":[");
  AppendList(report.sources, &out, [&out](const SourceProgress& source) { AppendSource(source, &out); });
  out.append("],\"targets\":[");
  AppendList(report.targets, &out, [&](const TargetStatus& target) { AppendTarget(target, report, &out); });
  out.append("]}\n");
  return out;
}

}  // namespace hushlog
