// Finds bytes, 16 at a time.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

namespace hushlog {

#if defined(__SSE2__)

// The first byte in [p, end) that is one of `bytes`, or end. Reads up to 15 bytes past it (see kLinePadding).
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

// The same, but nothing past the end is read.
template <typename... Bytes>
inline const char* FindAnyWithin(const char* p, const char* end, Bytes... bytes) noexcept {
  const bool is_long = end - p >= 16;
  while (end - p >= 16) {
    const char* const found = FindAny(p, p + 16, bytes...);
    if (found != p + 16) return found;
    p += 16;
  }
  if (is_long && p < end) return FindAny(end - 16, end, bytes...);  // some of these were looked at before
  while (p < end && !((*p == bytes) || ...)) ++p;
  return p;
}

#else

template <typename... Bytes>
inline const char* FindAny(const char* p, const char* end, Bytes... bytes) noexcept {
  while (p < end && !((*p == bytes) || ...)) ++p;
  return p;
}

template <typename... Bytes>
inline const char* FindAnyWithin(const char* p, const char* end, Bytes... bytes) noexcept {
  return FindAny(p, end, bytes...);
}

#endif

}  // namespace hushlog
