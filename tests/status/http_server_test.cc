// The server of the status page, against clients that behave and others.
#include "src/status/http_server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <atomic>
#include <string>
#include <system_error>
#include <vector>

#include "tests/support/http_socket.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;

HttpAnswer Page(std::string text) {
  return {200, "text/plain", std::make_shared<const std::string>(std::move(text)), "style-src 'self'"};
}

HttpServer::Options AnyPort() {
  HttpServer::Options options;
  options.address = {"127.0.0.1", 0};
  return options;
}

// Answers every path with "page of PATH".
struct Served {
  HttpServer server;
  explicit Served(const HttpServer::Options& options = AnyPort())
      : server(options, [](std::string_view path) { return Page(fmt::format("page of {}", path)); }) {}
  int port() const { return server.address().port; }
  std::string Ask(std::string_view request) const { return test::Ask(port(), request); }
  std::string AskAs(std::string_view host) const {
    return Ask(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host));
  }
};

bool Is(const std::string& answer, int status) { return answer.starts_with(fmt::format("HTTP/1.1 {} ", status)); }
bool Has(const std::string& answer, std::string_view text) { return answer.find(text) != std::string::npos; }

TEST_CASE("a page is served, and its connection is closed") {
  const Served served;
  const std::string answer = served.Ask("GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(Is(answer, 200));
  CHECK(answer.ends_with("\r\n\r\npage of /a"));
}

TEST_CASE("an answer tells browsers to keep, load and tell nothing, and not what the server is") {
  const Served served;
  const std::string answer = served.AskAs("localhost");
  for (const char* header :
       {"Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "style-src 'self'\r\n",
        "X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n", "Cache-Control: no-store\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n"}) {
    CHECK_MESSAGE(Has(answer, header), header);
  }
  CHECK_FALSE(Has(answer, "Server:"));
  CHECK_FALSE(Has(answer, "Access-Control"));
}

TEST_CASE("HEAD has the headers of GET, and no body") {
  const Served served;
  const std::string answer = served.Ask("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(Is(answer, 200));
  CHECK(Has(answer, "Content-Length: 9\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("other methods are refused, whatever their body") {
  const Served served;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "GETS"}) {
    const std::string answer =
        served.Ask(fmt::format("{} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", method));
    CHECK_MESSAGE(Is(answer, 405), method << ": " << answer);
  }
}

TEST_CASE("only hosts that are known are answered") {
  HttpServer::Options options = AnyPort();
  options.hosts = {"status.example.org"};
  const Served served(options);
  for (const char* host : {"localhost", "localhost:8080", "LOCALHOST", "127.0.0.1", "127.0.0.1:4874", "[::1]",
                           "[::1]:4874", "status.example.org", "Status.Example.org:443"}) {
    CHECK_MESSAGE(Is(served.AskAs(host), 200), host);
  }
  for (const char* host : {"", ":80", "evil.example.org", "localhost.evil.example.org", "127.0.0.1.evil.example.org",
                           "localhost@evil.example.org", "evil.example.org:localhost", "[::1", "::1", "192.0.2.1"}) {
    CHECK_MESSAGE(Is(served.AskAs(host), 421), host);
  }
}

TEST_CASE("a request with no host, or with two, is refused") {
  const Served served;
  CHECK(Is(served.Ask("GET / HTTP/1.0\r\n\r\n"), 421));
  CHECK_FALSE(Is(served.Ask("GET / HTTP/1.1\r\n\r\n"), 200));
  CHECK(Is(served.Ask("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.org\r\n\r\n"), 421));
}

TEST_CASE("headers beyond the memory of a connection are refused") {
  const Served served;
  const std::string large(20'000, 'a');
  const std::string header = served.Ask(fmt::format("GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: {}\r\n\r\n", large));
  CHECK_FALSE(Has(header, " 200 "));
  CHECK_FALSE(Has(served.Ask(fmt::format("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", large)), " 200 "));
  CHECK(Is(served.AskAs("localhost"), 200));
}

TEST_CASE("what is no HTTP gets no page, and does no harm") {
  const Served served;
  for (const char* bytes :
       {"\r\n\r\n\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"}) {
    const UniqueFd client = test::ConnectToLoopback(served.port());
    (void)test::SendAll(client.get(), bytes);
    (void)shutdown(client.get(), SHUT_WR);
    std::string answer;
    while (test::Receive(client.get(), &answer)) continue;
    CHECK_MESSAGE(!Has(answer, "page of"), answer);
  }
  CHECK(Is(served.AskAs("localhost"), 200));
}

TEST_CASE("slow clients do not keep others waiting, and are let go") {
  HttpServer::Options options = AnyPort();
  options.connections = 8;
  options.lifetime = milliseconds(1000);
  const Served served(options);
  std::vector<UniqueFd> slow;
  for (int i = 0; i < 7; ++i) {
    slow.push_back(test::ConnectToLoopback(served.port()));
    CHECK(test::SendAll(slow.back().get(), "GET / HTTP/1.1\r\nHo"));
  }
  CHECK(Is(served.AskAs("localhost"), 200));
  for (const UniqueFd& client : slow) {
    std::string nothing;
    while (test::Receive(client.get(), &nothing)) continue;  // until it is closed
    CHECK_FALSE(Has(nothing, "page of"));
  }
}

TEST_CASE("as many slow clients as there may be connections hold up others only for their lifetime") {
  HttpServer::Options options = AnyPort();
  options.connections = 4;
  options.lifetime = milliseconds(500);
  const Served served(options);
  std::vector<UniqueFd> slow;
  for (int i = 0; i < 12; ++i) {
    slow.push_back(test::ConnectToLoopback(served.port()));
    CHECK(test::SendAll(slow.back().get(), "GET / HTTP/1.1\r\nHost: localhost\r\nX"));
  }
  CHECK(Is(served.AskAs("localhost"), 200));
}

TEST_CASE("who does not read a large page is let go") {
  HttpServer::Options options = AnyPort();
  options.connections = 1;
  options.lifetime = milliseconds(500);
  const auto large = std::make_shared<const std::string>(std::size_t{32} << 20, 'a');
  HttpServer server(options, [&](std::string_view path) {
    return path == "/large" ? HttpAnswer{200, "text/plain", large, ""} : Page("small");
  });
  const int port = server.address().port;
  const UniqueFd client = test::ConnectToLoopback(port);
  CHECK(test::SendAll(client.get(), "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  // Its turn comes when the first is gone.
  CHECK(test::Ask(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").ends_with("small"));
  std::string part;
  while (test::Receive(client.get(), &part)) continue;
  CHECK(part.size() < large->size());
}

TEST_CASE("an answer that is not there yet is waited for") {
  std::atomic<int> asked{0};
  std::atomic<bool> there{false};
  HttpServer server(AnyPort(), [&](std::string_view) -> std::optional<HttpAnswer> {
    ++asked;
    asked.notify_all();
    return there ? std::optional(Page("at last")) : std::nullopt;
  });
  const UniqueFd client = test::ConnectToLoopback(server.address().port);
  CHECK(test::SendAll(client.get(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  asked.wait(0);
  there = true;
  server.Wake();
  std::string answer;
  while (test::Receive(client.get(), &answer)) continue;
  CHECK(answer.ends_with("at last"));
  CHECK(asked == 2);
}

TEST_CASE("an answer that does not come is waited for only so long") {
  HttpServer::Options options = AnyPort();
  options.patience = milliseconds(100);
  HttpServer server(options, [](std::string_view) -> std::optional<HttpAnswer> { return std::nullopt; });
  CHECK(Is(test::Ask(server.address().port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 503));
}

TEST_CASE("a server ends with clients that wait for an answer") {
  std::atomic<bool> asked{false};
  UniqueFd client;
  {
    HttpServer server(AnyPort(), [&](std::string_view) -> std::optional<HttpAnswer> {
      asked = true;
      asked.notify_all();
      return std::nullopt;
    });
    client = test::ConnectToLoopback(server.address().port);
    CHECK(test::SendAll(client.get(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    asked.wait(false);
  }
  std::string answer;
  CHECK_FALSE(test::Receive(client.get(), &answer));
}

TEST_CASE("a port that is in use is an error") {
  const Served first;
  HttpServer::Options options = AnyPort();
  options.address = first.server.address();
  CHECK_THROWS_AS(Served{options}, std::system_error);
}

}  // namespace
}  // namespace hushlog
