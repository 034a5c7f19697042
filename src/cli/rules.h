// hushlog rules: what is whitelisted, whether the rules hold, and what they leave out of a log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hushlog {

struct RulesOptions {
  std::string config;
  std::string rules_dir;
  bool list = false;
  bool test = false;
  bool coverage = false;
  bool pages = false;
  bool site_only = false;          // list
  std::vector<std::string> files;  // coverage
  std::string format;
  std::uint32_t site_id = 1;  // pages
};

CLI::App* AddRulesCommand(CLI::App& app, RulesOptions* options);
int RunRules(const RulesOptions& options);

}  // namespace hushlog
