// Splits a URL's query into its pairs.
//
// PERF NOTES
// - Of 64 bytes it is found out at once where '=', '&' and escapes are; then only these places are gone through. Values
//   without an escape, which are most, need not be looked at again to decode them.
// - Nothing is read behind the text, wherever it stands: its last 64 bytes are looked at together.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hushlog {

// As in the URL: still encoded. Both may be empty.
struct QueryPair {
  std::string_view name;
  std::string_view value;
  bool escaped = false;  // the value holds a '%' or '+'
};

// Where these bytes are among 64: one bit for each.
struct QueryMarks {
  static constexpr std::size_t kWidth = 64;

  std::uint64_t equals = 0;
  std::uint64_t ands = 0;
  std::uint64_t escapes = 0;

  // Of kWidth bytes at p.
  [[gnu::always_inline]] static inline QueryMarks Of(const char* p) noexcept {
    QueryMarks marks;
#if defined(__SSE2__)
    for (int at = 0; at < static_cast<int>(kWidth); at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
      const auto are = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
      const auto bits = [&](__m128i found) {
        return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(found))} << at;
      };
      marks.equals |= bits(are('='));
      marks.ands |= bits(are('&'));
      marks.escapes |= bits(_mm_or_si128(are('%'), are('+')));
    }
#else
    for (int at = 0; at < static_cast<int>(kWidth); ++at) {
      const auto bit = [&](bool found) { return std::uint64_t{found} << at; };
      marks.equals |= bit(p[at] == '=');
      marks.ands |= bit(p[at] == '&');
      marks.escapes |= bit(p[at] == '%' || p[at] == '+');
    }
#endif
    return marks;
  }

  // Of the last, fewer than kWidth bytes of `text`, from `begin` on.
  static QueryMarks OfTail(std::string_view text, std::size_t begin) noexcept {
    if (text.size() < kWidth) {
      std::array<char, kWidth> bytes{};
      text.copy(bytes.data(), text.size());
      return Of(bytes.data());
    }
    const auto before = static_cast<int>(kWidth - (text.size() - begin));
    if (before == kWidth) return {};
    const QueryMarks marks = Of(text.data() + text.size() - kWidth);
    return {marks.equals >> before, marks.ands >> before, marks.escapes >> before};
  }
};

// Calls `take` for each pair of `text`, what stands behind the '?', until it says false. Views point into the text.
template <typename Take>
[[gnu::always_inline]] inline void ForEachPair(std::string_view text, Take take) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t pair = 0;        // where it begins
  std::size_t equals = kNone;  // its first '='
  std::size_t escape_end = 0;  // behind the last escape before these 64 bytes
  for (std::size_t begin = 0; begin <= text.size(); begin += QueryMarks::kWidth) {
    const std::size_t rest = text.size() - begin;
    QueryMarks marks =
        rest >= QueryMarks::kWidth ? QueryMarks::Of(text.data() + begin) : QueryMarks::OfTail(text, begin);
    if (rest < QueryMarks::kWidth) marks.ands |= std::uint64_t{1} << rest;  // the end ends a pair, too
    for (std::uint64_t stops = marks.equals | marks.ands; stops != 0; stops &= stops - 1) {
      const std::uint64_t stop = stops & -stops;
      const std::size_t at = begin + static_cast<std::size_t>(std::countr_zero(stops));
      if ((marks.equals & stop) != 0) {
        if (equals == kNone) equals = at;
        continue;
      }
      if (pair == text.size()) return;
      const char* const name = text.data() + pair;
      if (equals == kNone) {
        if (!take(QueryPair{{name, at - pair}, {text.data() + at, 0}, false})) return;
      } else {
        const std::uint64_t escapes = marks.escapes & (stop - 1);
        if (escapes != 0) escape_end = begin + static_cast<std::size_t>(std::bit_width(escapes));
        if (!take(QueryPair{{name, equals - pair}, {text.data() + equals + 1, at - equals - 1}, escape_end > equals}))
          return;
      }
      pair = at + 1;
      equals = kNone;
    }
    if (marks.escapes != 0) escape_end = begin + static_cast<std::size_t>(std::bit_width(marks.escapes));
  }
}

}  // namespace hushlog
