// hushlog targets: what targets have got, what waits for them, and what to do with hits that were put aside.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace hushlog {

struct TargetsOptions {
  std::string config;
  std::string state_dir;
  std::string resend, forget, retire;  // names of targets
};

CLI::App* AddTargetsCommand(CLI::App& app, TargetsOptions* options);
int RunTargets(const TargetsOptions& options);

}  // namespace hushlog
