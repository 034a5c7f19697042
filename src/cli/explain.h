// hushlog explain: what each line of a log is taken for, which page view it belongs to, and what is sent for it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hushlog {

struct ExplainOptions {
  std::string config;
  std::string rules_dir;
  std::string format = "auto";
  std::string color = "auto";
  bool fields = false;
  bool all = false;
  std::vector<std::string> files;
};

CLI::App* AddExplainCommand(CLI::App& app, ExplainOptions* options);
int RunExplain(const ExplainOptions& options);

}  // namespace hushlog
