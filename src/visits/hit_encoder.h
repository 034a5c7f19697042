// Encodes a Hit as the tracking parameters that are posted, as the inside of a JSON object.
//
// Matomo's tracking API: rec, action_name, url, _cvar, cdt, ua, lang, e_c, e_a, e_n, ca, download. Missing on
// purpose: idsite, cid, token_auth and cip, which depend on the target, and everything that would say more about a
// person (urlref, res, and uid but in AppendIdentifiedParams). Values are strings, as Matomo takes them.
#pragma once

#include <string>

#include "rules/user_agent.h"
#include "src/visits/hit.h"

namespace hushlog {

// Appends `"rec":"1",...,"cdt":"1795411169"` to *out. Every byte comes from the hit's catalogue names, numbers
// and reduced client facts.
void AppendParams(const Hit& hit, const UserAgentRules& user_agents, std::string* out);

// The same for targets with `anonymize = false`: title and URL as they are, where the log tells them, and `uid`.
void AppendIdentifiedParams(const Hit& hit, const UserAgentRules& user_agents, std::string* out);

// The pseudonym as Matomo takes it (`cid`): 16 hexadecimal digits.
std::string VisitorId(std::uint64_t visitor);

}  // namespace hushlog
