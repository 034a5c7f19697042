// Runs a command of hushlog that goes on until it is stopped, as systemd does.
#pragma once

#include <string>
#include <vector>

#include "src/base/unique_fd.h"
#include "tests/cli/program.h"

namespace hushlog {

// Killed when destroyed, if it still runs.
class Service {
 public:
  explicit Service(const std::vector<std::string>& arguments);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Waits until it says what begins so ("READY=1"), for some seconds at most. False if it ends before.
  [[nodiscard]] bool WaitFor(const std::string& message);
  void Send(int signal);
  // What it has said so far.
  std::string errors() const { return ReadFile(directory_ / "err"); }
  pid_t process() const { return process_; }
  // Asks it to stop, and waits for that.
  Outcome Stop(int signal);
  void Kill();

 private:
  TempDir directory_;
  UniqueFd socket_;
  pid_t process_ = 0;
  UniqueFd end_;  // readable when the process has ended
};

}  // namespace hushlog
