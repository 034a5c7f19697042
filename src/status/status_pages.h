// The pages that hushlog tail serves, and what it publishes for them.
//
// The thread that follows logs publishes snapshots; the thread of the server makes pages of the last one and never
// touches the state database.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/status/deliveries.h"
#include "src/status/http_server.h"
#include "src/status/status_report.h"
#include "src/usage/day_totals.h"

namespace hushlog {

// Thread-safety: all functions may be called from any thread.
class StatusPages {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { kStarting, kFollowing, kStopping };

  // `deliveries` must outlive the object.
  // `known_reports` are those that can be unused.
  StatusPages(const Deliveries& deliveries, std::vector<std::string> known_reports,
              std::function<Time()> now = std::chrono::steady_clock::now);

  // --- of the thread that follows logs
  void SetPhase(Phase phase);
  // The loop has turned.
  void NoteTurn();
  void Publish(StatusReport report, bool disk_full);
  // Whether somebody has asked since the last Publish.
  bool IsAsked() const;
  // Whether somebody waits for the usage page, and its numbers are to be published. Forgets a page that is old.
  bool WantsUsage();
  // `totals` as of LoadDayTotals; the longer that took, the longer they do.
  void PublishUsage(std::vector<DayTotal> totals, std::chrono::steady_clock::duration took);

  // --- of the server (HttpServer::Handler)
  std::optional<HttpAnswer> Answer(std::string_view path);

 private:
  struct Snapshot {
    StatusReport report;
    bool disk_full = false;
    Time time;
  };

  std::optional<HttpAnswer> UsagePage();
  HttpAnswer Health() const;
  HttpAnswer Readiness() const;
  HttpAnswer Metrics(const Snapshot& snapshot) const;
  std::shared_ptr<const Snapshot> Last() const;

  const Deliveries& deliveries_;
  const std::vector<std::string> known_reports_;
  const std::function<Time()> now_;
  const std::int64_t start_ms_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Snapshot> snapshot_;
  Phase phase_ = Phase::kStarting;
  Time last_turn_;
  bool asked_ = false;
  bool usage_is_wanted_ = false;
  std::optional<std::vector<DayTotal>> totals_;    // of which no page is made yet
  std::shared_ptr<const std::string> usage_html_;  // null: none that does any more
  Time usage_ends_;                                // until when both do
};

}  // namespace hushlog
