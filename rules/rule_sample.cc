#include "rules/rule_sample.h"

#include <algorithm>
#include <charconv>

#include "rules/field_conditions.h"

namespace hushlog {
namespace {

constexpr std::string_view kBrowser =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";
constexpr std::string_view kProgram = "curl/8.5.0";
constexpr std::string_view kReferer = "https://example.org/index.php";
constexpr std::int64_t kTime = 1'795'411'168'000;  // 2026-11-23

std::string_view NextWord(std::string_view* text) {
  const std::size_t end = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return word;
}

// "field=value"
bool ReadField(std::string_view word, std::string_view rest, RuleSample* sample) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = word.substr(0, equals);
  std::string_view value = word.substr(equals + 1);
  if (!FieldConditions::IsField(name)) return false;
  if (std::string_view Request::*member = FieldConditions::RequestMember(name)) {
    if (member == &Request::user_agent) value = {value.data(), value.size() + rest.size() + (rest.empty() ? 0 : 1)};
    sample->request.*member = value;
  } else {
    sample->extra.emplace_back(name, value);
  }
  return true;
}

}  // namespace

std::optional<RuleSample> ParseRuleSample(std::string_view text) {
  RuleSample sample;
  Request& request = sample.request;
  request.remote_addr = "192.0.2.1";
  request.user_agent = kBrowser;
  request.referer = kReferer;
  request.time_ms = kTime;
  request.method = NextWord(&text);
  request.target = NextWord(&text);
  const std::string_view status = NextWord(&text);
  const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), request.status);
  if (error != std::errc() || status.size() != 3 || end != status.data() + 3 || !request.target.starts_with('/')) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const std::string_view word = NextWord(&text);
    if (word == "no-referer") {
      request.referer = {};
    } else if (word == "program") {
      request.user_agent = kProgram;
    } else if (!ReadField(word, text, &sample)) {
      return std::nullopt;
    } else if (word.starts_with("user_agent=") || word.starts_with("http_user_agent=")) {
      text = {};
    }
  }
  return sample;
}

std::vector<std::string_view> RuleSample::ExtraValues(std::span<const std::string> names) const {
  std::vector<std::string_view> values;
  for (const std::string& name : names) {
    const auto found = std::find_if(extra.begin(), extra.end(), [&](const auto& field) { return field.first == name; });
    values.push_back(found == extra.end() ? std::string_view() : found->second);
  }
  return values;
}

}  // namespace hushlog
