#include "src/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "src/base/tell.h"

namespace hushlog {
namespace {

std::string Duration(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

Progress::Progress(std::uint64_t total_bytes)
    : enabled_(CurrentLogStyle().amount != LogStyle::Amount::kQuiet && !CurrentLogStyle().json &&
               ::isatty(STDERR_FILENO) == 1),
      total_bytes_(total_bytes) {}

bool Progress::IsDue() {
  constexpr std::chrono::milliseconds kInterval{250};
  if (!enabled_ || Clock::now() - last_ < kInterval) return false;
  last_ = Clock::now();
  return true;
}

void Progress::Draw(const std::string& text) {
  std::fputs(fmt::format("\r\x1b[K{}", text).c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Update(std::uint64_t bytes_done, std::int64_t lines) {
  if (!IsDue()) return;
  const double seconds = std::chrono::duration<double>(last_ - start_).count();
  const auto done = static_cast<double>(bytes_done);
  std::string text = fmt::format("{} lines, {:.1f} MB, {:.0f} MB/s", lines, done / 1e6, done / 1e6 / seconds);
  if (total_bytes_ > 0 && bytes_done > 0) {
    const double share = std::min(1.0, done / static_cast<double>(total_bytes_));
    fmt::format_to(std::back_inserter(text), ", {:.0f} %, {} left", share * 100, Duration(seconds / share - seconds));
  }
  Draw(text);
}

void Progress::UpdateDelivery(std::int64_t waiting) {
  if (!IsDue()) return;
  Draw(fmt::format("{} hits wait for their targets, {} since the start; Ctrl-C keeps them for the next run", waiting,
                   Duration(std::chrono::duration<double>(last_ - start_).count())));
}

void Progress::Clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace hushlog
