#include "src/status/status_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/status/html.h"

namespace hushlog {
namespace {

// A column: its heading, and whether it has words instead of numbers. The first one heads its row.
struct Column {
  std::string_view heading;
  bool words = false;
};

class Table {
 public:
  // `label` names it for who cannot see it.
  Table(std::string_view label, std::vector<Column> columns) : columns_(std::move(columns)) {
    html_ = fmt::format("<div class=\"table{}\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><table><thead><tr>",
                        columns_.size() > 3 ? " wide" : "", label);
    for (const Column& column : columns_) {
      html_ += fmt::format("<th scope=\"col\"{}>{}</th>", Class(column), column.heading);
    }
    html_ += "</tr></thead><tbody>\n";
  }
  // HTML of the cells.
  void Add(const std::vector<std::string>& cells) {
    html_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      html_ += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", cells[i])
                      : fmt::format("<td{}>{}</td>", Class(columns_.at(i)), cells[i]);
    }
    html_ += "</tr>\n";
  }
  std::string Html() const { return html_ + "</tbody></table></div>\n"; }

 private:
  static std::string_view Class(const Column& column) { return column.words ? " class=\"words\"" : ""; }

  std::vector<Column> columns_;
  std::string html_;
};

std::string Section(std::string_view id, std::string_view heading, std::string_view words, std::string_view html) {
  return fmt::format(
      "<section class=\"card\" aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n<p>{2}</p>\n{3}</section>\n", id,
      heading, words, html);
}

std::string Good(std::string_view text) { return fmt::format("<span class=\"good\">{}</span>", text); }
std::string Bad(std::string_view text) { return fmt::format("<span class=\"bad\">{}</span>", text); }
std::string Judged(bool good) { return good ? Good("adds up") : Bad("does not add up: please report this"); }

std::string SourcesSection(const StatusReport& report) {
  Table sources("Sources", {{"Source"}, {"State", true}, {"Open files"}, {"Bytes behind"}});
  Table files("Files that are open", {{"File"}, {"Position"}, {"Size"}});
  bool any_file = false;
  for (const SourceProgress& source : report.sources) {
    const Lag lag = LagOf(source);
    const std::string state = source.files.empty() ? Bad("no file is open")
                              : lag.bytes == 0     ? Good("up to date")
                                                   : fmt::format("behind for {}", SpanText(lag.seconds));
    sources.Add(
        {Escaped(source.name), state, Grouped(static_cast<std::int64_t>(source.files.size())), Grouped(lag.bytes)});
    for (const FileProgress& file : source.files) {
      files.Add({Escaped(file.path), Grouped(static_cast<std::int64_t>(file.position)),
                 Grouped(static_cast<std::int64_t>(file.size))});
      any_file = true;
    }
  }
  std::string html = sources.Html();
  if (any_file) html += fmt::format("<details><summary>Files that are open</summary>{}</details>", files.Html());
  return Section("sources", "Sources", "Logs that are followed.", html);
}

const TargetCondition* ConditionOf(const StatusReport& report, const TargetStatus& target) {
  const auto found = std::ranges::find(report.conditions, target.name, &TargetCondition::name);
  return found == report.conditions.end() ? nullptr : &*found;
}

std::string AgoText(const StatusReport& report, std::int64_t time_ms) {
  return time_ms == 0 ? "–" : SpanText(std::max<std::int64_t>(0, report.time_ms - time_ms) / 1000) + " ago";
}

std::string StateText(const TargetStatus& target, const TargetCondition* condition) {
  if (condition == nullptr) return target.active ? "–" : "not configured any more";
  if (condition->trouble.empty()) return Good("takes hits");
  return Bad("waits") + ": " + Escaped(condition->trouble);
}

std::string TargetsSection(const StatusReport& report) {
  if (report.targets.empty()) {
    return Section("targets", "Targets", "There is none: nothing leaves this machine.", "");
  }
  Table states("State of targets",
               {{"Target"}, {"Gets", true}, {"State", true}, {"Waiting"}, {"Oldest"}, {"Last answer", true}});
  Table ledger("Hits of targets", {{"Target"},
                                   {"Hits"},
                                   {"Tracked"},
                                   {"Refused"},
                                   {"Unaccounted"},
                                   {"Parked"},
                                   {"Undeliverable"},
                                   {"Waiting"},
                                   {"Sum", true}});
  for (const TargetStatus& target : report.targets) {
    const TargetCondition* condition = ConditionOf(report, target);
    const std::string answer =
        condition == nullptr || condition->last_answer_ms == 0
            ? "–"
            : fmt::format("{}: {}", AgoText(report, condition->last_answer_ms), Escaped(condition->last_answer));
    const std::string name = Escaped(target.name);
    states.Add({name, target.identified ? "identified hits" : "anonymous hits", StateText(target, condition),
                Grouped(target.ledger.pending), AgoText(report, target.oldest_ms), answer});
    const TargetLedger& hits = target.ledger;
    ledger.Add({name, Grouped(hits.hits), Grouped(hits.tracked), Grouped(hits.invalid), Grouped(hits.unaccounted),
                Grouped(hits.parked), Grouped(hits.dead), Grouped(hits.pending), Judged(AddsUp(hits))});
  }
  return Section("targets", "Targets", "Who gets hits, and whether they take them.", states.Html()) +
         Section("hits", "Hits", "Hits = tracked + refused + unaccounted + parked + undeliverable + waiting.",
                 ledger.Html());
}

std::string LinesSection(const StatusReport& report) {
  constexpr std::string_view kDropped = "dropped.";
  const auto counter = [&](const char* name) {
    const auto found = report.counters.find(name);
    return found == report.counters.end() ? 0 : found->second;
  };
  std::vector<std::pair<std::int64_t, std::string_view>> dropped;
  std::int64_t sum = 0;
  for (const auto& [name, count] : report.counters) {
    if (!name.starts_with(kDropped)) continue;
    dropped.emplace_back(count, std::string_view(name).substr(kDropped.size()));
    sum += count;
  }
  std::ranges::sort(dropped, std::greater<>());
  const std::int64_t read = counter("lines_read"), actions = counter("actions");
  Table table("Lines that are not counted", {{"Why a line is not counted"}, {"Lines"}, {"Share"}});
  for (const auto& [count, reason] : dropped) {
    table.Add({Escaped(reason), Grouped(count),
               fmt::format("{:.1f} %",
                           100.0 * static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, read)))});
  }
  const std::string words =
      fmt::format("{} read = {} of the user interface + {} others: {}. {} hits were made of them.", Grouped(read),
                  Grouped(actions), Grouped(sum), Judged(read == actions + sum), Grouped(counter("hits")));
  return Section("lines", "Lines", words, dropped.empty() ? "" : table.Html());
}

}  // namespace

HttpAnswer StatusPage(const StatusReport& report, bool disk_full) {
  PageText page;
  page.path = "/status";
  page.title = "What hushlog does";
  page.lead = fmt::format("As of {}. Reload the page for newer numbers.", TimeText(report.time_ms));
  if (disk_full) {
    page.body =
        Section("disk", "Disk", Bad("The disk of the state database is full: reading pauses until there is room."), "");
  }
  page.body += SourcesSection(report) + TargetsSection(report) + LinesSection(report);
  return HtmlPage(page);
}

}  // namespace hushlog
