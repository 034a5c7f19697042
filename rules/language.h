// The first language of an Accept-Language header, reduced to ISO 639-1 and ISO 3166-1 codes.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hushlog {

struct Language {
  std::array<char, 2> language{};  // "de"; zero bytes if unknown
  std::array<char, 2> region{};    // "at"; zero bytes if none

  bool operator==(const Language&) const = default;

  // "de-at", "de" or "".
  std::string ToString() const;
};

// The first tag of the header (RFC 9110 section 12.5.4). Script, variant and extension subtags are dropped, and so is
// every code that is not in the lists; without a language there is no region.
Language ReduceLanguage(std::string_view accept_language) noexcept;

}  // namespace hushlog
