// Finds bytes in memory that may be read up to 15 bytes past its end (see kLinePadding). Internal to parsers/.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

namespace hushlog {

#if defined(__SSE2__)

// The first byte in [p, end) that is one of `bytes`, or end.
template <typename... Bytes>
inline const char* FindAny(const char* p, const char* end, Bytes... bytes) noexcept {
  for (; p < end; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(block, _mm_set1_epi8(bytes)))), ...);
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits))) {
      p += std::countr_zero(mask);
      return p < end ? p : end;
    }
  }
  return end;
}

#else

template <typename... Bytes>
inline const char* FindAny(const char* p, const char* end, Bytes... bytes) noexcept {
  while (p < end && !((*p == bytes) || ...)) ++p;
  return p;
}

#endif

}  // namespace hushlog
