// hushlog tail: follows logs, keeps the hits, delivers them as they come.
#pragma once

#include <string>

#include "src/cli/option_values.h"

namespace CLI {
class App;
}

namespace hushlog {

struct TailOptions {
  std::string config;
  std::string state_dir;
  LogOptions log;
};

CLI::App* AddTailCommand(CLI::App& app, TailOptions* options);

// Returns the exit status (exit_status.h): 0 after SIGINT or SIGTERM.
int RunTail(const TailOptions& options);

}  // namespace hushlog
