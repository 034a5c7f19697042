#include "rules/masked_address.h"

#include <cstdio>

namespace hushlog {
namespace {

std::string V6Text(const std::array<std::uint8_t, 3>& prefix) {
  const unsigned first = static_cast<unsigned>(prefix[0] << 8 | prefix[1]);
  const unsigned second = static_cast<unsigned>(prefix[2] << 8);
  if (first == 0 && second == 0) return "::";
  std::array<char, 16> text{};
  if (second == 0) {
    std::snprintf(text.data(), text.size(), "%x::", first);
  } else {
    std::snprintf(text.data(), text.size(), "%x:%x::", first, second);
  }
  return text.data();
}

}  // namespace

std::string MaskedAddress::ToString() const {
  switch (family) {
    case Family::kV4:
      return std::to_string(prefix[0]) + ".0.0.0";
    case Family::kV6:
      return V6Text(prefix);
    case Family::kNone:
      break;
  }
  return "";
}

MaskedAddress Mask(const IpAddress& address) noexcept {
  if (!address.is_v6) return {MaskedAddress::Family::kV4, {address.bytes[0], 0, 0}};
  return {MaskedAddress::Family::kV6, {address.bytes[0], address.bytes[1], address.bytes[2]}};
}

}  // namespace hushlog
