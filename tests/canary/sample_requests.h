// Requests that Matomo's interface makes, from tests/data.
#pragma once

#include <string>
#include <vector>

#include "rules/rule_set.h"

namespace hushlog::test {

struct SampleRequest {
  std::string method, target;
  int status = 200;
  bool from_page = true;
};

// Those that count as usage, in the order of the sample logs, and one of ten of the others.
std::vector<SampleRequest> SampleRequests(const RuleSet& rules);

}  // namespace hushlog::test
