#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <charconv>
#include <stdexcept>

#include "src/status/http_server.h"

namespace hushlog {
namespace {

[[noreturn]] void Fail() {
  throw std::invalid_argument(
      "'listen' must be \"off\" or an address and a port, like \"127.0.0.1:4874\" or "
      "\"[::1]:4874\"");
}

}  // namespace

ListenAddress ListenAddress::Parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) Fail();
  ListenAddress address;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) Fail();
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  address.host = host == "localhost" ? "127.0.0.1" : host;
  in6_addr bytes{};
  if (inet_pton(brackets ? AF_INET6 : AF_INET, address.host.c_str(), &bytes) != 1) Fail();
  return address;
}

bool ListenAddress::IsLoopback() const { return host == "::1" || host.starts_with("127."); }

std::string ListenAddress::ToString() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

}  // namespace hushlog
