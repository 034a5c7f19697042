// hushlog check: whether a configuration will work, and what to do if not. Changes nothing and records nothing.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace hushlog {

struct CheckOptions {
  std::string config;  // empty: DefaultConfigFile()
  bool online = false;
  bool json = false;
};

CLI::App* AddCheckCommand(CLI::App& app, CheckOptions* options);
int RunCheck(const CheckOptions& options);

}  // namespace hushlog
