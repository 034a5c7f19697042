#include "src/cli/tail_status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "src/base/tell.h"
#include "src/usage/day_totals.h"

namespace hushlog {
namespace {

constexpr std::chrono::seconds kInterval{5}, kIntervalIfAsked{1};

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

TailStatus::TailStatus(const TailSetup& setup, Store& store)
    : config_(setup.config),
      store_(store),
      file_(setup.state_dir),
      pages_(deliveries_, config_.status.listen ? KnownReports(*RuleSet::Shipped()) : std::vector<std::string>()) {
  if (config_.status.listen) StartServer(config_.status);
}

// Measuring matters more than to look at it.
void TailStatus::StartServer(const StatusConfig& config) {
  HttpServer::Options options;
  options.address = *config.listen;
  options.hosts = config.allowed_hosts;
  try {
    server_ =
        std::make_unique<HttpServer>(std::move(options), [this](std::string_view path) { return pages_.Answer(path); });
  } catch (const std::system_error& error) {
    return Tell(
        fmt::format("warning: there is no status page: cannot listen on {} ({}): set another listen in the "
                    "section [status] of the configuration, or \"off\"",
                    config.listen->ToString(), error.code().message()));
  }
  Tell(fmt::format("the status page is at http://{}/", server_->address().ToString()));
}

void TailStatus::PublishUsageIfWanted() {
  if (!pages_.WantsUsage()) return;
  const auto began = std::chrono::steady_clock::now();
  std::vector<DayTotal> totals = LoadDayTotals(store_.database(), {});
  pages_.PublishUsage(std::move(totals), std::chrono::steady_clock::now() - began);
  if (server_ != nullptr) server_->Wake();
}

void TailStatus::Update(const Follower& follower, Deliverer& deliverer, bool disk_full) {
  pages_.NoteTurn();
  PublishUsageIfWanted();
  const auto now = std::chrono::steady_clock::now();
  if (now < next_if_asked_ || (now < next_ && !pages_.IsAsked())) return;
  next_ = now + kInterval;
  next_if_asked_ = now + kIntervalIfAsked;
  StatusReport report;
  report.time_ms = NowMs();
  report.process = getpid();
  report.counters = store_.IngestLedger();
  for (const SourceConfig& source : config_.sources) report.sources.push_back({source.name, {}});
  for (FileProgress& file : follower.Progress()) report.sources.at(file.group).files.push_back(std::move(file));
  report.targets = store_.Targets();
  report.conditions = deliverer.Conditions();
  file_.Write(report);
  pages_.Publish(std::move(report), disk_full);
}

}  // namespace hushlog
