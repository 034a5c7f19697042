// Counts, exactly, what a tracker got of the lines of a NumberedLog.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/spool/store.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog::test {

// Thread-safety: all functions may be called from any thread.
class HitCounts {
 public:
  struct Sums {
    std::int64_t recorded = 0;    // different hits
    std::int64_t lost = 0;        // lines without a hit, recorded or kept aside
    std::int64_t strange = 0;     // hits of no line
    std::int64_t copies = 0;      // recorded more than once: 2 of a row for one that was recorded three times
    int most = 0;                 // times the same hit was recorded
    std::int64_t unanswered = 0;  // rows recorded although their answer was not that they were
  };

  HitCounts(int visitors, std::chrono::sys_seconds begin) : visitors_(visitors), begin_(begin) {}

  std::chrono::sys_seconds begin() const { return begin_; }
  // What a tracker has recorded: TrackerOptions::on_recorded.
  void Add(const std::vector<ScriptedTracker::Row>& rows, bool answered);
  // The hits that are parked for the first target.
  void AddParked(Store& store);

  // When `lines` lines were written.
  Sums Sum(std::int64_t lines) const;

 private:
  std::uint8_t* Of(const std::string& visitor, std::int64_t time_s);

  const int visitors_;
  const std::chrono::sys_seconds begin_;
  mutable std::mutex mutex_;  // guards all below
  // visitor -> for each second of the log: times that a hit was recorded, kKept
  std::unordered_map<std::string, std::vector<std::uint8_t>> seen_;
  std::int64_t strange_ = 0;
  std::int64_t unanswered_ = 0;
};

}  // namespace hushlog::test
