// What `hushlog audit` prints, for people and for programs.
#pragma once

#include <cstddef>
#include <string>

#include "src/audit/auditor.h"
#include "src/audit/egress_grammar.h"

namespace hushlog {

// Of each list `most_members`; 0: all.
std::string ToText(const EgressGrammar& grammar, std::size_t most_members);
std::string ToJson(const EgressGrammar& grammar);

// Neither ever holds a byte of what was checked.
std::string ToText(const Auditor& auditor);
std::string ToJson(const Auditor& auditor);

}  // namespace hushlog
