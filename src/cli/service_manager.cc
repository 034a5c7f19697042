#include "src/cli/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace hushlog {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

ServiceManager::ServiceManager() : path_(Environment("NOTIFY_SOCKET")) {
  if (path_.empty() || path_.size() >= sizeof(sockaddr_un::sun_path)) return;
  socket_ = UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  watchdog_ = std::chrono::microseconds(std::atoll(Environment("WATCHDOG_USEC").c_str()));
}

void ServiceManager::Tell(std::string_view state) {
  if (!socket_) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, path_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract socket
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  (void)sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
               size);
}

void ServiceManager::Reloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC
  Tell("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

void ServiceManager::Feed() {
  constexpr int kTimesInTime = 4;
  const auto now = std::chrono::steady_clock::now();
  if (watchdog_.count() <= 0 || now - fed_ < watchdog_ / kTimesInTime) return;
  fed_ = now;
  Tell("WATCHDOG=1");
}

}  // namespace hushlog
