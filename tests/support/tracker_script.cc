#include "tests/support/tracker_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace hushlog::test {
namespace {

constexpr std::array<std::string_view, 17> kWords = {
    "ok",   "slow",     "zero",  "html", "gif",  "empty",     "uncounted",    "truncated", "rolled-back",
    "down", "redirect", "close", "cut",  "hang", "huge-body", "huge-headers", "trickle"};

bool ParseNumber(std::string_view text, int* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

[[noreturn]] void Reject(std::string_view step) {
  throw std::invalid_argument("not a step of a tracker's script: " + std::string(step));
}

ScriptStep ParseStep(std::string_view text) {
  ScriptStep step;
  std::string_view what = text;
  constexpr std::string_view kCommitted = "-committed";
  if (what.ends_with(kCommitted)) {
    step.committed = true;
    what.remove_suffix(kCommitted.size());
  }
  const std::size_t colon = what.find(':');
  if (colon != std::string_view::npos) step.argument = what.substr(colon + 1);
  what = what.substr(0, colon);
  if (std::find(kWords.begin(), kWords.end(), what) != kWords.end()) {
    step.what = what;
    return step;
  }
  if (!ParseNumber(what, &step.status)) Reject(text);
  step.what.clear();
  return step;
}

}  // namespace

std::vector<ScriptStep> ParseScript(std::string_view script) {
  std::vector<ScriptStep> steps;
  while (!script.empty()) {
    const std::size_t comma = std::min(script.find(','), script.size());
    std::string_view text = script.substr(0, comma);
    script.remove_prefix(std::min(comma + 1, script.size()));
    int times = 1;
    if (const std::size_t star = text.find('*'); star != std::string_view::npos) {
      if (!ParseNumber(text.substr(star + 1), &times)) Reject(text);
      text = text.substr(0, star);
    }
    steps.insert(steps.end(), static_cast<std::size_t>(std::max(0, times)), ParseStep(text));
  }
  return steps;
}

}  // namespace hushlog::test
