// Rules for report pages of a Matomo that the rules do not know yet.
#pragma once

#include <string>
#include <vector>

#include "rules/rule_set.h"
#include "src/cli/instance.h"

namespace hushlog {

struct PageRules {
  std::string text;  // [[page]] rules, ready for a rule file
  int pages = 0;     // in it
  int known = 0;     // pages that the rules know
  int hidden = 0;    // pages left out because a menu id is not public, or because no widget of theirs tells them
};

// Every name in the text is one of the catalogue of `rules`.
PageRules RulesFor(const std::vector<InstancePage>& pages, const RuleSet& rules);

}  // namespace hushlog
