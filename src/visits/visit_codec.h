// Visits as bytes, for the state database: what a visitor has open survives a restart between two lines.
//
// Only hits as targets get them, numbers of catalogue names, small numbers and keyed hashes are in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/visits/visit.h"

namespace hushlog {

// Changed whenever the fields of a visit or their order change: stored visits of another layout are not read.
inline constexpr std::uint64_t kVisitLayout = 4;

void AppendVisit(const Visit& visit, std::string* out);

// Takes a visit off the front of *bytes. False, and *visit unspecified, if the bytes are broken.
[[nodiscard]] bool TakeVisit(std::string_view* bytes, Visit* visit);

void AppendNumber(std::uint64_t number, std::string* out);
[[nodiscard]] bool TakeNumber(std::string_view* bytes, std::uint64_t* number);

}  // namespace hushlog
