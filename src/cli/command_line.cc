#include "src/cli/command_line.h"

#include <memory>

#include "src/cli/audit.h"
#include "src/cli/check.h"
#include "src/cli/exit_status.h"
#include "src/cli/explain.h"
#include "src/cli/import.h"
#include "src/cli/init.h"
#include "src/cli/report.h"
#include "src/cli/rules.h"
#include "src/cli/status.h"
#include "src/cli/tail.h"
#include "src/cli/targets.h"

namespace hushlog {
namespace {

constexpr const char* kDescription =
    "Measures how a Matomo user interface is used, from the access logs of the server in front of it,\n"
    "without keeping or sending anything that identifies a person.";

constexpr const char* kFooter =
    "Examples:\n"
    "  hushlog init\n"
    "  hushlog check --online\n"
    "  hushlog import --config /etc/hushlog/hushlog.toml\n"
    "  hushlog report\n"
    "  hushlog tail --config /etc/hushlog/hushlog.toml\n"
    "  hushlog status --config /etc/hushlog/hushlog.toml\n"
    "  hushlog import --dry-run --output - access.log\n"
    "  hushlog explain access.log | less\n"
    "  hushlog import --url https://matomo.example.org --idsite 7 access.log\n"
    "  hushlog audit\n"
    "\n"
    "Exit status: 0 done; 1 failed; 2 usage or configuration; 3 done, but hits were refused;\n"
    "4 input unreadable; 5 target unreachable or refuses; 6 audit failed; 130, 143 ended by a signal, nothing lost";

}  // namespace

template <typename Options>
void CommandLine::Add(CLI::App* (*add)(CLI::App&, Options*), int (*run)(const Options&)) {
  const auto options = std::make_shared<Options>();
  commands_.emplace_back(add(app_, options.get()), [options, run] { return run(*options); });
}

CommandLine::CommandLine() : app_(kDescription, "hushlog") {
  app_.set_version_flag("--version", "hushlog " HUSHLOG_VERSION);
  app_.footer(kFooter);
  app_.require_subcommand(1);
  Add(AddInitCommand, RunInit);
  Add(AddCheckCommand, RunCheck);
  Add(AddImportCommand, RunImport);
  Add(AddExplainCommand, RunExplain);
  Add(AddReportCommand, RunReport);
  Add(AddTargetsCommand, RunTargets);
  Add(AddAuditCommand, RunAudit);
  Add(AddRulesCommand, RunRules);
  Add(AddTailCommand, RunTail);
  Add(AddStatusCommand, RunStatus);
}

int CommandLine::Run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  for (const auto& [command, run] : commands_) {
    if (*command) return run();
  }
  return kExitUsage;
}

}  // namespace hushlog
