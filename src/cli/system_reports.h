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
// transaction that keeps the hits. They get the time of noon of their day, that of yesterday a later one if noon was
// more than 22 hours ago: a target without token takes hits of the last 24 hours only, and gets no older reports.
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
  // The days that are to be reported, in order: those before today of which something is not reported; for a process
  // that goes on, and reported the day before yesterday on its day, also yesterday if nothing happened. None while no
  // target gets system reports: what is not reported waits until one does.
  std::vector<std::int32_t> DaysToReport(LocalTime now, bool goes_on);
  // Whether that of yesterday, with a page view, is among them: Make then tells of the instance.
  bool TellsOfInstance(LocalTime now, bool goes_on);
  // Adds the reports of these days to what waits for targets, and notes, for a process that goes on, that it did today.
  // `instance` goes into that of yesterday alone: what the Matomo was on earlier days is not known. What was read must
  // be committed. Returns the number of hits. Throws StoreError; the days before the one that failed are reported then.
  std::int64_t Make(const RuleSet& rules, LocalTime now, bool goes_on, const InstanceFacts& instance);

 private:
  std::int64_t Counter(std::string_view name);
  void NoteDay(std::int32_t day);
  // Those of a group of targets that get a report.
  static Audience ReceiversOf(const Subscribers& group, bool is_old);
  std::int64_t Add(const RuleSet& rules, const SystemReport& report, bool is_old);

  Store& store_;
  const std::vector<Subscribers> subscribers_;
  std::int32_t last_day_ = 0;  // on which reports were due; 0: never yet
  int minute_ = 0;             // from which on they are
};

}  // namespace hushlog
