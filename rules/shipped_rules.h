// The rule files that are part of this program.
#pragma once

#include <span>
#include <vector>

#include "rules/rule_files.h"

namespace hushlog {

// In their order; texts live as long as the program.
std::vector<RuleSource> ShippedRules();
// These and those of a site, whose texts must live on.
std::vector<RuleSource> RulesWith(std::span<const SiteRules> site);

}  // namespace hushlog
