// Hash and comparison of short texts for the tables of this folder, without a call. Hashes differ between machines of
// different byte order and are not for storing.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hushlog {

[[gnu::always_inline]] inline std::uint64_t HashText(std::string_view text) noexcept {
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

[[gnu::always_inline]] inline bool EqualTexts(std::string_view a, std::string_view b) noexcept {
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

// The size and both ends of a text: all of it, if it has at most 16 bytes, and enough to tell most longer ones apart.
// In the table itself, it saves the way to the text.
struct TextKey {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint32_t size = 0;

  TextKey() = default;
  explicit TextKey(std::string_view text) noexcept : size(static_cast<std::uint32_t>(text.size())) {
    const char* const data = text.data();
    if (size >= 8) {
      std::memcpy(&first, data, 8);
      std::memcpy(&last, data + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(&first, data, 4);
      std::memcpy(&last, data + size - 4, 4);
    } else {
      for (const char c : text) first = first << 8 | static_cast<unsigned char>(c);
    }
  }

  bool operator==(const TextKey&) const = default;
  bool IsWhole() const noexcept { return size <= 16; }
  std::size_t Hash() const noexcept {
    const std::uint64_t mixed = (first ^ std::rotl(last, 23) ^ size) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(mixed >> 40);
  }
};

}  // namespace hushlog
