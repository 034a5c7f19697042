#include "src/status/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "src/base/unique_fd.h"

namespace hushlog {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned kIdleSeconds = 5;  // until a connection is closed on which nothing moves
constexpr int kSweepMs = 250;         // between two looks at how old connections are
constexpr int kBacklog = 64;

[[noreturn]] void ThrowErrno(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// IPv4 or IPv6.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = sizeof(sockaddr_in6);

  explicit SocketAddress(const ListenAddress& address) : v6{} {
    if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(address.port);
      size = sizeof v4;
      return;
    }
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);
  }
};

// Sets the port that the system chose.
UniqueFd Listen(ListenAddress* address) {
  SocketAddress socket_address(*address);
  UniqueFd fd(socket(socket_address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) ThrowErrno("socket");
  const int on = 1;
  (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // after a restart
  if (bind(fd.get(), &socket_address.any, socket_address.size) != 0 || listen(fd.get(), kBacklog) != 0) {
    ThrowErrno("bind");
  }
  if (getsockname(fd.get(), &socket_address.any, &socket_address.size) != 0) ThrowErrno("getsockname");
  address->port = ntohs(socket_address.v4.sin_port);  // at the same place in both
  return fd;
}

// Without the port: a tunnel may have another one.
std::string_view NameOf(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon)) return host;
  return host.substr(0, colon);
}

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

HttpAnswer TextAnswer(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::make_shared<const std::string>(std::move(text)), ""};
}

// Closes the connection afterwards: its lifetime is that of one request.
MHD_Result Queue(MHD_Connection* connection, const HttpAnswer& answer) {
  // The response shares the body: many clients need no more memory for it than one.
  auto* body = new std::shared_ptr<const std::string>(answer.body);
  MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
      (*body)->size(), const_cast<char*>((*body)->data()),
      [](void* shared) { delete static_cast<std::shared_ptr<const std::string>*>(shared); }, body);
  if (response == nullptr) {
    delete body;
    return MHD_NO;
  }
  const std::string policy =
      fmt::format("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'{}{}",
                  answer.policy.empty() ? "" : "; ", answer.policy);
  const std::array<std::pair<const char*, const char*>, 8> headers{{
      {"Content-Type", answer.type.c_str()},
      {"Content-Security-Policy", policy.c_str()},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"},
      {"Connection", "close"},
  }};
  for (const auto& [name, value] : headers) MHD_add_response_header(response, name, value);
  if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) MHD_add_response_header(response, "Allow", "GET, HEAD");
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

struct HttpServer::Impl {
  Impl(Options the_options, Handler the_handler);
  ~Impl();

  void Run();
  void Round();
  void EndOld();
  MHD_Result OnRequest(MHD_Connection* connection, const char* path, const char* method, void** is_begun);
  std::optional<HttpAnswer> Refusal(MHD_Connection* connection, std::string_view method) const;
  bool Knows(std::string_view host) const;

  struct Connection {
    int fd = -1;
    SteadyClock::time_point began;
  };

  Options options;
  Handler handler;
  UniqueFd wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<bool> stop{false};
  MHD_Daemon* daemon = nullptr;
  // What follows belongs to the thread, which all callbacks of the library are called in.
  std::unordered_map<MHD_Connection*, Connection> connections;
  std::vector<MHD_Connection*> waiting;  // for an answer of the handler: suspended
  std::thread thread;
};

HttpServer::Impl::Impl(Options the_options, Handler the_handler)
    : options(std::move(the_options)), handler(std::move(the_handler)) {
  UniqueFd listener = Listen(&options.address);
  const auto on_request = +[](void* self, MHD_Connection* connection, const char* path, const char* method, const char*,
                              const char*, std::size_t* unread, void** begun) {
    *unread = 0;
    return static_cast<Impl*>(self)->OnRequest(connection, path, method, begun);
  };
  const auto on_connection = +[](void* self, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode what) {
    auto& known = static_cast<Impl*>(self)->connections;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
      known.erase(connection);
      return;
    }
    const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    known[connection] = {info == nullptr ? -1 : info->connect_fd, SteadyClock::now()};
  };
  daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, on_request, this,
                            MHD_OPTION_LISTEN_SOCKET, listener.get(), MHD_OPTION_CONNECTION_LIMIT, options.connections,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, options.memory, MHD_OPTION_CONNECTION_TIMEOUT,
                            kIdleSeconds, MHD_OPTION_NOTIFY_CONNECTION, on_connection, this, MHD_OPTION_END);
  if (daemon == nullptr) ThrowErrno("the server of the status page");
  std::ignore = listener.release();  // closed by the library
  thread = std::thread([this] { Run(); });
}

HttpServer::Impl::~Impl() {
  stop = true;
  (void)eventfd_write(wake.get(), 1);
  thread.join();
  for (MHD_Connection* connection : std::exchange(waiting, {})) MHD_resume_connection(connection);
  MHD_stop_daemon(daemon);
}

void HttpServer::Impl::Run() {
  while (!stop) Round();
}

void HttpServer::Impl::Round() {
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  std::array<pollfd, 2> ready{{{info->epoll_fd, POLLIN, 0}, {wake.get(), POLLIN, 0}}};
  MHD_UNSIGNED_LONG_LONG wait_ms = 0;
  int timeout = connections.empty() ? -1 : kSweepMs;
  if (MHD_get_timeout(daemon, &wait_ms) == MHD_YES) {
    const int wait = static_cast<int>(std::min<MHD_UNSIGNED_LONG_LONG>(wait_ms, kSweepMs));
    timeout = timeout < 0 ? wait : std::min(timeout, wait);
  }
  (void)poll(ready.data(), ready.size(), timeout);
  eventfd_t woken = 0;
  (void)eventfd_read(wake.get(), &woken);
  EndOld();
  if (woken != 0) {
    for (MHD_Connection* connection : std::exchange(waiting, {})) MHD_resume_connection(connection);
  }
  // At the limit the library does not accept; that there is room again it only notices in the next run.
  std::size_t before = 0;
  do {
    before = connections.size();
    (void)MHD_run(daemon);
  } while (connections.size() < before);
}

// Connections whose client is slow, and those that have waited long enough for an answer.
void HttpServer::Impl::EndOld() {
  const auto now = SteadyClock::now();
  for (const auto& [connection, known] : connections) {
    if (now - known.began > options.lifetime) (void)shutdown(known.fd, SHUT_RDWR);
  }
  const auto impatient = [&](MHD_Connection* connection) {
    if (now - connections[connection].began <= options.patience) return false;
    MHD_resume_connection(connection);
    return true;
  };
  std::erase_if(waiting, impatient);
}

bool HttpServer::Impl::Knows(std::string_view host) const {
  const std::string_view name = NameOf(host);
  const auto same = [name](std::string_view known) { return SameName(name, known); };
  for (const std::string_view known : {"localhost", "127.0.0.1", "[::1]"}) {
    if (same(known)) return true;
  }
  return std::ranges::any_of(options.hosts, same);
}

std::optional<HttpAnswer> HttpServer::Impl::Refusal(MHD_Connection* connection, std::string_view method) const {
  std::vector<std::string> hosts;
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* found, MHD_ValueKind, const char* name, const char* value) {
        if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
          static_cast<std::vector<std::string>*>(found)->emplace_back(value == nullptr ? "" : value);
        }
        return MHD_YES;
      },
      &hosts);
  if (hosts.size() != 1 || !Knows(hosts.front())) {
    return TextAnswer(MHD_HTTP_MISDIRECTED_REQUEST,
                      "hushlog answers to localhost, and to names in allowed_hosts of its configuration.\n");
  }
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
    return TextAnswer(MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.\n");
  }
  return std::nullopt;
}

// Called when the headers are there, when the request is, and whenever the connection was resumed.
MHD_Result HttpServer::Impl::OnRequest(MHD_Connection* connection, const char* path, const char* method,
                                       void** is_begun) {
  if (*is_begun == nullptr) {
    *is_begun = this;
    const std::optional<HttpAnswer> refusal = Refusal(connection, method);
    return refusal ? Queue(connection, *refusal) : MHD_YES;
  }
  try {
    if (const std::optional<HttpAnswer> answer = handler(path)) return Queue(connection, *answer);
  } catch (const std::exception&) {  // bad_alloc
    return MHD_NO;
  }
  if (SteadyClock::now() - connections[connection].began > options.patience) {
    return Queue(connection, TextAnswer(MHD_HTTP_SERVICE_UNAVAILABLE, "hushlog is busy: try again in a moment.\n"));
  }
  MHD_suspend_connection(connection);
  waiting.push_back(connection);
  return MHD_YES;
}

HttpServer::HttpServer(Options options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() = default;

const ListenAddress& HttpServer::address() const { return impl_->options.address; }

void HttpServer::Wake() noexcept { (void)eventfd_write(impl_->wake.get(), 1); }

}  // namespace hushlog
