// Hash and comparison of short texts for the tables of this folder, without a call. Hashes differ between machines of
// different byte order and are not for storing.
#pragma once

#include <algorithm>
#include <array>
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

// The size and both ends of a text: its first eight bytes and the eight behind them, or of a text of more than 16 bytes
// its last eight. That is all of it, if it has at most 16 bytes, and enough to tell most longer ones apart. In the
// table itself, it saves the way to the text.
struct TextKey {
  std::uint64_t first = 0;  // zeros in the place of missing bytes
  std::uint64_t last = 0;
  std::uint32_t size = 0;

  TextKey() = default;
  explicit TextKey(std::string_view text) noexcept {
    if (text.size() >= kWhole) {
      *this = OfReadable(text);
    } else if constexpr (std::endian::native == std::endian::little) {
      SetShort(text);
    } else {
      std::array<char, kWhole> bytes{};
      text.copy(bytes.data(), text.size());
      *this = OfReadable({bytes.data(), text.size()});
    }
  }
  // The same, if at least 16 bytes can be read where `text` begins. Sizes of names follow each other at random, so that
  // a branch for each of them would cost more than all the rest.
  [[gnu::always_inline]] static inline TextKey OfReadable(std::string_view text) noexcept {
    const std::size_t size = std::min(text.size(), kWhole);
    TextKey key;
    key.first = Load(text.data()) & Load(kMask.data() + kWhole - size);
    key.last = Load(text.data() + 8) & Load(kMask.data() + kWhole + 8 - size);
    if (text.size() > kWhole) key.last = Load(text.data() + text.size() - 8);
    key.size = static_cast<std::uint32_t>(text.size());
    return key;
  }

  bool operator==(const TextKey&) const = default;
  bool IsWhole() const noexcept { return size <= kWhole; }
  std::size_t Hash() const noexcept {
    const std::uint64_t mixed = (first ^ std::rotl(last, 23) ^ size) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(mixed >> 40);
  }

  static constexpr std::size_t kWhole = 16;

 private:
  // Fewer than kWhole bytes, without a copy: what was just stored in pieces is slow to load as a whole.
  void SetShort(std::string_view text) noexcept {
    const char* const data = text.data();
    size = static_cast<std::uint32_t>(text.size());
    if (size >= 8) {
      const std::uint32_t missing = 8 * (16 - size);
      first = Load(data);
      last = Load(data + size - 8) >> missing / 2 >> missing / 2;  // up to 64
    } else if (size >= 4) {
      std::uint32_t begin;
      std::uint32_t end;
      std::memcpy(&begin, data, 4);
      std::memcpy(&end, data + size - 4, 4);
      first = begin | std::uint64_t{end} << 8 * (size - 4);
    } else {
      for (std::uint32_t i = 0; i < size; ++i) first |= std::uint64_t{static_cast<unsigned char>(data[i])} << 8 * i;
    }
  }

  // As many bytes that keep a byte as there are before those that do not.
  static constexpr std::array<unsigned char, 2 * kWhole> kMask = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

  static std::uint64_t Load(const void* p) noexcept {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof(word));
    return word;
  }
};

}  // namespace hushlog
