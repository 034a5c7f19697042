// Takes the place of the Failpoint of src/base: with HUSHLOG_FAILPOINT=NAME:N in the environment, the process is killed
// when it passes the point for the Nth time.
#include "src/base/failpoint.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace hushlog {
namespace {

struct Wish {
  std::string name;
  long pass = 0;

  Wish() {
    const char* setting = std::getenv("HUSHLOG_FAILPOINT");
    if (setting == nullptr) return;
    name = setting;
    const std::size_t colon = name.find(':');
    pass = std::atol(name.c_str() + colon + 1);
    name.resize(colon);
  }
};

}  // namespace

void Failpoint(FailpointName name) noexcept {
  static const Wish wish;
  static std::atomic<long> passes{0};
  if (kFailpoints[name.index()] != wish.name || ++passes != wish.pass) return;
  kill(getpid(), SIGKILL);
  for (;;) pause();  // should another thread take the signal: this one does nothing more
}

}  // namespace hushlog
