// A client address of which only the network part is left.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "parsers/ip_address.h"

namespace hushlog {

// IPv4 keeps its first 8 bits, IPv6 its first 24: Matomo's settings "mask 3 bytes" and "mask 104 bits".
struct MaskedAddress {
  enum class Family : std::uint8_t { kNone, kV4, kV6 };
  Family family = Family::kNone;
  std::array<std::uint8_t, 3> prefix{};  // the bits kept; IPv4 uses the first byte only

  bool operator==(const MaskedAddress&) const = default;

  // Canonical text (RFC 5952): "192.0.0.0", "2001:d00::"; "" for kNone.
  std::string ToString() const;
};

MaskedAddress Mask(const IpAddress& address) noexcept;

}  // namespace hushlog
