// The configuration that hushlog init proposes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/delivery/deliverer.h"

namespace hushlog {

// As the plugin AnonymousPiwikUsageMeasurement has them: `community`, `own` and `custom`.
struct ProposedTarget {
  std::string name;
  std::string purpose;  // who gets the hits, in words, without any URL
  std::string url;
  std::uint32_t site_id = 1;
  bool enabled = false;
  std::string reason;  // why it is enabled or not
};

// Why a target does not take hits; empty if it does.
using AskTarget = std::function<std::string(const TargetConfig&)>;

// `own_url` is the address of the measured Matomo and `own_site` the number of the site in it that gets the hits; ""
// and 0 if they are not known. Asks those targets that could be enabled; `ask` may be empty: then nobody is asked.
// Throws ConfigError (a URL).
std::vector<ProposedTarget> ProposeTargets(const std::string& own_url, std::uint32_t own_site, const AskTarget& ask);

// A commented TOML file. `logs` may be empty: then the source is an example in comments.
std::string ProposedConfiguration(const std::vector<std::string>& logs, const std::vector<ProposedTarget>& targets);

}  // namespace hushlog
