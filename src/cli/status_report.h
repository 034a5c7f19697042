// What hushlog is doing, as JSON for programs and as text for people.
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

// What ToJson has written, for people, at a time. Throws std::runtime_error if it is something else.
std::string StatusText(std::string_view json, std::int64_t now_ms);
// Whether all adds up in it, and the process that wrote it goes on writing. Throws as above.
bool IsSound(std::string_view json, std::int64_t now_ms);
// Whether it tells of a configured target that does not take hits. Throws as above.
bool TellsTrouble(std::string_view json);

}  // namespace hushlog
