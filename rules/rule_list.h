// What the rules of all files say, for people: one thing a line, with the file and line where it stands.
#pragma once

#include <string>

#include "rules/rule_files.h"

namespace hushlog {

// What may be shown (plugins, actions, methods, parameters with the form of their values, words), what counts as usage
// or as an event, who is not measured and how the rest is reduced. Rules that another one has replaced or switched off
// are marked. `files` hold no mistakes. With `site_only` only what stands in files of the site.
std::string ListRules(RuleFiles* files, bool site_only);

}  // namespace hushlog
