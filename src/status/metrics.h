// The numbers of /metrics, in the text format of Prometheus (version 0.0.4).
//
// Labels are names of the configuration and of rules, and words of this program: never anything of a log line.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "src/status/deliveries.h"
#include "src/status/process_stats.h"
#include "src/status/status_report.h"

namespace hushlog {

struct MetricsInput {
  StatusReport report;
  bool disk_full = false;     // reading pauses
  std::int64_t start_ms = 0;  // when the process started, UTC
  std::map<std::string, DeliveryTotals, std::less<>> deliveries;
  ProcessStats process;
};

// docs/status-page.md lists the metrics.
std::string MetricsText(const MetricsInput& input);

}  // namespace hushlog
