// What hushlog check says of a source: its files, and what the last lines of its logs become.
#pragma once

#include "parsers/trusted_proxies.h"
#include "rules/rule_set.h"
#include "src/cli/check_report.h"
#include "src/cli/config.h"

namespace hushlog {

// Tells which files cannot be read, and for each log which share of its last lines fits the format, what one of them
// becomes, and what the format lacks. `proxies` may be null. Reads a megabyte of each log at most, and of 20
// logs.
void CheckSource(const SourceConfig& source, const RuleSet& rules, const TrustedProxies* proxies, CheckReport* report);

}  // namespace hushlog
