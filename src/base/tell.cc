#include "src/base/tell.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

using Amount = LogStyle::Amount;

LogStyle log_style;

constexpr std::array<std::string_view, 3> kLevels = {"error", "warning", "note"};

// Takes it off the sentence.
std::string_view TakeLevel(std::string_view* sentence) {
  for (const std::string_view level : kLevels) {
    if (!sentence->starts_with(level) || !sentence->substr(level.size()).starts_with(": ")) continue;
    sentence->remove_prefix(level.size() + 2);
    return level;
  }
  return "info";
}

std::string Now() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  const auto thousandths = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm time{};
  gmtime_r(&seconds, &time);
  std::array<char, 32> date{}, text{};
  (void)std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &time);
  (void)std::snprintf(text.data(), text.size(), "%s.%03dZ", date.data(), static_cast<int>(thousandths));
  return text.data();
}

void Write(const std::string& text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

void WriteJson(std::string_view level, std::string_view sentence, std::string_view details) {
  std::string line = "{\"time\":\"" + Now() + "\",\"level\":\"" + std::string(level) + "\",\"message\":";
  AppendJsonString(&line, sentence);
  if (!details.empty()) line.append(",\"details\":").append(details);
  Write(line + "}\n");
}

void WriteText(std::string_view sentence) { Write("hushlog: " + std::string(sentence) + "\n"); }

}  // namespace

void SetLogStyle(LogStyle style) noexcept { log_style = style; }
LogStyle CurrentLogStyle() noexcept { return log_style; }

void Tell(std::string_view sentence) noexcept {
  std::string_view rest = sentence;
  const std::string_view level = TakeLevel(&rest);
  const bool urgent = level == "error" || level == "warning";
  if (log_style.amount == Amount::kQuiet && !urgent) return;
  log_style.json ? WriteJson(level, rest, {}) : WriteText(sentence);
}

void TellDetail(std::string_view sentence) noexcept {
  if (log_style.amount != Amount::kVerbose) return;
  log_style.json ? WriteJson("debug", sentence, {}) : WriteText(sentence);
}

void TellDetails(std::string_view sentence, std::string_view json, std::string_view text) noexcept {
  if (log_style.amount == Amount::kQuiet) return;
  log_style.json ? WriteJson("info", sentence, json) : Write(std::string(text));
}

}  // namespace hushlog
