// hushlog status: what is followed, what targets get, and whether the numbers add up.
#pragma once

#include <string>

#include "src/status/status_report.h"

namespace CLI {
class App;
}

namespace hushlog {

struct StatusOptions {
  std::string config;
  std::string state_dir;
  bool json = false;
};

CLI::App* AddStatusCommand(CLI::App& app, StatusOptions* options);

// Returns the exit status (exit_status.h): 5 if a target does not take hits, 1 if a tail hangs or the ledger does not
// add up.
int RunStatus(const StatusOptions& options);

// What a process that has the state directory tells of itself, for RunStatus of others: a file in it.
class StatusFile {
 public:
  explicit StatusFile(std::string directory);
  // Removes the file.
  ~StatusFile();
  StatusFile(const StatusFile&) = delete;
  StatusFile& operator=(const StatusFile&) = delete;

  // Replaces the file. A full disk leaves the old one.
  void Write(const StatusReport& report) noexcept;

 private:
  std::string path_;
};

}  // namespace hushlog
