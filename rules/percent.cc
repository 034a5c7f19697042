#include "rules/percent.h"

#include "parsers/scan.h"

namespace hushlog {
namespace {

constexpr int kMaxRounds = 3;

int HexValue(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view DecodePercent(std::string_view text, bool plus_is_space, std::span<char> scratch) noexcept {
  const char* const end = text.data() + text.size();
  if (FindAnyWithin(text.data(), end, '%', plus_is_space ? '+' : '%') == end) return text;
  std::size_t out = 0;  // never ahead of the reading position, so that text may stand in scratch
  for (std::size_t in = 0; in < text.size() && out < scratch.size(); ++in) {
    char c = text[in];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%' && in + 2 < text.size()) {
      const int high = HexValue(text[in + 1]);
      const int low = HexValue(text[in + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high << 4 | low);
        in += 2;
      }
    }
    scratch[out++] = c;
  }
  return {scratch.data(), out};
}

std::string_view DecodeFully(std::string_view text, std::span<char> scratch) noexcept {
  for (int round = 0; round < kMaxRounds; ++round) {
    const std::string_view decoded = DecodePercent(text, round == 0, scratch);
    const bool changed = decoded.size() != text.size();
    text = decoded;
    // A round that only turned '+' into spaces leaves the next one nothing to do.
    if (!changed) break;
  }
  return text;
}

}  // namespace hushlog
