#include "tests/faults/hit_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace hushlog::test {
namespace {

constexpr std::uint8_t kKept = 0x80;
constexpr std::int64_t kLongestLogS = 12 * 3600;

}  // namespace

std::uint8_t* HitCounts::Of(const std::string& visitor, std::int64_t time_s) {
  const std::int64_t second = time_s - begin_.time_since_epoch().count();
  if (second < 0 || second > kLongestLogS) return nullptr;
  std::vector<std::uint8_t>& seconds = seen_[visitor];
  if (seconds.size() <= static_cast<std::size_t>(second)) seconds.resize(static_cast<std::size_t>(second) + 1);
  return &seconds[static_cast<std::size_t>(second)];
}

void HitCounts::Add(const std::vector<ScriptedTracker::Row>& rows, bool answered) {
  const std::lock_guard lock(mutex_);
  for (const ScriptedTracker::Row& row : rows) {
    const auto visitor = row.find("cid"), time = row.find("cdt");
    std::uint8_t* seen =
        visitor == row.end() || time == row.end() ? nullptr : Of(visitor->second, std::stoll(time->second));
    if (seen == nullptr) {
      ++strange_;
    } else if ((*seen & ~kKept) < kKept - 1) {
      ++*seen;
    }
    if (!answered) ++unanswered_;
  }
}

void HitCounts::AddParked(Store& store) {
  const std::lock_guard lock(mutex_);
  const TargetKey key = store.TargetKeyOf(store.Targets().at(0).id);
  Statement kept = store.database().Prepare("SELECT body FROM kept WHERE state='parked'");
  while (kept.Step()) {
    std::vector<HitRow> rows;
    if (!DecodeRows(kept.Blob(0), &rows)) throw std::runtime_error("parked hits cannot be read");
    for (const HitRow& row : rows) {
      std::uint8_t* seen = Of(fmt::format("{:016x}", VisitorFor(key, row.visitor)), row.time_ms / 1000);
      if (seen != nullptr) *seen |= kKept;
    }
  }
}

HitCounts::Sums HitCounts::Sum(std::int64_t lines) const {
  const std::lock_guard lock(mutex_);
  Sums sums;
  sums.strange = strange_;
  sums.unanswered = unanswered_;
  std::vector<std::int64_t> visitors_in(static_cast<std::size_t>((lines + visitors_ - 1) / visitors_));
  for (const auto& [visitor, seconds] : seen_) {
    for (std::size_t second = 0; second < seconds.size(); ++second) {
      const int times = seconds[second] & ~kKept;
      sums.recorded += times > 0 ? 1 : 0;
      sums.copies += std::max(0, times - 1);
      sums.most = std::max(sums.most, times);
      if (seconds[second] == 0) continue;
      if (second < visitors_in.size()) {
        ++visitors_in[second];
      } else {
        ++sums.strange;
      }
    }
  }
  for (std::size_t second = 0; second < visitors_in.size(); ++second) {
    const std::int64_t lines_in =
        std::min<std::int64_t>(visitors_, lines - static_cast<std::int64_t>(second) * visitors_);
    sums.lost += std::max<std::int64_t>(0, lines_in - visitors_in[second]);
    sums.strange += std::max<std::int64_t>(0, visitors_in[second] - lines_in);
  }
  return sums;
}

}  // namespace hushlog::test
