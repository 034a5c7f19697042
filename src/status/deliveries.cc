#include "src/status/deliveries.h"

#include <algorithm>
#include <exception>

namespace hushlog {
namespace {

std::size_t ShownOf(const ShownRequest& sent) { return std::min(sent.hits, kShownHits); }

}  // namespace

std::string_view OutcomeWord(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::kProcessed:
      return "processed";
    case Outcome::Kind::kNotProcessed:
      return "not_processed";
    case Outcome::Kind::kRolledBack:
      return "rolled_back";
    case Outcome::Kind::kTooLarge:
      return "too_large";
    case Outcome::Kind::kRefused:
      return "refused";
    case Outcome::Kind::kAmbiguous:
      return "answer_lost";
  }
  return "";
}

void Deliveries::OnDelivery(const Delivery& delivery) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    auto at = totals_.find(delivery.target);
    if (at == totals_.end()) at = totals_.emplace(delivery.target, DeliveryTotals()).first;
    DeliveryTotals& totals = at->second;
    ++totals.requests.at(static_cast<std::size_t>(delivery.kind));
    const double seconds = std::chrono::duration<double>(delivery.duration).count();
    const auto bucket = std::ranges::lower_bound(DeliveryTotals::kBounds, seconds) - DeliveryTotals::kBounds.begin();
    ++totals.durations.at(static_cast<std::size_t>(bucket));
    totals.seconds += seconds;
    Keep(delivery);
  } catch (const std::exception&) {  // bad_alloc: delivery is worth more than a page about it
  }
}

void Deliveries::Keep(const Delivery& delivery) {
  last_.push_front(
      {std::string(delivery.target), delivery.kind, delivery.time_ms, delivery.hits, std::string(delivery.last_hits)});
  hits_ += ShownOf(last_.front());
  bytes_ += last_.front().body.size();
  while (last_.size() > 1 && (bytes_ > kBytes || hits_ - ShownOf(last_.back()) >= kShownHits)) {
    hits_ -= ShownOf(last_.back());
    bytes_ -= last_.back().body.size();
    last_.pop_back();
  }
}

std::vector<ShownRequest> Deliveries::Last() const {
  const std::lock_guard lock(mutex_);
  return {last_.begin(), last_.end()};
}

std::map<std::string, DeliveryTotals, std::less<>> Deliveries::Totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace hushlog
