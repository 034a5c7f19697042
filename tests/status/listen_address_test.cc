#include <doctest/doctest.h>

#include <stdexcept>

#include "src/status/http_server.h"

namespace hushlog {
namespace {

TEST_CASE("an address to listen on is read and written") {
  for (const auto& [text, written, loopback] :
       {std::tuple("127.0.0.1:4874", "127.0.0.1:4874", true), std::tuple("localhost:0", "127.0.0.1:0", true),
        std::tuple("[::1]:80", "[::1]:80", true), std::tuple("0.0.0.0:65535", "0.0.0.0:65535", false),
        std::tuple("[2001:db8::1]:1", "[2001:db8::1]:1", false), std::tuple("127.8.9.1:1", "127.8.9.1:1", true)}) {
    const ListenAddress address = ListenAddress::Parse(text);
    CHECK(address.ToString() == written);
    CHECK_MESSAGE(address.IsLoopback() == loopback, text);
  }
}

TEST_CASE("what is no address to listen on is refused") {
  for (const char* text : {"", ":", "4874", ":4874", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "127.0.0.1:80a", "::1:80", "[127.0.0.1]:80", "example.org:80", "127.0.0.1 :80"}) {
    CHECK_THROWS_AS_MESSAGE(ListenAddress::Parse(text), std::invalid_argument, text);
  }
}

}  // namespace
}  // namespace hushlog
