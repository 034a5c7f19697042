#include "rules/shipped_rules.h"

#include "embedded/hushlog_rules.h"

namespace hushlog {

std::vector<RuleSource> ShippedRules() {
  return {
      {"rules/catalogue/names.toml", embedded::catalogue_names_toml()},
      {"rules/catalogue/plugins_core.toml", embedded::catalogue_plugins_core_toml()},
      {"rules/catalogue/plugins_published.toml", embedded::catalogue_plugins_published_toml()},
      {"rules/catalogue/pages.toml", embedded::catalogue_pages_toml()},
      {"rules/requests.toml", embedded::requests_toml()},
      {"rules/parameters.toml", embedded::parameters_toml()},
      {"rules/access.toml", embedded::access_toml()},
      {"rules/events.toml", embedded::events_toml()},
      {"rules/privacy.toml", embedded::privacy_toml()},
      {"rules/user_agents.toml", embedded::user_agents_toml()},
  };
}

std::vector<RuleSource> RulesWith(std::span<const SiteRules> site) {
  std::vector<RuleSource> sources = ShippedRules();
  for (const SiteRules& file : site) sources.push_back({file.name, file.text, true});
  return sources;
}

}  // namespace hushlog
