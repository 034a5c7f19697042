// How much somebody may do in Matomo, by what the log proves ([[access]], rules/access.toml).
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "rules/catalogue.h"
#include "rules/rule_files.h"
#include "rules/ui_action.h"

namespace hushlog {

// The words that the in-page plugin puts into its visit variable `Access`.
enum class Access : std::uint8_t { kUnknown, kAnonymous, kUser, kSuperuser };

// "" for kUnknown, else "anonymous", "user" or "superuser".
std::string_view ToText(Access access) noexcept;

// Immutable; may be shared by threads.
class AccessRules {
 public:
  // Notes what is broken.
  AccessRules(RuleFiles* files, const Catalogue& catalogue);

  // What is known of a visitor after an action, if `before` was known until then.
  Access After(const UiAction& action, Access before) const noexcept;

 private:
  Access Proof(const UiAction& action) const noexcept;

  std::unordered_map<std::uint64_t, Access> calls_;  // by kind, plugin and action or method
};

}  // namespace hushlog
