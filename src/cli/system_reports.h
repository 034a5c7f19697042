// When system reports are made (src/usage/system_report.h), and for whom.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "rules/rule_set.h"
#include "src/cli/subscribers.h"
#include "src/spool/store.h"
#include "src/usage/system_report.h"

namespace hushlog {

// By the clock and in the time zone of this machine, in which its web server nearly always writes its log.
struct LocalTime {
  std::int32_t day = 0;  // calendar day, days since 1970-01-01
  int minute = 0;        // of the day
};
LocalTime LocalTimeAt(std::chrono::system_clock::time_point time);

// Makes the reports of days that are over, each once, whenever that happens: what is reported is noted in the
// transaction that keeps the hits. They get the time of noon of their day.
//
// Thread-safety: none.
class SystemReports {
 public:
  // `store` must outlive the object and have the tables of ReportedDays. `subscribers` are those of Subscribe.
  SystemReports(Store& store, std::vector<Subscribers> subscribers);

  // For a process that goes on: whether it is time for the reports of today, which is the case once a day from a minute
  // on that this installation has drawn, between 1 and 10 in the morning: late enough for the last lines of the day
  // before, and early enough for a target without token, which takes hits of the last 24 hours only. Not on the day on
  // which it is asked first.
  bool IsDue(LocalTime now);
  // Adds the reports of all days before today that have something to report to what waits for targets, and, if asked
  // for, yesterday's even if nothing happened. `instance` goes into that of yesterday alone: what the Matomo was on
  // earlier days is not known. Returns the number of hits. What was read must be committed. Throws StoreError; then
  // nothing has changed.
  std::int64_t Make(const RuleSet& rules, LocalTime now, bool of_quiet_day, const InstanceFacts& instance);
  // Whether Make has something to do.
  bool AnyMissing(LocalTime now);
  // Whether Make would use `instance`: some target is to get a page view for yesterday.
  bool TellsOfInstance(LocalTime now, bool of_quiet_day);

 private:
  std::int64_t Counter(std::string_view name);
  void NoteDay(std::int32_t day);
  std::int64_t Add(const RuleSet& rules, const SystemReport& report);

  Store& store_;
  const std::vector<Subscribers> subscribers_;
  std::int32_t last_day_ = 0;  // on which reports were due; 0: never yet
  int minute_ = 0;             // from which on they are
};

}  // namespace hushlog
