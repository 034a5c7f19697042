#include "src/cli/restart.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "src/base/stop_signal.h"
#include "src/base/tell.h"
#include "src/cli/exit_status.h"

namespace hushlog {

void StartAnew(const std::vector<std::string>& arguments) {
  BlockStopSignals();
  if (StopSignal() != 0) return;
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  pointers.push_back(nullptr);
  std::signal(SIGHUP, SIG_IGN);  // until it has a handler again
  (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  std::fflush(nullptr);
  execv("/proc/self/exe", const_cast<char* const*>(pointers.data()));
  Tell(fmt::format("error: cannot start anew: {}", std::strerror(errno)));
  std::_Exit(kExitFailed);
}

void EndAtOnce(int status) {
  std::fflush(nullptr);
  std::_Exit(status);
}

}  // namespace hushlog
