// What may be shown of the parameters of a request (rules/parameters.toml).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/catalogue.h"
#include "rules/query.h"
#include "rules/ui_action.h"

namespace hushlog {

// Immutable; may be shared by threads.
class ParameterRules {
 public:
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
  };

  // Throws ConfigError with file and line of every broken rule or failed sample. `catalogue` must outlive the object.
  ParameterRules(std::string_view file_name, std::string_view text, const Catalogue& catalogue);

  // What may be shown of `parameter`. A value that does not have the form its rule asks for is hidden.
  Parameter Sanitise(const QueryParameter& parameter) const noexcept;

  // `parameter` is one of the catalogue's (below Catalogue::parameters_end()).
  ValueForm Form(Name parameter) const noexcept { return forms_[static_cast<std::size_t>(parameter)]; }

  // False for parameters that identify the request itself (module, action, method): a UiAction holds them elsewhere.
  bool IsShown(Name parameter) const noexcept { return Form(parameter) != ValueForm::kElsewhere; }

 private:
  friend struct ParameterRulesLoader;

  Parameter Read(Name name, ValueForm form, std::string_view value) const noexcept;
  Name ReadName(ValueForm form, std::string_view value) const noexcept;
  Name ReadPopover(std::string_view value) const noexcept;

  const Catalogue& catalogue_;
  std::vector<ValueForm> forms_;  // by Name
};

// Renders a parameter for tests and samples: "idSite=5", "segment=XYZ", "date=2026-11-22,today".
std::string ToString(const Parameter& parameter, const Catalogue& catalogue);

}  // namespace hushlog
