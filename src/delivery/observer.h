// Who is told of what goes to targets, for status pages.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/delivery/outcome.h"

namespace hushlog {

// A request with hits, and what came of it. Views are valid during the call.
struct Delivery {
  std::string_view target;  // its name
  Outcome::Kind kind = Outcome::Kind::kProcessed;
  std::int64_t time_ms = 0;  // when it was sent, UTC
  std::chrono::milliseconds duration{0};
  std::size_t hits = 0;
  // The last kShownHits of them as they were sent: a body as of BulkBody, without the token. Empty if they identify
  // people (TargetConfig::identified).
  std::string_view last_hits;
};

inline constexpr std::size_t kShownHits = 100;

class DeliveryObserver {
 public:
  virtual ~DeliveryObserver() = default;
  // Called in any thread, also several times at once. Must not take long: the next request waits.
  virtual void OnDelivery(const Delivery& delivery) noexcept = 0;
};

}  // namespace hushlog
