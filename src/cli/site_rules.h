// The rule files of a site, in a directory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "parsers/log_format.h"
#include "rules/rule_set.h"

namespace hushlog {

// The files *.toml of `directory` in the order of their names; none if `directory` is empty. Throws ConfigError if one
// cannot be read, or is too large to be rules.
std::vector<SiteRules> ReadSiteRules(const std::string& directory);

// The shipped rules with those of `directory`. Throws ConfigError with all mistakes; whoever has rules already can then
// go on with them.
std::shared_ptr<const RuleSet> LoadRules(const std::string& directory);
// For the user: which fields that rules of the site ask for lines of this format do not have. Who opts out must not be
// measured because the log does not show it.
std::vector<std::string> MissingFields(const RuleSet& rules, const LogFormat& format);

}  // namespace hushlog
