// Turns actions into the hits that the in-page plugin would have sent: page views, events, downloads.
//
// Actions come in the order of their lines; hits of a visitor leave in order of time. What a visitor has open (visit.h)
// is kept in memory until nothing came from the visitor for 35 minutes of log time, or for 40 minutes of a log that is
// followed as it is written.
//
// Thread-safety: none; belongs to the thread that consumes actions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/access_rules.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/events.h"
#include "src/visits/hit.h"
#include "src/visits/page_views.h"
#include "src/visits/visit.h"

namespace hushlog {

// Keeps open visits as bytes, so that the next run continues them; visit_codec.h says what is in them.
class VisitStore {
 public:
  static constexpr std::int64_t kHeader = 0;  // the place of what belongs to no visit

  virtual ~VisitStore() = default;
  virtual void Put(std::int64_t place, std::string_view state) = 0;
  virtual void Remove(std::int64_t place) = 0;
};

struct StoredVisit {
  std::int64_t place = 0;
  std::string state;
};

class Visits {
 public:
  // `rules` and `sink` must outlive the object, and `trace`, which may be null. Of more than `max_visitors` that are
  // open at a time, the one idle for the longest is closed early. `report_use`: uses of reports become hits, too
  // (Hit::Kind::kReportUse).
  Visits(const RuleSet& rules, HitSink& sink, std::size_t max_visitors, VisitTrace* trace = nullptr,
         bool report_use = false);

  void Consume(const UiAction& action, std::span<const Parameter> parameters);

  // For logs that are followed: actions that come now are read at this time (milliseconds since 1970, UTC).
  void SetTime(std::int64_t now_ms) { now_ms_ = now_ms; }
  // All lines written until then were consumed: closes the visits whose actions came as they happened, if nothing more
  // can come of them.
  void CloseQuiet();

  // Decides what waits for what follows, as if nothing did, and closes all visits, or those of certain days of the log.
  void Finish();
  void CloseDays(std::span<const std::int32_t> days);

  // Tells `store` what changed since the last Save() that was followed by Saved().
  void Save(VisitStore& store);
  // What was told is safe. Call before anything else after Save(), or not at all.
  void Saved();
  // Continues where Save() of a program with the same rules ended; only before the first Consume. Takes what a
  // VisitStore holds then, in the order of places. False, and nothing is open, if it is broken or comes from other
  // rules.
  [[nodiscard]] bool Restore(std::span<const StoredVisit> stored);

  std::size_t open() const { return visitors_.size(); }
  std::int64_t waiting() const;  // hits that wait for what follows
  std::int64_t closed_early() const { return closed_early_; }

 private:
  struct Visitor {
    std::uint64_t id = 0;
    Visit visit;
    std::int64_t place = 0;  // in the VisitStore, where it is safe; 0 = none
    bool changed = true;     // since then
  };
  using Visitors = std::list<Visitor>;  // the one idle for the longest first

  Visit& VisitOf(const UiAction& action);
  void Close(Visitors::iterator visitor);
  bool RestoreHeader(std::string_view bytes);
  bool RestoreVisitor(const StoredVisit& stored);

  std::uint64_t fingerprint_;  // of the rules, and of the layout of stored visits
  const AccessRules& access_rules_;
  PageViews page_views_;
  Events events_;
  std::size_t max_visitors_;
  Visitors visitors_;
  std::unordered_map<std::uint64_t, Visitors::iterator> by_id_;
  std::int64_t closed_early_ = 0;
  std::int64_t now_ms_ = 0;  // SetTime
  std::int64_t last_place_ = 0;
  std::vector<std::int64_t> left_places_;  // of visits that are closed or have moved on
  std::string state_;                      // reused
};

}  // namespace hushlog
