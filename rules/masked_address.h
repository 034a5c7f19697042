// A client address of which only the network part is left.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "parsers/ip_address.h"

namespace hushlog {

struct MaskedAddress {
  enum class Family : std::uint8_t { kNone, kV4, kV6 };
  Family family = Family::kNone;
  std::array<std::uint8_t, 8> prefix{};  // the bits kept, then zeros; IPv4 uses the first four bytes

  bool operator==(const MaskedAddress&) const = default;

  // Canonical text (RFC 5952): "192.0.0.0", "2001:d00::"; "" for kNone.
  std::string ToString() const;
};

// How many bits of an address are zeroed, counted from its end. The usual ones are Matomo's settings "mask 3 bytes" and
// "mask 104 bits".
struct AddressMask {
  int bits_v4 = 24;   // 0 to 32
  int bits_v6 = 104;  // 64 to 128
};

// kNone if nothing is left.
MaskedAddress Mask(const IpAddress& address, AddressMask mask = {}) noexcept;

}  // namespace hushlog
