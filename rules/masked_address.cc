#include "rules/masked_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace hushlog {

std::string MaskedAddress::ToString() const {
  if (family == Family::kNone) return "";
  std::array<std::uint8_t, 16> bytes{};
  std::copy(prefix.begin(), prefix.end(), bytes.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family == Family::kV4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

MaskedAddress Mask(const IpAddress& address, AddressMask mask) noexcept {
  MaskedAddress result;
  const int kept = address.is_v6 ? 128 - mask.bits_v6 : 32 - mask.bits_v4;
  if (kept <= 0) return result;
  result.family = address.is_v6 ? MaskedAddress::Family::kV6 : MaskedAddress::Family::kV4;
  for (int bit = 0; bit < kept && bit < 64; bit += 8) {
    const int bits = std::min(8, kept - bit);
    result.prefix[static_cast<std::size_t>(bit / 8)] =
        static_cast<std::uint8_t>(address.bytes[static_cast<std::size_t>(bit / 8)] & (0xff << (8 - bits)));
  }
  return result;
}

}  // namespace hushlog
