// What hushlog is doing, as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/delivery/deliverer.h"
#include "src/input/follower.h"
#include "src/spool/store.h"

namespace hushlog {

struct SourceProgress {
  std::string name;
  std::vector<FileProgress> files;  // that are open
};

// What is not read yet of the files of a source, and since when.
struct Lag {
  std::int64_t bytes = 0, seconds = 0;
};
Lag LagOf(const SourceProgress& source);

// Whether the hits of a target add up.
bool AddsUp(const TargetLedger& ledger);

struct StatusReport {
  std::int64_t time_ms = 0;                      // of the report, UTC
  int process = 0;                               // that follows logs; 0: none does
  std::map<std::string, std::int64_t> counters;  // Store::IngestLedger
  std::vector<SourceProgress> sources;           // empty if no process follows logs
  std::vector<TargetStatus> targets;
  std::vector<TargetCondition> conditions;  // of targets that are delivered to
};

// Stable keys, one object:
//   time_s, process, lines_read, actions, dropped: {reason: lines}, hits, adds_up
//   sources: [{name, lag_bytes, lag_s, files: [{path, position, size, lag_bytes, lag_s}]}]
//   targets: [{name, configured, state ("ok", "waits" or why it does), trouble, hits, tracked, invalid, unaccounted,
//   parked, dead, pending, adds_up,
//              oldest_pending_s, last_answer, last_answer_s, clock_behind_s, senders}]
// `adds_up`: lines_read = dropped + actions; hits = tracked + invalid + unaccounted + parked + dead + pending.
std::string ToJson(const StatusReport& report);

}  // namespace hushlog
