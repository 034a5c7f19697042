// PERF NOTES
// - Most bytes of a log are looked at here and nowhere else: of a line that is dropped by its path, only the beginnings
// of
//   values are seen again. So this loop is the speed of a log of trackers and assets.
// - The four bytes differ in their lower four bits. One look-up by these bits gives the one byte that could be meant,
// one
//   comparison tells whether it is: 32 bytes take four instructions with AVX2, which is chosen when the program starts.
// - Marks are found 16 KiB ahead, which stays in the first level cache until the lines are parsed.
#include "parsers/marked_lines.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hushlog {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kAhead = 16 << 10;

// Most blocks have no mark or one or two.
inline std::uint32_t* Append(std::uint64_t bits, std::uint32_t offset, std::uint32_t* out) noexcept {
  std::uint32_t* const end = out + std::popcount(bits);
  do {
    out[0] = offset + static_cast<std::uint32_t>(std::countr_zero(bits));
    bits &= bits - 1;
    out[1] = offset + static_cast<std::uint32_t>(std::countr_zero(bits));
    bits &= bits - 1;
    out += 2;
  } while (out < end);
  return end;
}

#if defined(__x86_64__)

__attribute__((target("avx2,bmi,popcnt"))) std::uint32_t* FindAvx2(const char* p, std::size_t blocks,
                                                                   std::uint32_t offset, std::uint32_t* out) noexcept {
  // By lower half byte: the byte that is looked for. Elsewhere a byte that has another lower half.
  const __m256i wanted =
      _mm256_broadcastsi128_si256(_mm_setr_epi8('\0', 0, '"', 0, 0, 0, 0, 0, 0, 0, '\n', 0, '\\', 0, 0, 0));
  for (; blocks > 0; --blocks, p += kBlock, offset += kBlock) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
    const int low_bits = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(wanted, low), low));
    const int high_bits = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(wanted, high), high));
    const std::uint64_t bits =
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(high_bits)) << 32 | static_cast<std::uint32_t>(low_bits);
    if (bits != 0) out = Append(bits, offset, out);
  }
  return out;
}

#endif

#if defined(__SSE2__)

std::uint64_t MarkedOf16(const char* p) noexcept {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const auto are = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i marked = _mm_or_si128(_mm_or_si128(are('"'), are('\n')), _mm_or_si128(are('\\'), are('\0')));
  return static_cast<std::uint64_t>(_mm_movemask_epi8(marked));
}

#endif

std::uint64_t MarkedOf16Portably(const char* p) noexcept {
  std::uint64_t bits = 0;
  for (int i = 0; i < 16; ++i) {
    const bool marked = p[i] == '"' || p[i] == '\n' || p[i] == '\\' || p[i] == '\0';
    bits |= static_cast<std::uint64_t>(marked) << i;
  }
  return bits;
}

// `kMarkedOf16` gives one bit for each of 16 bytes.
template <std::uint64_t (*kMarkedOf16)(const char*) noexcept>
std::uint32_t* FindIn16(const char* p, std::size_t blocks, std::uint32_t offset, std::uint32_t* out) noexcept {
  for (; blocks > 0; --blocks, p += kBlock, offset += kBlock) {
    const std::uint64_t bits =
        kMarkedOf16(p) | kMarkedOf16(p + 16) << 16 | kMarkedOf16(p + 32) << 32 | kMarkedOf16(p + 48) << 48;
    if (bits != 0) out = Append(bits, offset, out);
  }
  return out;
}

constexpr MarkFinder kFinders[] = {
#if defined(__x86_64__)
    FindAvx2,  // the only one that not every processor has
#endif
#if defined(__SSE2__)
    FindIn16<MarkedOf16>,
#endif
    FindIn16<MarkedOf16Portably>,
};

}  // namespace

std::span<const MarkFinder> MarkFinders() {
  std::span<const MarkFinder> finders = kFinders;
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi")) finders = finders.subspan(1);
#endif
  return finders;
}

MarkedLines::MarkedLines(MarkFinder find) : find_(find), marks_(2 * kAhead) {}

void MarkedLines::Start(std::string_view text) noexcept {
  base_ = line_ = marked_ = text.data();
  end_ = base_ + text.size();
  next_ = found_ = marks_.data();
}

// Looks further ahead. False at the end of the text.
bool MarkedLines::Refill() {
  const std::size_t size = std::min(kAhead, static_cast<std::size_t>(end_ - marked_));
  if (size == 0) return false;
  found_ = std::copy(next_, found_, marks_.data());
  next_ = marks_.data();
  const auto kept = static_cast<std::size_t>(found_ - next_);
  if (kept + kAhead + kBlock > marks_.size()) {  // an endless line of quotes
    marks_.resize(2 * marks_.size());
    next_ = marks_.data();
    found_ = next_ + kept;
  }
  found_ = find_(marked_, (size + kBlock - 1) / kBlock, static_cast<std::uint32_t>(marked_ - base_), found_);
  marked_ += size;
  if (marked_ == end_) {  // the last block may reach behind it
    while (found_ != next_ && base_ + found_[-1] >= end_) --found_;
  }
  return true;
}

bool MarkedLines::Next(MarkedLine* line) {
  std::size_t marks = 0;
  int others = 0;  // has a bit of a mark that is no quote
  for (;; ++marks) {
    while (next_ + marks == found_) {
      if (Refill()) continue;
      if (line_ == end_) return false;
      *line = Last(marks, others == 0);
      return true;
    }
    const char mark = base_[next_[marks]];
    if (mark == '\n') break;
    others |= mark ^ '"';
  }
  const char* const end = base_ + next_[marks];
  *line = Take(marks, end, others == 0);
  next_ += marks + 1;
  line_ = end + 1;
  return true;
}

// The line up to `end`, which has so many marks.
inline MarkedLine MarkedLines::Take(std::size_t marks, const char* end, bool only_quotes) const {
  MarkedLine line{{line_, static_cast<std::size_t>(end - line_)}, {base_, next_}, marks, only_quotes, false};
  if (only_quotes) return line;
  line.has_nul = std::any_of(next_, next_ + marks, [&](std::uint32_t mark) { return base_[mark] == '\0'; });
  return line;
}

MarkedLine MarkedLines::Last(std::size_t marks, bool only_quotes) {
  *found_ = static_cast<std::uint32_t>(end_ - base_);
  const MarkedLine line = Take(marks, end_, only_quotes);
  next_ = found_;
  line_ = end_;
  return line;
}

MarkedLine MarkedLines::Only(std::string_view text) {
  Start(text);
  while (Refill()) {
  }
  const bool only_quotes = std::all_of(next_, found_, [&](std::uint32_t mark) { return base_[mark] == '"'; });
  return Last(static_cast<std::size_t>(found_ - next_), only_quotes);
}

}  // namespace hushlog
