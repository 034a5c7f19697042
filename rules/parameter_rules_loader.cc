#include "rules/parameter_rules_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace hushlog {
namespace {

// More than a name has: nothing that could single somebody out.
constexpr std::int64_t kMaxIntegers = 10'000;
constexpr std::int64_t kMaxInteger = 0x7fffffff;

}  // namespace

// Rules of the site first: what they say of a name counts.
void ParameterRulesLoader::Load() {
  for (const RuleFiles::Rule& rule : files_.AllRules("parameter")) {
    if (files_.IsSite(*rule.table) || (*rule.table)["value"].value_or(std::string_view()) != "secret") continue;
    files_.ForEachText(*rule.table, "names", [&](const auto&, auto text) { secrets_.insert(std::string(text)); });
  }
  files_.ForEachRule("parameter", [&](const RuleFiles::Rule& rule) { LoadRule(*rule.table, rule.id); });
  if (!rules_.patterns_.Compile()) files_.Error(files_.last(), "the patterns of [[parameter]] need too much memory");
}

bool ParameterRulesLoader::ReadForm(const toml::table& table, Form* form) {
  static constexpr std::array<std::pair<std::string_view, Form>, 13> kForms = {{
      {"hidden", Form::kHidden},
      {"secret", Form::kHidden},
      {"elsewhere", Form::kElsewhere},
      {"id", Form::kId},
      {"date", Form::kDate},
      {"word", Form::kWord},
      {"plugin", Form::kPlugin},
      {"category", Form::kCategory},
      {"subcategory", Form::kSubcategory},
      {"popover", Form::kPopover},
      {"enumeration", Form::kEnumeration},
      {"integer", Form::kInteger},
      {"pattern", Form::kPattern},
  }};
  const std::string text = files_.Text(table, "value");
  const auto known = std::find_if(kForms.begin(), kForms.end(), [&](const auto& entry) { return entry.first == text; });
  if (known == kForms.end()) {
    files_.Error(table,
                 fmt::format("value '{}' is none of hidden, secret, elsewhere, id, date, word, plugin, category, "
                             "subcategory, popover, enumeration, integer, pattern",
                             text));
    return false;
  }
  *form = known->second;
  return true;
}

void ParameterRulesLoader::LoadRule(const toml::table& table, const std::string& id) {
  Form form;
  if (!ReadForm(table, &form)) return;
  ParameterRules::Rule rule = ReadDetail(table, form);
  rule.id = static_cast<std::uint16_t>(rules_.rule_ids_.size());
  rules_.rule_ids_.push_back(id);
  files_.NeedList(table, "samples", "samples");
  files_.NeedList(table, "names", "names of parameters");
  files_.ForEachText(table, "names", [&](const toml::node& node, std::string_view text) {
    const Name name = rules_.catalogue_.Parameter(text);
    if (name <= Name::kPlaceholder) return;  // noted when the catalogue was made
    if (form != Form::kHidden && secrets_.contains(std::string(text))) {
      files_.Error(node, fmt::format("'{}' is a secret and stays hidden", text));
    }
    ParameterRules::Rule& known = rules_.rules_[static_cast<std::size_t>(name)];
    const bool site = files_.IsSite(node);
    const auto [owner, is_new] = ruled_.try_emplace(name, site);
    if (is_new) known = rule;
    if (!is_new && (site || !owner->second)) files_.Error(node, fmt::format("'{}' stands in two rules", text));
  });
}

ParameterRules::Rule ParameterRulesLoader::ReadDetail(const toml::table& table, Form form) {
  std::size_t detail = 0;
  switch (form) {
    case Form::kEnumeration:
      files_.CheckKeys(table, {"id", "enabled", "names", "value", "values", "reason", "samples"});
      detail = AddEnumeration(table);
      break;
    case Form::kInteger:
      files_.CheckKeys(table, {"id", "enabled", "names", "value", "min", "max", "modulo", "reason", "samples"});
      detail = AddInteger(table);
      break;
    case Form::kPattern:
      files_.CheckKeys(table, {"id", "enabled", "names", "value", "patterns", "max_length", "reason", "samples"});
      detail = AddPatterns(table);
      break;
    default:
      files_.CheckKeys(table, {"id", "enabled", "names", "value", "reason", "samples"});
  }
  return {.form = form, .detail = static_cast<std::uint16_t>(detail)};
}

std::size_t ParameterRulesLoader::AddEnumeration(const toml::table& table) {
  std::vector<Name>& names = rules_.enumerations_.emplace_back();
  files_.ForEachText(table, "values",
                     [&](const toml::node&, std::string_view text) { names.push_back(rules_.catalogue_.Find(text)); });
  if (names.empty()) files_.Error(table, "an enumeration needs a list 'values'");
  return rules_.enumerations_.size() - 1;
}

std::int64_t ParameterRulesLoader::Number(const toml::table& table, std::string_view key, std::int64_t fallback) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return fallback;
  const std::int64_t number = node->is_integer() ? node->value_or(std::int64_t{-1}) : -1;
  if (number >= 0 && number <= kMaxInteger) return number;
  files_.Error(*node, fmt::format("'{}' is a number from 0 to {}", key, kMaxInteger));
  return fallback;
}

std::size_t ParameterRulesLoader::AddInteger(const toml::table& table) {
  ParameterRules::Integer integer;
  integer.min = Number(table, "min", 0);
  integer.max = Number(table, "max", kMaxInteger);
  integer.modulo = Number(table, "modulo", 0);
  if (integer.min > integer.max) files_.Error(table, "'min' is greater than 'max'");
  const std::int64_t shown = integer.modulo > 0 ? integer.modulo : integer.max - integer.min + 1;
  if (shown > kMaxIntegers) {
    files_.Error(table,
                 fmt::format("more than {} different numbers would be shown; set 'max' or 'modulo'", kMaxIntegers));
  }
  rules_.integers_.push_back(integer);
  return rules_.integers_.size() - 1;
}

std::size_t ParameterRulesLoader::AddPatterns(const toml::table& table) {
  ParameterRules::Pattern pattern;
  const std::int64_t max_length = Number(table, "max_length", 0);
  if (max_length < 1 || max_length > static_cast<std::int64_t>(ShortText::kMaxBytes)) {
    files_.Error(table, fmt::format("a pattern needs 'max_length', 1 to {}", ShortText::kMaxBytes));
  }
  pattern.max_bytes = static_cast<std::size_t>(max_length);
  pattern.first = static_cast<int>(rules_.patterns_.size());
  files_.ForEachText(table, "patterns", [&](const toml::node& node, std::string_view text) {
    const std::string error = rules_.patterns_.Add(text);
    if (!error.empty()) files_.Error(node, fmt::format("pattern '{}': {}", text, error));
  });
  pattern.end = static_cast<int>(rules_.patterns_.size());
  if (pattern.first == pattern.end) files_.Error(table, "needs a list 'patterns'");
  rules_.pattern_rules_.push_back(pattern);
  return rules_.pattern_rules_.size() - 1;
}

// A sample is written "query -> what is shown of it".
void ParameterRules::CheckSamples(RuleFiles* files) const {
  Query query(catalogue_);
  std::string_view id;  // of the rule that is looked at
  const auto check = [&](const toml::node& node, std::string_view sample) {
    constexpr std::string_view kArrow = " -> ";
    const std::size_t arrow = sample.find(kArrow);
    if (arrow == std::string_view::npos) return files->Error(node, "a sample is written \"query -> shown\"");
    std::string shown;
    bool has_own = false;
    if (query.Parse(sample.substr(0, arrow))) {
      for (const QueryParameter& parameter : query.parameters()) {
        has_own |= RuleOf(parameter.name) == id;
        if (!IsShown(parameter.name)) continue;
        if (!shown.empty()) shown += '&';
        shown += ToString(Sanitise(parameter), catalogue_);
      }
    }
    if (shown != sample.substr(arrow + kArrow.size())) {
      files->Error(node, fmt::format("sample '{}' is shown as '{}'", sample, shown));
    } else if (!has_own) {
      files->Error(node, fmt::format("sample '{}' has no parameter of this rule", sample));
    }
  };
  files->ForEachRule("parameter", [&](const RuleFiles::Rule& rule) {
    id = rule.id;
    if (files->ChecksSamplesOf(*rule.table)) files->ForEachText(*rule.table, "samples", check);
  });
}

}  // namespace hushlog
