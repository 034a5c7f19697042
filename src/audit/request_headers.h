// The head of an HTTP request that carries hits.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/audit/value_set.h"

namespace hushlog {

// Its lines: the request line under the name "POST", and each header. All must be there, each once.
std::vector<std::pair<std::string, std::unique_ptr<const ValueSet>>> RequestHeaders();

}  // namespace hushlog
