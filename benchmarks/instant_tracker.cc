// A tracker that answers at once that it has tracked all hits of a bulk request: what is left is the cost of sending.
// Prints the port it listens on, and serves until it is killed. Its requests must have a Content-Length.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

void Require(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

// Adds what has come to *received. False at the end of the connection.
bool Receive(int connection, std::string* received) {
  constexpr std::size_t kStep = 256 << 10;
  const std::size_t size = received->size();
  received->resize(size + kStep);
  const ssize_t got = recv(connection, received->data() + size, kStep, 0);
  received->resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
  return got > 0;
}

std::size_t BodyBytes(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string_view::npos ? 0 : std::strtoull(head.data() + at + kName.size(), nullptr, 10);
}

// Each hit of a bulk request of hushlog begins so.
std::size_t HitsIn(std::string_view body) {
  std::size_t hits = 0;
  for (std::size_t at = 0; (at = body.find("{\"idsite\":", at)) != std::string_view::npos; ++at) ++hits;
  return hits;
}

void Serve(int connection) {
  for (std::string received;;) {
    std::size_t head = 0;
    while ((head = received.find("\r\n\r\n")) == std::string::npos) {
      if (!Receive(connection, &received)) return;
    }
    const std::size_t end = head + 4 + BodyBytes(std::string_view(received).substr(0, head + 4));
    while (received.size() < end) {
      if (!Receive(connection, &received)) return;
    }
    const std::string body = fmt::format(R"({{"status":"success","tracked":{},"invalid":0,"invalid_indices":[]}})",
                                         HitsIn(std::string_view(received).substr(head + 4, end - head - 4)));
    const std::string answer = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    if (send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer.size())) return;
    received.erase(0, end);
  }
}

}  // namespace

int main() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  Require(bind(listener, any, size) == 0 && listen(listener, 16) == 0, "listen");
  Require(getsockname(listener, any, &size) == 0, "getsockname");
  fmt::print("{}\n", ntohs(address.sin_port));
  Require(std::fflush(stdout) == 0, "stdout");
  for (int connection; (connection = accept(listener, nullptr, nullptr)) >= 0;) {
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::thread([connection] {
      Serve(connection);
      close(connection);
    }).detach();
  }
}
