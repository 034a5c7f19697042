// Serves pages to browsers and monitoring: HTTP/1.1, GET and HEAD, by libmicrohttpd.
//
// One thread serves all connections, none of which can hold it up. All that a client can make it keep is limited: the
// number of connections, the memory of each, and how long it lives, whatever its client does. Bodies of requests are
// never read. The Host of a request must be a known one, so that no page of another site gets here by a name of its
// own that it lets point to this machine (DNS rebinding).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

// Where to listen.
struct ListenAddress {
  std::string host;  // 127.0.0.1, ::1, ...
  std::uint16_t port = 0;

  // "127.0.0.1:4874", "[::1]:4874" or "localhost:4874". Port 0 lets the system choose one. Throws
  // std::invalid_argument, with a sentence for the user.
  static ListenAddress Parse(std::string_view text);
  bool IsLoopback() const;
  std::string ToString() const;  // as Parse takes it
};

struct HttpAnswer {
  int status = 200;
  std::string type;                         // Content-Type
  std::shared_ptr<const std::string> body;  // never null
  std::string policy;                       // Content-Security-Policy; empty: nothing is allowed
};

// Thread-safety: all functions may be called from any thread.
class HttpServer {
 public:
  struct Options {
    ListenAddress address;
    std::vector<std::string> hosts;  // names and addresses that Host may have beside those of this machine's loopback
    unsigned connections = 32;       // at the same time; others wait until one of these ends
    std::size_t memory = 16 << 10;   // bytes of a connection, the headers of its request among them
    std::chrono::milliseconds lifetime{20'000};  // of a connection
    std::chrono::milliseconds patience{5'000};   // with a handler that has no answer yet; then it is 503
  };
  // Answers a GET of a path, which has no query; called in the thread of the server. Nothing: there is no answer yet.
  // Then it is asked again whenever Wake is called.
  using Handler = std::function<std::optional<HttpAnswer>(std::string_view path)>;

  // Throws std::system_error if it cannot listen there.
  HttpServer(Options options, Handler handler);
  // Breaks off connections.
  ~HttpServer();

  // With the port that the system has chosen.
  const ListenAddress& address() const;
  void Wake() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
