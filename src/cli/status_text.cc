#include "src/cli/status_text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include "src/cli/printable.h"

namespace hushlog {
namespace {

using simdjson::dom::element;

template <typename... Args>
void Print(std::string* out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(*out), format, std::forward<Args>(args)...);
}

std::string Text(const element& object, const char* key) {
  return Printable(std::string_view(object[key].get_string().value()));
}
std::int64_t Number(const element& object, const char* key) { return object[key].get_int64().value(); }
// By value: a loop over a part of a result would outlive the result.
simdjson::dom::array List(const element& object, const char* key) { return object[key].get_array().value(); }
bool Flag(const element& object, const char* key) { return object[key].get_bool().value(); }

// "2 s", "5 min", "3 h", "4 days"
std::string Span(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400;
  if (seconds < 2 * kMinute) return fmt::format("{} s", seconds);
  if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
  return seconds < 2 * kDay ? fmt::format("{} h", seconds / kHour) : fmt::format("{} days", seconds / kDay);
}

std::int64_t AgeOf(const element& report, std::int64_t now_ms) {
  return std::max<std::int64_t>(0, now_ms / 1000 - Number(report, "time_s"));
}

// A tail writes every few seconds.
bool IsOld(const element& report, std::int64_t now_ms) {
  constexpr std::int64_t kSeconds = 30;
  return Number(report, "process") != 0 && AgeOf(report, now_ms) > kSeconds;
}

std::string_view Mark(bool adds_up) { return adds_up ? "" : "  <- DOES NOT ADD UP: please report this"; }

void PrintLines(const element& report, std::string* out) {
  std::vector<std::pair<std::int64_t, std::string>> dropped;
  std::int64_t sum = 0;
  const simdjson::dom::object reasons = report["dropped"].get_object().value();
  for (const auto& [name, count] : reasons) {
    dropped.emplace_back(count.get_int64().value(), Printable(name));
    sum += dropped.back().first;
  }
  std::ranges::sort(dropped, std::greater<>());
  Print(out, "lines   {} read = {} of the user interface + {} others{}\n", Number(report, "lines_read"),
        Number(report, "actions"), sum, Mark(Flag(report, "adds_up")));
  for (const auto& [count, name] : dropped) Print(out, "          {:>12} {}\n", count, name);
}

void PrintSource(const element& source, std::string* out) {
  const std::int64_t lag = Number(source, "lag_bytes");
  const auto files = List(source, "files");
  Print(out, "source  {}: {}\n", Text(source, "name"),
        files.size() == 0 ? "no file is open"
        : lag == 0        ? "up to date"
                          : fmt::format("{} bytes behind, for {}", lag, Span(Number(source, "lag_s"))));
  for (const element file : files) {
    Print(out, "          {}: {} of {} bytes\n", Text(file, "path"), Number(file, "position"), Number(file, "size"));
  }
}

void PrintTarget(const element& target, std::string* out) {
  const std::string trouble = Text(target, "trouble");
  Print(out, "target  {}: {}\n", Text(target, "name"),
        !Flag(target, "configured") ? "not configured any more"
        : trouble.empty()           ? "takes hits"
                                    : "waits: " + trouble);
  Print(out,
        "          {} hits = {} tracked + {} refused + {} unaccounted + {} parked + {} undeliverable + {} waiting{}\n",
        Number(target, "hits"), Number(target, "tracked"), Number(target, "invalid"), Number(target, "unaccounted"),
        Number(target, "parked"), Number(target, "dead"), Number(target, "pending"), Mark(Flag(target, "adds_up")));
  if (Number(target, "pending") > 0) {
    Print(out, "          the oldest that waits was stored {} ago\n", Span(Number(target, "oldest_pending_s")));
  }
  if (const std::string answer = Text(target, "last_answer"); !answer.empty()) {
    Print(out, "          last answer {} ago: {}; requests at a time: {}\n", Span(Number(target, "last_answer_s")),
          answer, Number(target, "senders"));
  }
  if (const std::int64_t behind = Number(target, "clock_behind_s"); behind > 0) {
    Print(out, "          its clock is {} behind: hits wait for so long\n", Span(behind));
  }
}

element Parsed(simdjson::dom::parser& parser, std::string_view json) {
  element report;
  if (parser.parse(json.data(), json.size()).get(report) != simdjson::SUCCESS) {
    throw std::runtime_error("the status cannot be read");
  }
  return report;
}

}  // namespace

bool IsSound(std::string_view json, std::int64_t now_ms) {
  simdjson::dom::parser parser;
  const element report = Parsed(parser, json);
  const auto targets = List(report, "targets");
  return !IsOld(report, now_ms) && Flag(report, "adds_up") &&
         std::all_of(targets.begin(), targets.end(), [](const element& target) { return Flag(target, "adds_up"); });
}

std::string StatusText(std::string_view json, std::int64_t now_ms) {
  simdjson::dom::parser parser;
  const element report = Parsed(parser, json);
  std::string out;
  if (const std::int64_t process = Number(report, "process"); process != 0) {
    Print(&out, "hushlog tail is running (process {}); as of {} ago{}\n", process, Span(AgeOf(report, now_ms)),
          IsOld(report, now_ms) ? "  <- IT HANGS, or the disk is full" : "");
  } else {
    out.append("no hushlog tail is running; as of the state database\n");
  }
  for (const element source : List(report, "sources")) PrintSource(source, &out);
  for (const element target : List(report, "targets")) PrintTarget(target, &out);
  PrintLines(report, &out);
  return out;
}

bool TellsTrouble(std::string_view json) {
  simdjson::dom::parser parser;
  const auto targets = List(Parsed(parser, json), "targets");
  return std::any_of(targets.begin(), targets.end(), [](const element& target) {
    return Flag(target, "configured") && !Text(target, "trouble").empty();
  });
}

}  // namespace hushlog
