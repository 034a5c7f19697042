// Turns actions into the hits that the in-page plugin would have sent: page views, events, downloads.
//
// Actions come in the order of their lines; hits of a visitor leave in order of time. What a visitor has open (visit.h)
// is kept in memory until nothing came from the visitor for half an hour of log time.
//
// Thread-safety: none; belongs to the thread that consumes actions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/events.h"
#include "src/visits/hit.h"
#include "src/visits/page_views.h"
#include "src/visits/visit.h"

namespace hushlog {

class Visits {
 public:
  static constexpr std::size_t kMaxVisitors = 20'000;

  // `rules` and `sink` must outlive the object. Of more than `max_visitors` that are open at a time, the one idle for
  // the longest is closed early.
  Visits(const RuleSet& rules, HitSink& sink, std::size_t max_visitors = kMaxVisitors, VisitTrace* trace = nullptr);

  void Consume(const UiAction& action, std::span<const Parameter> parameters);

  // Decides what waits for what follows, as if nothing did, and closes the visits that were last active before
  // `time_ms` (CloseBefore), or all.
  void CloseBefore(std::int64_t time_ms);
  void Finish();

  // What is open, as bytes for Restore. Names in it are numbers of this program's catalogue.
  std::string Save() const;
  // Continues where a Save() of a program with the same rules ended; only before the first Consume. False, and nothing
  // is open, if the bytes are broken or come from other rules.
  [[nodiscard]] bool Restore(std::string_view state);

  std::int64_t closed_early() const { return closed_early_; }

 private:
  struct Visitor {
    std::uint64_t id = 0;
    Visit visit;
  };
  using Visitors = std::list<Visitor>;  // the one idle for the longest first

  Visit& VisitOf(const UiAction& action);
  void CloseFirst();
  bool RestoreVisitors(std::string_view state);

  std::uint64_t rules_fingerprint_;
  PageViews page_views_;
  Events events_;
  std::size_t max_visitors_;
  Visitors visitors_;
  std::unordered_map<std::uint64_t, Visitors::iterator> by_id_;
  std::int64_t latest_ms_ = 0;  // of any action
  std::int64_t closed_early_ = 0;
};

}  // namespace hushlog
