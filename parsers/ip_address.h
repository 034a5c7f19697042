// IP addresses as they stand in access logs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hushlog {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 uses the first four
  bool is_v6 = false;
};

// Accepts dotted IPv4 (four decimal parts without leading zeros), IPv6 (RFC 4291, with or without brackets and zone
// id), and either with a port
// ("192.0.2.1:80", "[::1]:80"). IPv4 inside IPv6 (mapped
// ::ffff:0:0/96, NAT64 64:ff9b::/96, 6to4 2002::/16, Teredo 2001::/32) comes out as that IPv4.
std::optional<IpAddress> ParseIpAddress(std::string_view text) noexcept;

struct IpRange {
  IpAddress network;
  int prefix_bits = 0;
  bool Contains(const IpAddress& address) const noexcept;
};

// "10.0.0.0/8", "2001:db8::/32" or a single address.
std::optional<IpRange> ParseIpRange(std::string_view text) noexcept;

}  // namespace hushlog
