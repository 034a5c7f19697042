// Cuts a block of text into lines.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace hushlog {

// Hands out the lines of `text` one after the other, without their '\n'. A last line without '\n' is a line too.
// The views point into `text`.
class LineSplitter {
 public:
  explicit LineSplitter(std::string_view text) noexcept : next_(text.data()), end_(text.data() + text.size()) {}

  // False when there is no line left; *line is then untouched.
  [[nodiscard]] bool Next(std::string_view* line) noexcept {
    if (next_ == end_) return false;
    const auto rest = static_cast<std::size_t>(end_ - next_);
    const auto* newline = static_cast<const char*>(std::memchr(next_, '\n', rest));
    const char* line_end = newline != nullptr ? newline : end_;
    *line = {next_, static_cast<std::size_t>(line_end - next_)};
    next_ = newline != nullptr ? newline + 1 : end_;
    return true;
  }

 private:
  const char* next_;
  const char* end_;
};

// `text` up to its last '\n'; all of it if it has none.
inline std::string_view WholeLines(std::string_view text) noexcept {
  const std::size_t end = text.rfind('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace hushlog
