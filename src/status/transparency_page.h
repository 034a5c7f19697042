// What leaves the machine, as a page: the last hits exactly as they were sent, and what stands in the place of what.
#pragma once

#include <vector>

#include "src/status/deliveries.h"
#include "src/status/http_server.h"

namespace hushlog {

// `last` as of Deliveries::Last. Hits that identify people are not shown, only how many they are.
HttpAnswer TransparencyPage(const std::vector<ShownRequest>& last);

}  // namespace hushlog
