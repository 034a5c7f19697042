// What has gone to targets since the process began: the last hits as they were sent, and how requests went.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "src/delivery/observer.h"

namespace hushlog {

inline constexpr std::size_t kOutcomes = 6;  // of Outcome::Kind
// One word: "processed", "refused", ...
std::string_view OutcomeWord(Outcome::Kind kind);

// How requests to one target went.
struct DeliveryTotals {
  // Upper ends of the buckets of durations, in seconds; there is one more for what took longer.
  static constexpr std::array<double, 11> kBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60};

  std::array<std::int64_t, kOutcomes> requests{};  // by Outcome::Kind
  std::array<std::int64_t, kBounds.size() + 1> durations{};
  double seconds = 0;  // sum of durations
};

// Some hits of one request.
struct ShownRequest {
  std::string target;
  Outcome::Kind kind = Outcome::Kind::kProcessed;
  std::int64_t time_ms = 0;  // UTC
  std::size_t hits = 0;      // of the request
  std::string body;          // as Delivery::last_hits; empty if they are not shown
};

// Keeps kShownHits hits and kBytes at most, in memory only.
//
// Thread-safety: all functions may be called from any thread.
class Deliveries : public DeliveryObserver {
 public:
  static constexpr std::size_t kBytes = 1 << 20;

  void OnDelivery(const Delivery& delivery) noexcept override;

  // The newest first; kShownHits or more of them together, if so many were sent.
  std::vector<ShownRequest> Last() const;
  // By the name of the target.
  std::map<std::string, DeliveryTotals, std::less<>> Totals() const;

 private:
  void Keep(const Delivery& delivery);

  mutable std::mutex mutex_;  // guards what follows
  std::deque<ShownRequest> last_;
  std::size_t hits_ = 0, bytes_ = 0;  // of last_
  std::map<std::string, DeliveryTotals, std::less<>> totals_;
};

}  // namespace hushlog
