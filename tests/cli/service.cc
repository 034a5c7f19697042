#include "tests/cli/service.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace hushlog {
namespace {

constexpr int kPatienceMs = 20'000;

UniqueFd Listen(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("no socket for notifications");
  }
  return fd;
}

}  // namespace

Service::Service(const std::vector<std::string>& arguments) : socket_(Listen(directory_ / "notify")) {
  process_ = StartHushlog(arguments, "/dev/null", directory_ / "out", directory_ / "err",
                          "NOTIFY_SOCKET=" + (directory_ / "notify"));
  end_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
}

Service::~Service() { Kill(); }

bool Service::WaitFor(const std::string& message) {
  char buffer[256];
  ssize_t size = 0;
  for (;;) {
    pollfd ready[2] = {{socket_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
    if (poll(ready, 2, kPatienceMs) <= 0) return false;
    while ((size = recv(socket_.get(), buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
      if (std::string_view(buffer, static_cast<std::size_t>(size)).starts_with(message)) return true;
    }
    if (ready[1].revents != 0) return false;  // and what it said before was read above
  }
}

void Service::Send(int signal) { kill(process_, signal); }

Outcome Service::Stop(int signal) {
  kill(process_, signal);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = 0;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), ReadFile(directory_ / "out"),
          ReadFile(directory_ / "err")};
}

void Service::Kill() {
  if (process_ != 0) (void)Stop(SIGKILL);
}

}  // namespace hushlog
