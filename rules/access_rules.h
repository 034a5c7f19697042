// How much somebody may do in Matomo, by what the log proves (rules/access.toml).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "rules/catalogue.h"
#include "rules/ui_action.h"

namespace hushlog {

// The words that the in-page plugin puts into its visit variable `Access`.
enum class Access : std::uint8_t { kUnknown, kAnonymous, kUser, kSuperuser };

// "" for kUnknown, else "anonymous", "user" or "superuser".
std::string_view ToText(Access access) noexcept;

// Immutable; may be shared by threads.
class AccessRules {
 public:
  // The rules embedded in this program. Throws ConfigError with file and line of what is broken.
  static std::shared_ptr<const AccessRules> Shipped(const Catalogue& catalogue);
  // The same for any text.
  static std::shared_ptr<const AccessRules> Load(std::string_view name, std::string_view text,
                                                 const Catalogue& catalogue);

  // What is known of a visitor after an action, if `before` was known until then.
  Access After(const UiAction& action, Access before) const noexcept;

 private:
  AccessRules() = default;
  Access Proof(const UiAction& action) const noexcept;

  std::unordered_map<std::uint64_t, Access> calls_;  // by kind, plugin and action or method
};

}  // namespace hushlog
