#include "tests/cli/service.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <stdexcept>

namespace hushlog {
namespace {

constexpr int kPatienceSeconds = 20;

UniqueFd Listen(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const timeval patience{kPatienceSeconds, 0};
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
    throw std::runtime_error("no socket for notifications");
  }
  return fd;
}

}  // namespace

Service::Service(const std::vector<std::string>& arguments) : socket_(Listen(directory_ / "notify")) {
  process_ = StartHushlog(arguments, "/dev/null", directory_ / "out", directory_ / "err",
                          "NOTIFY_SOCKET=" + (directory_ / "notify"));
}

Service::~Service() { Kill(); }

bool Service::WaitFor(const std::string& message) {
  char buffer[256];
  ssize_t size = 0;
  while ((size = recv(socket_.get(), buffer, sizeof(buffer), 0)) > 0) {
    if (std::string(buffer, static_cast<std::size_t>(size)) == message) return true;
  }
  return false;
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
