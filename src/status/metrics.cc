#include "src/status/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <utility>

namespace hushlog {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

constexpr double kMillis = 1000;

class Writer {
 public:
  // The samples that follow are of this metric.
  void Begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }
  template <typename Number>
  void Add(Labels labels, Number value) {
    AddTo("", labels, value);
  }
  // A metric of one sample.
  template <typename Number>
  void Single(std::string_view name, std::string_view type, std::string_view help, Number value) {
    Begin(name, type, help);
    Add({}, value);
  }
  template <typename Number>
  void AddTo(std::string_view suffix, Labels labels, Number value) {
    text_.append(name_).append(suffix);
    const char* separator = "{";
    for (const auto& [name, label] : labels) {
      text_.append(std::exchange(separator, ",")).append(name).append("=\"");
      AppendEscaped(label);
      text_ += '"';
    }
    fmt::format_to(std::back_inserter(text_), "{} {}\n", labels.size() == 0 ? "" : "}", value);
  }
  std::string Take() { return std::move(text_); }

 private:
  void AppendEscaped(std::string_view label) {
    for (const char c : label) {
      if (c == '\n') {
        text_ += "\\n";
      } else {
        if (c == '\\' || c == '"') text_ += '\\';
        text_ += c;
      }
    }
  }

  std::string text_;
  std::string_view name_;
};

double SecondsOf(std::int64_t ms) { return static_cast<double>(ms) / kMillis; }

void WriteLines(const StatusReport& report, Writer* out) {
  constexpr std::string_view kDropped = "dropped.";
  const auto counter = [&](const char* name) {
    const auto found = report.counters.find(name);
    return found == report.counters.end() ? 0 : found->second;
  };
  out->Single("hushlog_lines_read_total", "counter", "Lines of logs that were read.", counter("lines_read"));
  out->Begin("hushlog_lines_dropped_total", "counter", "Lines that are no use of the interface, by the reason.");
  for (const auto& [name, count] : report.counters) {
    if (name.starts_with(kDropped)) out->Add({{"reason", std::string_view(name).substr(kDropped.size())}}, count);
  }
  out->Single("hushlog_actions_total", "counter", "Lines that are use of the interface.", counter("actions"));
  out->Single("hushlog_hits_made_total", "counter", "Hits that were made of lines.", counter("hits"));
  out->Single("hushlog_hits_hidden_total", "counter",
              "Hits of hushlog_hits_made_total whose page or event has a name that is not public, written XYZ.",
              counter("hits_hidden"));
}

void WriteSources(const StatusReport& report, Writer* out) {
  const auto write = [&](const char* name, const char* help, auto value_of) {
    out->Begin(name, "gauge", help);
    for (const SourceProgress& source : report.sources) out->Add({{"source", source.name}}, value_of(source));
  };
  write("hushlog_source_open_files", "Log files of the source that are open.",
        [](const SourceProgress& source) { return source.files.size(); });
  write("hushlog_source_lag_bytes", "Bytes of open files that are not read yet.",
        [](const SourceProgress& source) { return LagOf(source).bytes; });
  write("hushlog_source_lag_seconds", "For how long there has been something to read that is not read yet.",
        [](const SourceProgress& source) { return LagOf(source).seconds; });
}

void WriteHits(const StatusReport& report, Writer* out) {
  out->Begin("hushlog_hits_total", "counter", "Hits for the target that are settled, by what became of them.");
  for (const TargetStatus& target : report.targets) {
    const TargetLedger& ledger = target.ledger;
    for (const auto& [outcome, count] :
         {std::pair("tracked", ledger.tracked), std::pair("invalid", ledger.invalid),
          std::pair("unaccounted", ledger.unaccounted), std::pair("dead", ledger.dead)}) {
      out->Add({{"target", target.name}, {"outcome", outcome}}, count);
    }
  }
}

void WriteTargets(const StatusReport& report, Writer* out) {
  const auto write = [&](const char* name, const char* help, auto value_of) {
    out->Begin(name, "gauge", help);
    for (const TargetStatus& target : report.targets) out->Add({{"target", target.name}}, value_of(target));
  };
  WriteHits(report, out);
  write("hushlog_backlog_hits", "Hits that wait for the target.",
        [](const TargetStatus& target) { return target.ledger.pending; });
  write("hushlog_backlog_oldest_hit_age_seconds", "How long ago the oldest hit that waits was stored.",
        [&](const TargetStatus& target) {
          return target.oldest_ms == 0 ? 0.0 : std::max(0.0, SecondsOf(report.time_ms - target.oldest_ms));
        });
  write("hushlog_parked_hits", "Hits that were put aside, for hushlog targets to settle.",
        [](const TargetStatus& target) { return target.ledger.parked; });
  write("hushlog_ledger_balanced", "1 if the hits of the target add up, else 0.",
        [](const TargetStatus& target) { return AddsUp(target.ledger) ? 1 : 0; });
}

// Of targets that are delivered to.
void WriteConditions(const StatusReport& report, Writer* out) {
  const auto write = [&](const char* name, const char* help, auto value_of) {
    out->Begin(name, "gauge", help);
    for (const TargetCondition& target : report.conditions) out->Add({{"target", target.name}}, value_of(target));
  };
  write("hushlog_target_up", "1 if the target takes hits, else 0.",
        [](const TargetCondition& target) { return target.state == TargetState::kDrained ? 1 : 0; });
  write("hushlog_target_last_answer_timestamp_seconds", "When the target answered last, or a request to it failed.",
        [](const TargetCondition& target) { return SecondsOf(target.last_answer_ms); });
  write("hushlog_target_clock_behind_seconds", "How far the clock of the target is behind the one here.",
        [](const TargetCondition& target) { return SecondsOf(target.clock_behind_ms); });
  write("hushlog_target_senders", "Requests that may be on their way to the target at the same time.",
        [](const TargetCondition& target) { return target.senders; });
}

void WriteDeliveries(const MetricsInput& input, Writer* out) {
  out->Begin("hushlog_delivery_requests_total", "counter", "Requests with hits, by what came of them.");
  for (const auto& [target, totals] : input.deliveries) {
    for (std::size_t kind = 0; kind < kOutcomes; ++kind) {
      out->Add({{"target", target}, {"outcome", OutcomeWord(static_cast<Outcome::Kind>(kind))}}, totals.requests[kind]);
    }
  }
  out->Begin("hushlog_delivery_duration_seconds", "histogram", "How long requests with hits took.");
  for (const auto& [target, totals] : input.deliveries) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < DeliveryTotals::kBounds.size(); ++i) {
      sum += totals.durations[i];
      out->AddTo("_bucket", {{"target", target}, {"le", fmt::format("{}", DeliveryTotals::kBounds[i])}}, sum);
    }
    sum += totals.durations.back();
    out->AddTo("_bucket", {{"target", target}, {"le", "+Inf"}}, sum);
    out->AddTo("_sum", {{"target", target}}, totals.seconds);
    out->AddTo("_count", {{"target", target}}, sum);
  }
}

void WriteProcess(const MetricsInput& input, Writer* out) {
  const ProcessStats& process = input.process;
  out->Begin("hushlog_build_info", "gauge", "Always 1; the version is a label.");
  out->Add({{"version", HUSHLOG_VERSION}}, 1);
  out->Single("hushlog_state_writable", "gauge", "0 if the disk of the state database is full, else 1.",
              input.disk_full ? 0 : 1);
  out->Single("hushlog_status_timestamp_seconds", "gauge", "As of when these numbers are.",
              SecondsOf(input.report.time_ms));
  out->Single("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.",
              SecondsOf(input.start_ms));
  out->Single("process_cpu_seconds_total", "counter", "Processor time that was used.", process.cpu_seconds);
  out->Single("process_resident_memory_bytes", "gauge", "Memory in use.", process.resident_bytes);
  out->Single("process_virtual_memory_bytes", "gauge", "Addresses in use.", process.virtual_bytes);
  out->Single("process_open_fds", "gauge", "Open file descriptors.", process.open_files);
  out->Single("process_max_fds", "gauge", "File descriptors that may be open.", process.max_files);
}

}  // namespace

std::string MetricsText(const MetricsInput& input) {
  Writer out;
  WriteLines(input.report, &out);
  WriteSources(input.report, &out);
  WriteTargets(input.report, &out);
  WriteConditions(input.report, &out);
  WriteDeliveries(input, &out);
  WriteProcess(input, &out);
  return out.Take();
}

}  // namespace hushlog
