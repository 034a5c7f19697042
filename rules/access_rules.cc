#include "rules/access_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hushlog {
namespace {

constexpr int kOk = 200;
constexpr int kFound = 302;
constexpr int kForbidden = 403;

constexpr std::array<std::string_view, 4> kTexts = {"", "anonymous", "user", "superuser"};

std::uint64_t CallKey(bool method, Name plugin, Name action) {
  return static_cast<std::uint64_t>(method) << 32 | static_cast<std::uint64_t>(plugin) << 16 |
         static_cast<std::uint64_t>(action);
}

}  // namespace

std::string_view ToText(Access access) noexcept { return kTexts[static_cast<std::size_t>(access)]; }

AccessRules::AccessRules(RuleFiles* files, const Catalogue& catalogue) {
  files->ForEachRule("access", [&](const RuleFiles::Rule& rule) {
    const toml::table& table = *rule.table;
    files->CheckKeys(table, {"id", "enabled", "level", "calls", "methods", "reason"});
    const std::string level = files->Text(table, "level");
    const auto text_of_level = std::ranges::find(kTexts, level);
    if (level.empty() || text_of_level == kTexts.end()) {
      return files->Error(table, "'level' is one of anonymous, user, superuser");
    }
    const auto access = static_cast<Access>(text_of_level - kTexts.begin());
    const auto add = [&](bool method, const toml::node& node, std::string_view call) {
      const std::size_t dot = std::min(call.find('.'), call.size());
      const Name plugin = catalogue.Plugin(call.substr(0, dot));
      const std::string_view called = call.substr(std::min(dot + 1, call.size()));
      const Name action = method           ? catalogue.ApiMethod(plugin, called)
                          : called.empty() ? Name::kNone
                                           : catalogue.Action(plugin, called);
      if (plugin <= Name::kPlaceholder || action == Name::kPlaceholder || (method && action == Name::kNone)) {
        return files->Error(node, fmt::format("'{}' is not in the catalogue", call));
      }
      calls_[CallKey(method, plugin, action)] = access;
    };
    files->ForEachText(table, "calls", [&](const auto& node, std::string_view call) { add(false, node, call); });
    files->ForEachText(table, "methods", [&](const auto& node, std::string_view call) { add(true, node, call); });
  });
}

Access AccessRules::Proof(const UiAction& action) const noexcept {
  if (action.status != kOk) return Access::kUnknown;
  const bool method = action.kind == ActionKind::kUiApiCall;
  if (!method && action.kind != ActionKind::kDocument && action.kind != ActionKind::kController) {
    return Access::kUnknown;
  }
  // A page without a module is the login form: everybody else is redirected to one with a module.
  if (action.kind == ActionKind::kDocument && action.module == Name::kNone) return Access::kAnonymous;
  const auto call = calls_.find(CallKey(method, action.module, action.action));
  return call == calls_.end() ? Access::kUnknown : call->second;
}

Access AccessRules::After(const UiAction& action, Access before) const noexcept {
  if (action.kind == ActionKind::kLogin) return action.status == kFound ? Access::kUser : Access::kAnonymous;
  if (action.kind == ActionKind::kLogout) return Access::kAnonymous;
  // With 403 a page shows the login form, also to somebody who is logged in and may not see it.
  if (action.kind == ActionKind::kDocument && action.status == kForbidden) return std::max(before, Access::kAnonymous);
  const Access proof = Proof(action);
  return proof == Access::kAnonymous ? proof : std::max(before, proof);
}

}  // namespace hushlog
