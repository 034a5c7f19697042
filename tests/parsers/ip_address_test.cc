#include "parsers/ip_address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <string>

#include "parsers/log_format.h"
#include "parsers/trusted_proxies.h"

namespace hushlog {
namespace {

std::string Printed(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof(text));
  return text;
}

}  // namespace

TEST_CASE("addresses are read with brackets, port and zone, and IPv4 is taken out of IPv6") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1:8080", "192.0.2.1"},
      {"2001:db8::1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},
      {"[2001:db8::1]:443", "2001:db8::1"},
      {"fe80::1%eth0", "fe80::1"},
      {"[fe80::1%25eth0]:80", "fe80::1"},
      {"::1", "::1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"[::ffff:c000:201]:80", "192.0.2.1"},
      {"64:ff9b::192.0.2.1", "192.0.2.1"},
      {"2002:c000:0201::1", "192.0.2.1"},
      {"2001:0:4136:e378:8000:63bf:3fff:fdfe", "192.0.2.1"},  // Teredo: the complement
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto address = ParseIpAddress(text);
    REQUIRE(address.has_value());
    CHECK(Printed(*address) == expected);
  }
}

TEST_CASE("what is no address in its usual notation is refused") {
  for (const std::string_view text : {"",
                                      "-",
                                      "unknown",
                                      "localhost",
                                      "1.2.3",
                                      "0177.0.0.1",
                                      "192.0.2.256",
                                      "192.0.2.1.1",
                                      "192.0.2.1:",
                                      "192.0.2.1:x",
                                      "192.0.2.1:123456",
                                      "192.0.2.1%eth0",
                                      "[192.0.2.1]",
                                      "[::1",
                                      "[::1]x",
                                      "[::1]:",
                                      "::1%",
                                      ":::",
                                      "2001:db8::g",
                                      " 192.0.2.1",
                                      "unix:",
                                      "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseIpAddress(text).has_value());
  }
}

TEST_CASE("a range holds the addresses that share its prefix") {
  struct Case {
    std::string_view range;
    std::string_view address;
    bool inside;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"192.0.2.128/25", "192.0.2.200", true},
      {"192.0.2.128/25", "192.0.2.100", false},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.8", false},
      {"0.0.0.0/0", "198.51.100.1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"2001:db8::/33", "2001:db8::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
  };
  for (const Case& test : cases) {
    CAPTURE(test.range);
    CAPTURE(test.address);
    const auto range = ParseIpRange(test.range);
    REQUIRE(range.has_value());
    CHECK(range->Contains(*ParseIpAddress(test.address)) == test.inside);
  }
  for (const std::string_view text :
       {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "x/8", "/8"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseIpRange(text).has_value());
  }
}

TEST_CASE("the client is the right-most address that no trusted proxy vouches for") {
  const TrustedProxies proxies({"10.0.0.0/8", "::1"});
  struct Case {
    std::string_view remote_addr;
    std::string_view forwarded_for;
    std::string_view client;
  };
  const Case cases[] = {
      {"10.0.0.1", "203.0.113.7", "203.0.113.7"},
      {"10.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"},  // the left one may be forged
      {"10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"},
      {"10.0.0.1", "203.0.113.7,10.0.0.2 , 10.0.0.3", "203.0.113.7"},
      {"::1", "[2001:db8::1]:443", "[2001:db8::1]:443"},
      {"10.0.0.1", "203.0.113.7:5555", "203.0.113.7:5555"},
      {"203.0.113.9", "1.1.1.1", "203.0.113.9"},  // who is not trusted says nothing
      {"10.0.0.1", "", "10.0.0.1"},
      {"10.0.0.1", "-", "10.0.0.1"},
      {"10.0.0.1", "unknown", "10.0.0.1"},
      {"10.0.0.1", "1.1.1.1, <script>, 10.0.0.2", "10.0.0.2"},
      {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
      {"unix:", "203.0.113.7", "unix:"},
  };
  for (const Case& test : cases) {
    CAPTURE(test.remote_addr);
    CAPTURE(test.forwarded_for);
    CHECK(proxies.Client(test.remote_addr, test.forwarded_for) == test.client);
  }
  CHECK_THROWS_WITH_AS(TrustedProxies({"10.0.0.0/8", "proxy.local"}),
                       "trusted proxy \"proxy.local\" is neither an IP address nor a CIDR range", FormatError);
}

}  // namespace hushlog
