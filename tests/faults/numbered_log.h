// A log of which each line leads to exactly one hit, that can be told from all others: line i is a document that
// visitor i % visitors opens in second i / visitors of the log's time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hushlog::test {

enum class Rotation : std::uint8_t { kCreate, kCompress, kCopyTruncate };

// Some hours ago: hits of then need no token.
std::chrono::sys_seconds BeginOfNumberedLogs();

// Thread-safety: belongs to one thread.
class NumberedLog {
 public:
  NumberedLog(std::string path, int visitors, std::chrono::sys_seconds begin);

  // Appends lines. `cut`: the last one only in part, until the next is written or the log is rotated.
  void Write(std::int64_t lines, bool cut = false);
  // As logrotate does; the oldest files beyond `keep` are deleted.
  void Rotate(Rotation how, int keep = 1000);
  // Lines written so far.
  std::int64_t lines() const { return lines_; }

 private:
  void AppendLine(std::int64_t number, std::string* text) const;

  const std::string path_;
  const int visitors_;
  const std::chrono::sys_seconds begin_;
  std::int64_t lines_ = 0;
  std::string rest_;  // of a line that was cut
};

}  // namespace hushlog::test
