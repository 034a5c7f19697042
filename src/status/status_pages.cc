#include "src/status/status_pages.h"

#include <algorithm>

#include "src/status/html.h"
#include "src/status/metrics.h"
#include "src/status/status_page.h"
#include "src/status/transparency_page.h"
#include "src/usage/report_html.h"

namespace hushlog {
namespace {

constexpr std::chrono::seconds kLongestTurn{120};  // as WatchdogSec of the service
constexpr std::chrono::seconds kOldSnapshot{30};
constexpr std::chrono::seconds kUsageLasts{2};  // for reloads at once
constexpr int kUsageShare = 20;                 // the numbers take at most this part of the time of who follows logs

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

HttpAnswer Text(int status, std::string text, std::string type = "text/plain; charset=utf-8") {
  return {status, std::move(type), std::make_shared<const std::string>(std::move(text)), ""};
}

HttpAnswer Unavailable(std::string text) { return Text(503, std::move(text)); }

}  // namespace

StatusPages::StatusPages(const Deliveries& deliveries, std::vector<std::string> known_reports,
                         std::function<Time()> now)
    : deliveries_(deliveries),
      known_reports_(std::move(known_reports)),
      now_(std::move(now)),
      start_ms_(NowMs()),
      last_turn_(now_()) {}

void StatusPages::SetPhase(Phase phase) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
}

void StatusPages::NoteTurn() {
  const std::lock_guard lock(mutex_);
  last_turn_ = now_();
}

void StatusPages::Publish(StatusReport report, bool disk_full) {
  auto snapshot = std::make_shared<const Snapshot>(Snapshot{std::move(report), disk_full, now_()});
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(snapshot);
  asked_ = false;
}

bool StatusPages::IsAsked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

bool StatusPages::WantsUsage() {
  const std::lock_guard lock(mutex_);
  if (now_() > usage_ends_) {
    usage_html_.reset();
    totals_.reset();
  }
  return usage_is_wanted_;
}

void StatusPages::PublishUsage(std::vector<DayTotal> totals, std::chrono::steady_clock::duration took) {
  const std::lock_guard lock(mutex_);
  usage_is_wanted_ = false;
  usage_html_.reset();
  totals_ = std::move(totals);
  usage_ends_ = now_() + std::max<std::chrono::steady_clock::duration>(kUsageLasts, took * kUsageShare);
}

// Nothing until its numbers are there.
std::optional<HttpAnswer> StatusPages::UsagePage() {
  std::unique_lock lock(mutex_);
  if (const auto totals = std::exchange(totals_, std::nullopt)) {
    lock.unlock();  // who follows logs shall not wait for a large page
    auto html = std::make_shared<const std::string>(ToHtml(*totals, known_reports_, PageLinks("/")));
    lock.lock();
    usage_html_ = std::move(html);
  }
  if (usage_html_ != nullptr && now_() <= usage_ends_) {
    return HttpAnswer{200, "text/html; charset=utf-8", usage_html_, std::string(UsagePagePolicy())};
  }
  usage_is_wanted_ = true;
  return std::nullopt;
}

std::shared_ptr<const StatusPages::Snapshot> StatusPages::Last() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::optional<HttpAnswer> StatusPages::Answer(std::string_view path) {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  if (path == "/healthz") return Health();
  if (path == "/readyz") return Readiness();
  if (path == "/") return UsagePage();
  if (path == "/transparency") return TransparencyPage(deliveries_.Last());
  const std::shared_ptr<const Snapshot> snapshot = Last();
  // Without numbers: zeros would look like a restart of the counters.
  if (snapshot == nullptr && (path == "/metrics" || path == "/status")) return Unavailable("starting\n");
  if (path == "/status") return StatusPage(snapshot->report, snapshot->disk_full);
  if (path == "/metrics") return Metrics(*snapshot);
  return Text(404, "There is no such page.\n");
}

HttpAnswer StatusPages::Health() const {
  const std::lock_guard lock(mutex_);
  const bool hangs = phase_ == Phase::kFollowing && now_() - last_turn_ > kLongestTurn;
  return hangs ? Unavailable("hangs: nothing was done for two minutes\n") : Text(200, "ok\n");
}

HttpAnswer StatusPages::Readiness() const {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kStopping) return Unavailable("stopping\n");
  if (phase_ == Phase::kStarting || snapshot_ == nullptr) return Unavailable("starting\n");
  if (snapshot_->disk_full) return Unavailable("the disk of the state database is full\n");
  if (now_() - snapshot_->time > kOldSnapshot) return Unavailable("busy: the status is older than half a minute\n");
  return Text(200, "ok\n");
}

HttpAnswer StatusPages::Metrics(const Snapshot& snapshot) const {
  MetricsInput input;
  input.report = snapshot.report;
  input.disk_full = snapshot.disk_full;
  input.start_ms = start_ms_;
  input.deliveries = deliveries_.Totals();
  input.process = ReadProcessStats();
  return Text(200, MetricsText(input), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace hushlog
