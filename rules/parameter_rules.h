// What may be shown of the parameters of a request ([[parameter]], rules/parameters.toml).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/catalogue.h"
#include "rules/pattern_set.h"
#include "rules/query.h"
#include "rules/rule_files.h"
#include "rules/ui_action.h"

namespace hushlog {

// Immutable; may be shared by threads.
class ParameterRules {
 public:
  // Notes what is broken. `catalogue` must outlive the object.
  ParameterRules(RuleFiles* files, const Catalogue& catalogue);
  // Notes samples that come out otherwise.
  void CheckSamples(RuleFiles* files) const;

  // What may be shown of `parameter`. A value that does not have the form its rule asks for is hidden; so is one of
  // which this cannot be told, and *failed is then set.
  Parameter Sanitise(const QueryParameter& parameter, bool* failed = nullptr) const noexcept;
  // Sanitise takes a while: callers keep the result per distinct value.
  bool IsCostly(Name parameter) const noexcept { return Form(parameter) == ValueForm::kPattern; }

  // Id of the rule that says what may be shown of it; "" if none does, and nothing may.
  std::string_view RuleOf(Name parameter) const noexcept {
    return rule_ids_[rules_[static_cast<std::size_t>(parameter)].id];
  }

  // False for parameters that identify the request itself (module, action, method): a UiAction holds them elsewhere.
  bool IsShown(Name parameter) const noexcept { return Form(parameter) != ValueForm::kElsewhere; }

  // Which values of a parameter may be shown. All others are hidden.
  enum class ValueForm : std::uint8_t {
    kHidden,       // none
    kElsewhere,    // the parameter is left out
    kId,           // a number, reduced to 1..20; or a word
    kDate,         // a date or range; or a word
    kWord,         // a word of an enumeration
    kPlugin,       // a public plugin
    kCategory,     // a category of the reporting menu
    kSubcategory,  // a subcategory, or a number reduced to 1..20
    kPopover,      // the name of a popover, without what it shows
    kEnumeration,  // one of a list
    kInteger,      // a number between two others, perhaps reduced
    kPattern,      // what a pattern matches
  };
  friend class ParameterRulesLoader;

  struct Rule {
    ValueForm form = ValueForm::kHidden;
    std::uint16_t detail = 0;  // index in the list of its form
    std::uint16_t id = 0;      // index in rule_ids_
  };
  struct Integer {
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t modulo = 0;  // 0: not reduced
  };
  struct Pattern {
    std::size_t max_bytes = 0;
    int first = 0;  // numbers in patterns_
    int end = 0;
  };

  ValueForm Form(Name parameter) const noexcept { return rules_[static_cast<std::size_t>(parameter)].form; }
  Parameter Read(Name name, Rule rule, std::string_view value, bool* failed) const noexcept;
  void ReadInteger(const Integer& integer, std::string_view value, Parameter* result) const noexcept;
  void ReadPattern(const Pattern& pattern, std::string_view value, Parameter* result, bool* failed) const noexcept;
  Name ReadName(Rule rule, std::string_view value) const noexcept;
  Name ReadPopover(std::string_view value) const noexcept;

  const Catalogue& catalogue_;
  std::vector<Rule> rules_;  // by Name
  std::vector<std::string> rule_ids_ = {""};
  std::vector<std::vector<Name>> enumerations_;
  std::vector<Integer> integers_;
  std::vector<Pattern> pattern_rules_;
  PatternSet patterns_;
};

// Renders a parameter for tests and samples: "idSite=5", "segment=XYZ", "date=2026-11-22,today".
std::string ToString(const Parameter& parameter, const Catalogue& catalogue);

}  // namespace hushlog
