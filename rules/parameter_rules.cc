#include "rules/parameter_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "rules/date_value.h"
#include "rules/parameter_rules_loader.h"
#include "rules/percent.h"
#include "rules/text_hash.h"

namespace hushlog {
namespace {

// Longer values than this are no id, date or name; of a popover only the beginning counts.
constexpr std::size_t kMaxValueBytes = 256;
constexpr std::size_t kMaxDigits = 18;
constexpr std::uint32_t kIds = 20;  // high numbers would single out an installation

std::optional<std::uint64_t> ReadNumber(std::string_view value) noexcept {
  if (value.empty() || value.size() > kMaxDigits) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

// As the in-page plugin does it: 1 to 20 stay, 21 is 1, 0 is 20.
std::optional<std::uint32_t> ReadId(std::string_view value) noexcept {
  const std::optional<std::uint64_t> number = ReadNumber(value);
  if (!number) return std::nullopt;
  return static_cast<std::uint32_t>((*number + kIds - 1) % kIds + 1);
}

// Bytes that mean nothing in a URL or a text, wherever they stand.
bool IsTextByte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_.,:-").find(c) != std::string_view::npos;
}

std::string DayText(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string DateText(const DateValue& date) {
  switch (date.kind) {
    case DateValue::Kind::kDay:
      return DayText(date.first);
    case DateValue::Kind::kRange:
      return fmt::format("{},{}", DayText(date.first), DayText(date.last));
    case DateValue::Kind::kToday:
      return "today";
    case DateValue::Kind::kYesterday:
      return "yesterday";
    case DateValue::Kind::kNow:
      return "now";
    case DateValue::Kind::kLast:
      return fmt::format("last{}", date.first);
    case DateValue::Kind::kPrevious:
      return fmt::format("previous{}", date.first);
    case DateValue::Kind::kRangeToToday:
      return fmt::format("{},today", DayText(date.first));
    case DateValue::Kind::kRangeToYesterday:
      return fmt::format("{},yesterday", DayText(date.first));
  }
  return "";
}

}  // namespace

ParameterRules::ParameterRules(RuleFiles* files, const Catalogue& catalogue)
    : catalogue_(catalogue), rules_(catalogue.parameters_end()) {
  ParameterRulesLoader(this, files).Load();
}

Parameter ParameterRules::Sanitise(const QueryParameter& parameter, bool* failed) const noexcept {
  const Rule rule = rules_[static_cast<std::size_t>(parameter.name)];
  Parameter result;
  result.name = parameter.name;
  if (parameter.value.empty()) {
    result.kind = Parameter::Kind::kEmpty;
    return result;
  }
  const bool too_long = parameter.value.size() > kMaxValueBytes && rule.form != ValueForm::kPopover;
  if (rule.form == ValueForm::kHidden || too_long) return result;
  std::array<char, kMaxValueBytes> scratch;
  std::string_view value = parameter.value.substr(0, kMaxValueBytes);
  if (parameter.escaped) value = DecodeFully(value, scratch);
  return Read(parameter.name, rule, value, failed);
}

Parameter ParameterRules::Read(Name name, Rule rule, std::string_view value, bool* failed) const noexcept {
  Parameter result;
  result.name = name;
  if (rule.form == ValueForm::kId || rule.form == ValueForm::kSubcategory) {
    if (const auto id = ReadId(value)) {
      result.kind = Parameter::Kind::kNumber;
      result.number = *id;
      return result;
    }
  }
  if (rule.form == ValueForm::kDate) {
    if (const auto date = ParseDateValue(value)) {
      result.kind = Parameter::Kind::kDate;
      result.date = *date;
      return result;
    }
  }
  if (rule.form == ValueForm::kInteger) ReadInteger(integers_[rule.detail], value, &result);
  if (rule.form == ValueForm::kPattern) ReadPattern(pattern_rules_[rule.detail], value, &result, failed);
  const Name text = ReadName(rule, value);
  if (text > Name::kPlaceholder) {
    result.kind = Parameter::Kind::kName;
    result.value = text;
  }
  return result;
}

void ParameterRules::ReadInteger(const Integer& integer, std::string_view value, Parameter* result) const noexcept {
  const std::optional<std::uint64_t> digits = ReadNumber(value);
  if (!digits) return;
  const auto number = static_cast<std::int64_t>(*digits);
  if (number < integer.min || number > integer.max) return;
  result->kind = Parameter::Kind::kNumber;
  result->number =
      static_cast<std::uint32_t>(integer.modulo == 0 ? number : (number - integer.min) % integer.modulo + integer.min);
}

void ParameterRules::ReadPattern(const Pattern& pattern, std::string_view value, Parameter* result,
                                 bool* failed) const noexcept {
  if (value.size() > pattern.max_bytes || !std::all_of(value.begin(), value.end(), IsTextByte)) return;
  std::vector<int> matches;
  if (!patterns_.Match(value, &matches)) {
    if (failed != nullptr) *failed = true;
    return;
  }
  const auto is_own = [&](int match) { return match >= pattern.first && match < pattern.end; };
  if (std::none_of(matches.begin(), matches.end(), is_own)) return;
  result->kind = Parameter::Kind::kText;
  result->number = static_cast<std::uint32_t>(HashText(value));
  result->text.size = static_cast<std::uint8_t>(value.copy(result->text.bytes.data(), ShortText::kMaxBytes));
}

Name ParameterRules::ReadName(Rule rule, std::string_view value) const noexcept {
  switch (rule.form) {
    case ValueForm::kHidden:
    case ValueForm::kElsewhere:
    case ValueForm::kInteger:
    case ValueForm::kPattern:
      return Name::kNone;
    case ValueForm::kId:
    case ValueForm::kDate:
    case ValueForm::kWord:
      return catalogue_.Word(value);
    case ValueForm::kPlugin:
      return catalogue_.Plugin(value);
    case ValueForm::kCategory:
      return catalogue_.Category(value);
    case ValueForm::kSubcategory:
      return catalogue_.Subcategory(value);
    case ValueForm::kPopover:
      return ReadPopover(value);
    case ValueForm::kEnumeration: {
      const std::vector<Name>& names = enumerations_[rule.detail];
      const Name name = catalogue_.Find(value);
      return std::find(names.begin(), names.end(), name) == names.end() ? Name::kNone : name;
    }
  }
  return Name::kNone;
}

// "RowAction$3ATransitions$3Aurl$3A..." or "RowAction:Transitions:url:...": the longest beginning that is a popover.
Name ParameterRules::ReadPopover(std::string_view value) const noexcept {
  std::array<char, kMaxValueBytes> text;
  std::size_t size = 0;
  for (const char c : value) text[size++] = c == '$' ? '%' : c;
  const std::string_view popover = DecodeFully({text.data(), size}, text);
  for (std::size_t end = popover.size(); end != std::string_view::npos && end > 0; end = popover.rfind(':', end - 1)) {
    const Name name = catalogue_.Popover(popover.substr(0, end));
    if (name > Name::kPlaceholder) return name;
  }
  return Name::kNone;
}

std::string ToString(const Parameter& parameter, const Catalogue& catalogue) {
  const std::string_view name = catalogue.Text(parameter.name);
  switch (parameter.kind) {
    case Parameter::Kind::kHidden:
      return fmt::format("{}={}", name, catalogue.Text(Name::kPlaceholder));
    case Parameter::Kind::kEmpty:
      return fmt::format("{}=", name);
    case Parameter::Kind::kNumber:
      return fmt::format("{}={}", name, parameter.number);
    case Parameter::Kind::kName:
      return fmt::format("{}={}", name, catalogue.Text(parameter.value));
    case Parameter::Kind::kDate:
      return fmt::format("{}={}", name, DateText(parameter.date));
    case Parameter::Kind::kText:
      return fmt::format("{}={}", name, parameter.text.view());
  }
  return "";
}

}  // namespace hushlog
