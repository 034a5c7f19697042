// hushlog audit: proves that nothing leaves, or has left, but what the egress grammar allows.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hushlog {

struct AuditOptions {
  std::string config;
  std::string state_dir;
  std::string rules_dir;
  std::vector<std::string> captures;
  std::vector<std::string> hits;
  bool grammar = false;
  bool identified = false;
  bool all = false;
  bool json = false;
};

CLI::App* AddAuditCommand(CLI::App& app, AuditOptions* options);
int RunAudit(const AuditOptions& options);

}  // namespace hushlog
