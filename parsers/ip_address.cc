#include "parsers/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hushlog {
namespace {

// Longest text of an IPv6 address ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255").
constexpr std::size_t kMaxTextBytes = 45;

bool IsPort(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes brackets, port and zone id away; false if what stands around the address is none of these.
bool Strip(std::string_view* text) noexcept {
  if (text->starts_with('[')) {
    const auto bracket = text->find(']');
    if (bracket == std::string_view::npos) return false;
    const std::string_view rest = text->substr(bracket + 1);
    if (!rest.empty() && !(rest[0] == ':' && IsPort(rest.substr(1)))) return false;
    *text = text->substr(1, bracket - 1);
    if (text->find(':') == std::string_view::npos) return false;
  } else if (const auto colon = text->find(':'); colon != std::string_view::npos && colon == text->rfind(':')) {
    if (!IsPort(text->substr(colon + 1))) return false;
    *text = text->substr(0, colon);
  }
  if (const auto zone = text->find('%'); zone != std::string_view::npos) {
    if (zone + 1 == text->size() || text->find(':') == std::string_view::npos) return false;
    *text = text->substr(0, zone);
  }
  return true;
}

// The address as written, before an embedded IPv4 address is taken out of it.
std::optional<IpAddress> ParsePlain(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMaxTextBytes) return std::nullopt;
  char terminated[kMaxTextBytes + 1];
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  IpAddress address;
  address.is_v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(address.is_v6 ? AF_INET6 : AF_INET, terminated, address.bytes.data()) != 1) return std::nullopt;
  return address;
}

bool HasPrefix(const IpAddress& address, std::initializer_list<std::uint8_t> prefix) noexcept {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

bool IsMapped(const IpAddress& address) noexcept {
  return HasPrefix(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});
}

IpAddress Ipv4At(const IpAddress& address, std::size_t offset, std::uint8_t mask = 0) noexcept {
  IpAddress result;
  for (std::size_t i = 0; i < 4; ++i) result.bytes[i] = address.bytes[offset + i] ^ mask;
  return result;
}

// The IPv4 address inside an IPv6 address, or the address itself.
IpAddress TakeEmbedded(const IpAddress& address) noexcept {
  if (!address.is_v6) return address;
  if (IsMapped(address)) return Ipv4At(address, 12);
  if (HasPrefix(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return Ipv4At(address, 12);  // NAT64, RFC 6052
  if (HasPrefix(address, {0x20, 0x02})) return Ipv4At(address, 2);                                    // 6to4, RFC 3056
  if (HasPrefix(address, {0x20, 0x01, 0, 0})) return Ipv4At(address, 12, 0xff);  // Teredo, RFC 4380
  return address;
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) noexcept {
  if (!Strip(&text)) return std::nullopt;
  const auto address = ParsePlain(text);
  if (!address) return std::nullopt;
  return TakeEmbedded(*address);
}

bool IpRange::Contains(const IpAddress& address) const noexcept {
  if (address.is_v6 != network.is_v6) return false;
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(network.bytes.begin(), network.bytes.begin() + whole, address.bytes.begin())) return false;
  const int rest = prefix_bits % 8;
  return rest == 0 || ((network.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::optional<IpRange> ParseIpRange(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto address = ParsePlain(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int width = address->is_v6 ? 128 : 32;
  int bits = width;
  if (slash != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
    if (error != std::errc() || stop != end || bits < 0 || bits > width) return std::nullopt;
  }
  // Addresses are compared after TakeEmbedded, so a mapped range means the IPv4 range.
  if (address->is_v6 && IsMapped(*address) && bits >= 96) return IpRange{Ipv4At(*address, 12), bits - 96};
  return IpRange{*address, bits};
}

}  // namespace hushlog
