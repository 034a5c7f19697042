// hushlog init: writes a configuration to begin with, and says what it will do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/cli/proposal.h"

namespace CLI {
class App;
}

namespace hushlog {

struct InitOptions {
  std::string config;         // the file to write; empty: DefaultConfigFile()
  std::string url;            // of the measured Matomo; empty: not known
  std::uint32_t site_id = 0;  // of the site in it that gets the hits; 0: not known
  bool offline = false;       // asks no target
  std::vector<std::string> logs;
};

CLI::App* AddInitCommand(CLI::App& app, InitOptions* options);
int RunInit(const InitOptions& options);

}  // namespace hushlog
