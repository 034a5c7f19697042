// Patterns (RE2) that must match the whole of a text, all tried in one pass.
#pragma once

#include <re2/set.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

// Filled at start; immutable once compiled, and may then be shared by threads. Time is linear in the text, memory is
// bounded by `max_memory` bytes for the whole set. Texts are bytes (Latin-1), not UTF-8.
class PatternSet {
 public:
  static constexpr std::size_t kMaxPatterns = 1000;
  static constexpr std::size_t kMaxPatternBytes = 1000;
  static constexpr std::size_t kMaxTextBytes = 4096;

  explicit PatternSet(std::int64_t max_memory = 8 << 20);

  // Appends a pattern, whose number is the size() before. Returns "" or what is wrong with it.
  std::string Add(std::string_view pattern);
  std::size_t size() const noexcept { return size_; }
  // After the last Add. False if the patterns need too much memory.
  [[nodiscard]] bool Compile();

  // Puts the numbers of the patterns that match `text` into *matches. False if that cannot be told: the engine ran out
  // of memory, the text is longer than kMaxTextBytes, or the set is not compiled. Then nobody may take it for "no
  // match".
  [[nodiscard]] bool Match(std::string_view text, std::vector<int>* matches) const noexcept;

 private:
  RE2::Set set_;
  std::size_t size_ = 0;
  bool compiled_ = false;
};

}  // namespace hushlog
