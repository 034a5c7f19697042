#include "src/visits/visits.h"

#include <algorithm>
#include <iterator>

#include "src/visits/visit_codec.h"

namespace hushlog {
namespace {

// Matomo begins a new visit after this time.
constexpr std::int64_t kVisit = 30 * 60 * 1000;
// Lines of different visitors are not in order of time by more than this.
constexpr std::int64_t kDisorder = 5 * 60 * 1000;
constexpr int kFound = 302;

}  // namespace

Visits::Visits(const RuleSet& rules, HitSink& sink, std::size_t max_visitors, VisitTrace* trace)
    : rules_fingerprint_(rules.fingerprint()),
      page_views_(rules, sink, trace),
      events_(rules, sink),
      max_visitors_(max_visitors) {}

void Visits::Consume(const UiAction& action, std::span<const Parameter> parameters) {
  if (action.kind == ActionKind::kApiClient || action.kind == ActionKind::kBulkApi) return;
  Visit& visit = VisitOf(action);
  page_views_.DecideOverdue(visit, action.time_ms);
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
}

Visit& Visits::VisitOf(const UiAction& action) {
  latest_ms_ = std::max(latest_ms_, action.time_ms);
  CloseBefore(latest_ms_ - kVisit - kDisorder);
  const auto known = by_id_.find(action.visitor);
  if (known != by_id_.end()) {
    visitors_.splice(visitors_.end(), visitors_, known->second);
  } else {
    if (visitors_.size() == max_visitors_) {
      CloseFirst();
      ++closed_early_;
    }
    visitors_.push_back({action.visitor, {}});
    by_id_.emplace(action.visitor, std::prev(visitors_.end()));
  }
  Visit& visit = visitors_.back().visit;
  visit.last_ms = action.time_ms;
  return visit;
}

void Visits::CloseFirst() {
  page_views_.DecideAll(visitors_.front().visit);
  by_id_.erase(visitors_.front().id);
  visitors_.pop_front();
}

void Visits::CloseBefore(std::int64_t time_ms) {
  while (!visitors_.empty() && visitors_.front().visit.last_ms < time_ms) CloseFirst();
}

void Visits::Finish() {
  while (!visitors_.empty()) CloseFirst();
}

std::string Visits::Save() const {
  std::string state;
  AppendNumber(rules_fingerprint_, &state);
  AppendNumber(static_cast<std::uint64_t>(latest_ms_), &state);
  AppendNumber(visitors_.size(), &state);
  for (const Visitor& visitor : visitors_) {
    AppendNumber(visitor.id, &state);
    AppendVisit(visitor.visit, &state);
  }
  return state;
}

bool Visits::Restore(std::string_view state) {
  if (RestoreVisitors(state)) return true;
  visitors_.clear();
  by_id_.clear();
  latest_ms_ = 0;
  return false;
}

bool Visits::RestoreVisitors(std::string_view state) {
  std::uint64_t fingerprint = 0;
  std::uint64_t latest = 0;
  std::uint64_t count = 0;
  if (!TakeNumber(&state, &fingerprint) || fingerprint != rules_fingerprint_) return false;
  if (!TakeNumber(&state, &latest) || !TakeNumber(&state, &count)) return false;
  latest_ms_ = static_cast<std::int64_t>(latest);
  for (std::uint64_t i = 0; i < count; ++i) {
    Visitor& visitor = visitors_.emplace_back();
    if (!TakeNumber(&state, &visitor.id) || !TakeVisit(&state, &visitor.visit)) return false;
    by_id_.emplace(visitor.id, std::prev(visitors_.end()));
  }
  return state.empty();
}

}  // namespace hushlog
