// What hushlog tail tells of itself: to `hushlog status`, and on the status page.
#pragma once

#include <chrono>
#include <memory>

#include "src/cli/status.h"
#include "src/cli/tail_setup.h"
#include "src/delivery/deliverer.h"
#include "src/input/follower.h"
#include "src/spool/store.h"
#include "src/status/deliveries.h"
#include "src/status/http_server.h"
#include "src/status/status_pages.h"

namespace hushlog {

// Belongs to the thread that follows logs.
class TailStatus {
 public:
  using Phase = StatusPages::Phase;

  // Both must outlive the object. Tells where the status page is; if it cannot be there, that is told and nothing more.
  TailStatus(const TailSetup& setup, Store& store);

  // For a Deliverer, which must not outlive the object; null if there is no page that shows what it sees.
  DeliveryObserver* observer() { return server_ == nullptr ? nullptr : &deliveries_; }
  void SetPhase(Phase phase) { pages_.SetPhase(phase); }
  // To be called in each turn of the loop. Throws StoreError.
  void Update(const Follower& follower, Deliverer& deliverer, bool disk_full);

 private:
  void StartServer(const StatusConfig& config);
  void PublishUsageIfWanted();

  const Config& config_;
  Store& store_;
  StatusFile file_;
  std::chrono::steady_clock::time_point next_{}, next_if_asked_{};
  Deliveries deliveries_;
  StatusPages pages_;
  std::unique_ptr<HttpServer> server_;  // last: it asks the others
};

}  // namespace hushlog
