#include "src/visits/visits.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "src/visits/visit_codec.h"

namespace hushlog {
namespace {

// Matomo begins a new visit after this time.
constexpr std::int64_t kVisit = 30 * 60 * 1000;
// Lines of different visitors are not in order of time by more than this.
constexpr std::int64_t kDisorder = 5 * 60 * 1000;
// More than a person does before a page is decided: the memory of a visit ends here.
constexpr std::size_t kMaxWaitingHits = 250;
constexpr int kFound = 302;

}  // namespace

Visits::Visits(const RuleSet& rules, HitSink& sink, std::size_t max_visitors, VisitTrace* trace, bool report_use)
    : fingerprint_(rules.fingerprint() ^ kVisitLayout),
      access_rules_(rules.access()),
      page_views_(rules, sink, trace),
      events_(rules, sink, report_use, trace),
      max_visitors_(max_visitors) {}

void Visits::Consume(const UiAction& action, std::span<const Parameter> parameters) {
  if (action.kind == ActionKind::kApiClient || action.kind == ActionKind::kBulkApi) return;
  Visit& visit = VisitOf(action);
  page_views_.DecideOverdue(visit, action.time_ms);
  visit.access = access_rules_.After(action, visit.access);
  PageChange change;
  switch (action.kind) {
    case ActionKind::kDocument:
    case ActionKind::kWidgetized:
      change = page_views_.Document(action, parameters, visit);
      break;
    case ActionKind::kPageBoot:
      page_views_.Boot(action, parameters, visit);
      break;
    case ActionKind::kReport:
      change = page_views_.Widget(action, parameters, visit);
      break;
    case ActionKind::kLogin:
      // After a success the browser is sent on to the page it wanted: no page here.
      if (action.status != kFound) page_views_.Document(action, parameters, visit);
      break;
    case ActionKind::kController:
      if (events_.IsDashboardLayout(action)) change = page_views_.DashboardLayout(action, parameters, visit);
      break;
    default:
      break;
  }
  events_.Consume(action, parameters, change, page_views_.PageParameters(parameters), visit);
  if (visit.hits.waiting() > kMaxWaitingHits) page_views_.DecideAll(visit);
}

void Visits::CloseQuiet() {
  // A line is written up to kDisorder after others, and was live if it came so soon: what comes now begins a new visit.
  const std::int64_t expired_ms = now_ms_ - kVisit - 2 * kDisorder;
  for (auto visitor = visitors_.begin(); visitor != visitors_.end() && visitor->visit.last_ms < expired_ms;) {
    const auto next = std::next(visitor);
    if (visitor->visit.live) Close(visitor);
    visitor = next;
  }
}

Visit& Visits::VisitOf(const UiAction& action) {
  // Logs are read one after the other, so time may go back; what was open then stays until time has come there again.
  const std::int64_t expired_ms = action.time_ms - kVisit - kDisorder;
  while (!visitors_.empty() && visitors_.front().visit.last_ms < expired_ms) Close(visitors_.begin());
  auto known = by_id_.find(action.visitor);
  if (known != by_id_.end() && std::abs(action.time_ms - known->second->visit.last_ms) > kVisit + kDisorder) {
    Close(known->second);
    known = by_id_.end();
  }
  if (known != by_id_.end()) {
    visitors_.splice(visitors_.end(), visitors_, known->second);
  } else {
    while (visitors_.size() >= max_visitors_) {
      Close(visitors_.begin());
      ++closed_early_;
    }
    visitors_.emplace_back().id = action.visitor;
    by_id_.emplace(action.visitor, std::prev(visitors_.end()));
  }
  visitors_.back().changed = true;
  Visit& visit = visitors_.back().visit;
  visit.last_ms = std::max(visit.last_ms, action.time_ms);
  visit.live = std::abs(now_ms_ - action.time_ms) <= kDisorder;
  visit.day = action.day;
  return visit;
}

void Visits::Close(Visitors::iterator visitor) {
  page_views_.DecideAll(visitor->visit);
  if (visitor->place != 0) left_places_.push_back(visitor->place);
  by_id_.erase(visitor->id);
  visitors_.erase(visitor);
}

void Visits::Finish() {
  while (!visitors_.empty()) Close(visitors_.begin());
}

void Visits::CloseDays(std::span<const std::int32_t> days) {
  for (auto visitor = visitors_.begin(); visitor != visitors_.end();) {
    const auto next = std::next(visitor);
    if (std::ranges::find(days, visitor->visit.day) != days.end()) Close(visitor);
    visitor = next;
  }
}

std::int64_t Visits::waiting() const {
  std::int64_t hits = 0;
  for (const Visitor& visitor : visitors_) hits += static_cast<std::int64_t>(visitor.visit.hits.waiting());
  return hits;
}

// Visits are in the order of their last actions, and so are their places: what changed is at the end of both, what is
// closed at the beginning.
void Visits::Save(VisitStore& store) {
  for (const std::int64_t place : left_places_) store.Remove(place);
  auto changed = visitors_.end();
  while (changed != visitors_.begin() && std::prev(changed)->changed) --changed;
  for (; changed != visitors_.end(); ++changed) {
    if (changed->place != 0) store.Remove(changed->place);
    state_.clear();
    AppendNumber(changed->id, &state_);
    AppendVisit(changed->visit, &state_);
    store.Put(++last_place_, state_);
  }
  state_.clear();
  AppendNumber(fingerprint_, &state_);
  store.Put(VisitStore::kHeader, state_);
}

void Visits::Saved() {
  left_places_.clear();
  std::int64_t place = last_place_;
  for (auto changed = visitors_.rbegin(); changed != visitors_.rend() && changed->changed; ++changed) {
    changed->place = place--;
    changed->changed = false;
  }
}

bool Visits::Restore(std::span<const StoredVisit> stored) {
  const bool good = !stored.empty() && RestoreHeader(stored.front().state) &&
                    std::ranges::all_of(stored.subspan(1), [&](const StoredVisit& visit) {
                      last_place_ = std::max(last_place_, visit.place);
                      return RestoreVisitor(visit);
                    });
  if (good) return true;
  visitors_.clear();
  by_id_.clear();
  for (const StoredVisit& visit : stored) left_places_.push_back(visit.place);
  return false;
}

bool Visits::RestoreHeader(std::string_view bytes) {
  std::uint64_t fingerprint = 0;
  if (!TakeNumber(&bytes, &fingerprint) || fingerprint != fingerprint_) return false;
  return bytes.empty();
}

bool Visits::RestoreVisitor(const StoredVisit& stored) {
  std::string_view bytes = stored.state;
  Visitor& visitor = visitors_.emplace_back();
  visitor.place = stored.place;
  visitor.changed = false;
  if (!TakeNumber(&bytes, &visitor.id) || !TakeVisit(&bytes, &visitor.visit)) return false;
  by_id_.emplace(visitor.id, std::prev(visitors_.end()));
  return bytes.empty();
}

}  // namespace hushlog
