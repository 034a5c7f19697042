#include "tests/support/http_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace hushlog::test {

UniqueFd ListenOnLoopback(int* port) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (!listener || bind(listener.get(), any, size) != 0 || listen(listener.get(), 64) != 0 ||
      getsockname(listener.get(), any, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "server of a test");
  }
  *port = ntohs(address.sin_port);
  return listener;
}

UniqueFd ConnectToLoopback(int port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (!fd || connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "client of a test");
  }
  return fd;
}

std::string Ask(int port, std::string_view request) {
  const UniqueFd fd = ConnectToLoopback(port);
  std::string answer;
  if (!SendAll(fd.get(), request)) return answer;
  while (Receive(fd.get(), &answer)) continue;
  return answer;
}

bool Receive(int fd, std::string* buffer) {
  char bytes[16 << 10];
  const ssize_t n = recv(fd, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  buffer->append(bytes, static_cast<std::size_t>(n));
  return true;
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::size_t ContentLength(const std::string& headers) {
  std::size_t line = 0;
  while ((line = headers.find("\r\n", line)) != std::string::npos) {
    line += 2;
    constexpr std::string_view kName = "Content-Length:";
    if (strncasecmp(headers.c_str() + line, kName.data(), kName.size()) == 0) {
      return std::stoul(headers.substr(line + kName.size()));
    }
  }
  return 0;
}

}  // namespace hushlog::test
