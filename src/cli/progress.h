// One line on the terminal that says how far an import or a delivery is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hushlog {

// Writes to standard error, and only if that is a terminal for people: not if hushlog is quiet, or its log is
// JSON. Thread-safety: none.
class Progress {
 public:
  // `total_bytes` on disk, of all files; 0 if unknown.
  explicit Progress(std::uint64_t total_bytes);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `bytes_done` of those on disk. Cheap: draws at most four times a second.
  void Update(std::uint64_t bytes_done, std::int64_t lines);
  // The same while hits are sent: `waiting` of them are left.
  void UpdateDelivery(std::int64_t waiting);
  // Takes the line away, so that something else can be written.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool IsDue();
  void Draw(const std::string& text);

  bool enabled_;
  bool drawn_ = false;
  std::uint64_t total_bytes_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace hushlog
