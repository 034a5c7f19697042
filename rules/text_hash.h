// Hash and comparison of short texts for the tables of this folder, without a call. Hashes differ between machines of
// different byte order and are not for storing.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace hushlog {

inline std::uint64_t HashText(std::string_view text) noexcept {
  constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15U;
  const auto mix = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    return hash ^ hash >> 32;
  };
  const char* data = text.data();
  const std::size_t size = text.size();
  std::uint64_t hash = mix(size, kMultiplier);
  std::uint64_t word = 0;
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      std::memcpy(&word, data + at, 8);
      hash = mix(hash, word);
    }
    std::memcpy(&word, data + size - 8, 8);  // overlaps what was read before
  } else if (size >= 4) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, data, 4);
    std::memcpy(&last, data + size - 4, 4);
    word = static_cast<std::uint64_t>(first) << 32 | last;
  } else {
    for (std::size_t at = 0; at < size; ++at) word = word << 8 | static_cast<unsigned char>(data[at]);
  }
  return mix(hash, word);
}

inline bool EqualTexts(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  const std::size_t size = a.size();
  const auto differ = [&]<typename Word>(Word, std::size_t at) {
    Word left;
    Word right;
    std::memcpy(&left, a.data() + at, sizeof(Word));
    std::memcpy(&right, b.data() + at, sizeof(Word));
    return left != right;
  };
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (differ(std::uint64_t{}, at)) return false;
    }
    return !differ(std::uint64_t{}, size - 8);
  }
  if (size >= 4) return !differ(std::uint32_t{}, 0) && !differ(std::uint32_t{}, size - 4);
  for (std::size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

}  // namespace hushlog
