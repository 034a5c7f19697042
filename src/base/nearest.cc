#include "src/base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hushlog {
namespace {

constexpr std::size_t kLongestWord = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment: rows of the table are prefixes of `a`, of which only the last two are needed.
std::size_t Changes(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = Lower(a[i - 1]), y = Lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && x == Lower(b[j - 2]) && Lower(a[i - 2]) == y;
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLettersOfAChange = 3;
  std::string_view nearest;
  if (word.empty() || word.size() > kLongestWord) return nearest;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / kLettersOfAChange) + 1;
  for (const std::string_view name : known) {
    if (name.size() > kLongestWord) continue;
    const std::size_t changes = Changes(word, name);
    if (changes >= fewest || changes >= name.size()) continue;
    fewest = changes;
    nearest = name;
  }
  return nearest;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view nearest = Nearest(word, known);
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

}  // namespace hushlog
