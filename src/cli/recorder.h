// Keeps hits and usage totals in the state database.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/recognizer.h"
#include "src/cli/consumer.h"
#include "src/cli/subscribers.h"
#include "src/spool/store.h"
#include "src/usage/totals.h"
#include "src/visits/visits.h"

namespace hushlog {

// Collects what was made of some seconds of reading and commits it with the checkpoints in one transaction, so that
// after a crash the lines are read again whose hits were not kept, and no others. A commit that fails changes nothing:
// after StoreFull the next one keeps it all.
class Recorder : public Consumer, private HitSink {
 public:
  // Continues with what visitors had open when the last one was destroyed. Both must outlive the object.
  Recorder(const RuleSet& rules, Store& store, const std::vector<Subscribers>& subscribers, std::size_t max_visits);

  void Consume(const ActionBatch& actions) override;
  std::int64_t Reached(std::int64_t id, const Checkpoint& checkpoint, const LineCounts& counts) override;
  void Idle() override;
  void Finish() override { Commit(); }
  // Destroys the keys of days that are over and of which nothing was read for a day, and closes their visits: nobody
  // can be recognised in them any more. Throws StoreError.
  void EndDays();
  // As in Visits.
  void SetTime(std::int64_t now_ms) { visits_.SetTime(now_ms); }
  void CloseQuiet() { visits_.CloseQuiet(); }
  // Nothing follows: decides what waits for it. Throws StoreError.
  void Complete();
  std::int64_t hits() const override { return hits_; }
  std::int64_t visits_closed_early() const override { return visits_.closed_early(); }
  std::int64_t hits_waiting() const override { return visits_.waiting(); }

 private:
  // Hits on their way to the database that go to the same targets. Each target gets its hits from one stream, all of
  // them and in order, so that hits that are only for some make no more and smaller batches.
  struct Stream {
    Subscribers to;
    std::array<HitBatch, kLanes> open;           // one a lane
    std::vector<std::pair<int, HitBatch>> full;  // in order within a lane
  };

  void OnHit(const Hit& hit) override;
  void OnReportUse(std::int32_t day, const ReportUse& use) override { totals_.OnReportUse(day, use); }
  bool HasHiddenName(const Hit& hit) const;
  void Add(const HitRow& row, int lane, Stream* stream);
  void RestoreVisits();
  bool CommitIsDue() const;
  void Commit();

  const RuleSet& rules_;
  Store& store_;
  Totals totals_;
  Visits visits_;
  std::vector<Stream> streams_;
  std::map<std::int64_t, Checkpoint> checkpoints_;  // by source id, 0 for one that has none yet
  std::set<std::int32_t> days_;                     // of the actions
  LineCounts counts_;
  std::size_t kept_bytes_ = 0;
  std::chrono::steady_clock::time_point last_commit_ = std::chrono::steady_clock::now();
  std::int64_t new_source_ = 0;  // id given by the last commit that added a source
  std::int64_t hits_ = 0;
  std::int64_t new_hits_ = 0;          // since the last commit
  std::int64_t hidden_hits_ = 0;       // of them: of a page or an event with a name that is not public
  std::array<std::string, 2> params_;  // of a hit, anonymous and identified; reused
};

}  // namespace hushlog
