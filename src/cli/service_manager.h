// Tells systemd how the service does (sd_notify(3)). Without systemd it tells nobody.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "src/base/unique_fd.h"

namespace hushlog {

// Thread-safety: none.
class ServiceManager {
 public:
  // Looks at NOTIFY_SOCKET and WATCHDOG_USEC.
  ServiceManager();

  void Ready() { Tell("READY=1"); }
  // Until the next Ready.
  void Reloading();
  void Stopping() { Tell("STOPPING=1"); }
  // Work goes on. Call it often: it tells systemd in time for the watchdog.
  void Feed();

 private:
  void Tell(std::string_view state);

  UniqueFd socket_;
  std::string path_;
  std::chrono::microseconds watchdog_{0};  // 0: nobody watches
  std::chrono::steady_clock::time_point fed_{};
};

}  // namespace hushlog
