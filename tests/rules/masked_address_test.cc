#include "rules/masked_address.h"

#include <doctest/doctest.h>

#include <string>

namespace hushlog {
namespace {

TEST_CASE("an address keeps its first 8 or 24 bits, in canonical text") {
  struct Row {
    const char* address;
    const char* masked;
  };
  const Row rows[] = {
      {"192.0.2.1", "192.0.0.0"},
      {"0.1.2.3", "0.0.0.0"},
      {"255.255.255.255", "255.0.0.0"},
      {"192.0.2.1:443", "192.0.0.0"},
      {"2001:db8::1", "2001:d00::"},
      {"2001:dff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:d00::"},
      {"[2001:db8::1]:443", "2001:d00::"},
      {"2001:ab:1::1", "2001::"},
      {"fe80::1", "fe80::"},
      {"0:1200::1", "0:1200::"},
      {"::1", "::"},
      {"::", "::"},
      {"::ffff:203.0.113.9", "203.0.0.0"},
      {"64:ff9b::203.0.113.9", "203.0.0.0"},
      {"2002:cb00:7109::1", "203.0.0.0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    const std::optional<IpAddress> address = ParseIpAddress(row.address);
    REQUIRE(address.has_value());
    CHECK(Mask(*address).ToString() == row.masked);
  }
}

TEST_CASE("masked text masks to itself") {
  for (const char* text : {"192.0.0.0", "2001:d00::", "::", "0:1200::", "fe80::"}) {
    CAPTURE(text);
    CHECK(Mask(ParseIpAddress(text).value()).ToString() == text);
  }
}

TEST_CASE("no bit beyond the mask is kept, whatever the bytes are") {
  IpAddress v4;
  IpAddress v6{.bytes = {}, .is_v6 = true};
  v4.bytes.fill(0xa5);
  v6.bytes.fill(0xa5);
  CHECK(Mask(v4).prefix == std::array<std::uint8_t, 8>{0xa5});
  CHECK(Mask(v6).ToString() == "a5a5:a500::");
  struct {
    AddressMask mask;
    const char *v4, *v6;
  } static const kCases[] = {
      {{16, 64}, "165.165.0.0", "a5a5:a5a5:a5a5:a5a5::"},
      {{20, 80}, "165.160.0.0", "a5a5:a5a5:a5a5::"},
      {{25, 105}, "164.0.0.0", "a5a5:a400::"},
      {{31, 127}, "128.0.0.0", "8000::"},
      {{32, 128}, "", ""},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.mask.bits_v4);
    CHECK(Mask(v4, c.mask).ToString() == c.v4);
    CHECK(Mask(v6, c.mask).ToString() == c.v6);
  }
}

TEST_CASE("no address has no text") { CHECK(MaskedAddress{}.ToString().empty()); }

}  // namespace
}  // namespace hushlog
