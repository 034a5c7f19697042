#include "rules/parameter_rules.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>

#include "rules/date_value.h"
#include "rules/percent.h"
#include "rules/rule_file.h"

namespace hushlog {
namespace {

// Longer values than this are no id, date or name; of a popover only the beginning counts.
constexpr std::size_t kMaxValueBytes = 256;
constexpr std::size_t kMaxIdDigits = 18;
constexpr std::uint32_t kIds = 20;  // high numbers would single out an installation

// As the in-page plugin does it: 1 to 20 stay, 21 is 1, 0 is 20.
std::optional<std::uint32_t> ReadId(std::string_view value) noexcept {
  if (value.empty() || value.size() > kMaxIdDigits) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return static_cast<std::uint32_t>((number + kIds - 1) % kIds + 1);
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

struct ParameterRulesLoader {
  using Form = ParameterRules::ValueForm;

  ParameterRules& rules;
  RuleFile file;

  std::optional<Form> FormOf(const toml::table& table) {
    static constexpr std::array<std::pair<std::string_view, Form>, 9> kForms = {{
        {"hidden", Form::kHidden},
        {"elsewhere", Form::kElsewhere},
        {"id", Form::kId},
        {"date", Form::kDate},
        {"word", Form::kWord},
        {"plugin", Form::kPlugin},
        {"category", Form::kCategory},
        {"subcategory", Form::kSubcategory},
        {"popover", Form::kPopover},
    }};
    const std::string text = file.Text(table, "value");
    for (const auto& [name, form] : kForms) {
      if (name == text) return form;
    }
    file.Error(table,
               fmt::format("value '{}' is none of hidden, elsewhere, id, date, word, plugin, category, ...", text));
    return std::nullopt;
  }

  void Load(const toml::table& table) {
    file.CheckKeys(table, {"names", "value", "reason", "samples"});
    file.Text(table, "reason");
    const std::optional<Form> form = FormOf(table);
    if (!form) return;
    file.ForEachText(table, "names", [&](const toml::node& node, std::string_view text) {
      const Name name = rules.catalogue_.Parameter(text);
      if (name <= Name::kPlaceholder) {
        return file.Error(node, fmt::format("parameter '{}' is not in rules/catalogue/names.toml", text));
      }
      rules.forms_[static_cast<std::size_t>(name)] = *form;
    });
  }

  void CheckSamples(const toml::table& table) {
    file.ForEachText(table, "samples",
                     [&](const toml::node& node, std::string_view sample) { CheckSample(node, sample); });
  }

  // A sample is written "query -> what is shown of it".
  void CheckSample(const toml::node& node, std::string_view sample) {
    constexpr std::string_view kArrow = " -> ";
    const std::size_t arrow = sample.find(kArrow);
    if (arrow == std::string_view::npos) return file.Error(node, "a sample is written \"query -> shown\"");
    Query query(rules.catalogue_);
    std::string shown;
    if (query.Parse(sample.substr(0, arrow))) {
      for (const QueryParameter& parameter : query.parameters()) {
        if (!rules.IsShown(parameter.name)) continue;
        if (!shown.empty()) shown += '&';
        shown += ToString(rules.Sanitise(parameter), rules.catalogue_);
      }
    }
    if (shown == sample.substr(arrow + kArrow.size())) return;
    file.Error(node, fmt::format("sample '{}' is shown as '{}'", sample, shown));
  }
};

ParameterRules::ParameterRules(std::string_view file_name, std::string_view text, const Catalogue& catalogue)
    : catalogue_(catalogue), forms_(catalogue.parameters_end(), ValueForm::kHidden) {
  ParameterRulesLoader loader{*this, RuleFile(file_name, text)};
  loader.file.CheckKeys(loader.file.root(), {"parameter"});
  loader.file.ForEachTable("parameter", [&](const toml::table& table) { loader.Load(table); });
  loader.file.ForEachTable("parameter", [&](const toml::table& table) { loader.CheckSamples(table); });
  loader.file.Check();
}

Parameter ParameterRules::Sanitise(const QueryParameter& parameter) const noexcept {
  const ValueForm form = Form(parameter.name);
  Parameter result;
  result.name = parameter.name;
  if (parameter.value.empty()) {
    result.kind = Parameter::Kind::kEmpty;
    return result;
  }
  const bool too_long = parameter.value.size() > kMaxValueBytes && form != ValueForm::kPopover;
  if (form == ValueForm::kHidden || too_long) return result;
  std::array<char, kMaxValueBytes> scratch;
  return Read(parameter.name, form, DecodeFully(parameter.value.substr(0, kMaxValueBytes), scratch));
}

Parameter ParameterRules::Read(Name name, ValueForm form, std::string_view value) const noexcept {
  Parameter result;
  result.name = name;
  if (form == ValueForm::kId || form == ValueForm::kSubcategory) {
    if (const auto id = ReadId(value)) {
      result.kind = Parameter::Kind::kNumber;
      result.number = *id;
      return result;
    }
  }
  if (form == ValueForm::kDate) {
    if (const auto date = ParseDateValue(value)) {
      result.kind = Parameter::Kind::kDate;
      result.date = *date;
      return result;
    }
  }
  const Name text = ReadName(form, value);
  if (text > Name::kPlaceholder) {
    result.kind = Parameter::Kind::kName;
    result.value = text;
  }
  return result;
}

Name ParameterRules::ReadName(ValueForm form, std::string_view value) const noexcept {
  switch (form) {
    case ValueForm::kHidden:
    case ValueForm::kElsewhere:
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
  }
  return "";
}

}  // namespace hushlog
