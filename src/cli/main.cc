// The program: options -> command -> exit status.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "parsers/log_format.h"
#include "rules/config_error.h"
#include "src/base/tell.h"
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

int Run(int argc, char** argv) {
  CLI::App app(kDescription, "hushlog");
  app.set_version_flag("--version", "hushlog " HUSHLOG_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  hushlog::InitOptions init_options;
  hushlog::CheckOptions check_options;
  hushlog::ImportOptions import_options;
  hushlog::ExplainOptions explain_options;
  hushlog::ReportOptions report_options;
  hushlog::TargetsOptions targets_options;
  hushlog::AuditOptions audit_options;
  hushlog::RulesOptions rules_options;
  hushlog::TailOptions tail_options;
  hushlog::StatusOptions status_options;
  const CLI::App* init = hushlog::AddInitCommand(app, &init_options);
  const CLI::App* check = hushlog::AddCheckCommand(app, &check_options);
  const CLI::App* import = hushlog::AddImportCommand(app, &import_options);
  const CLI::App* explain = hushlog::AddExplainCommand(app, &explain_options);
  const CLI::App* report = hushlog::AddReportCommand(app, &report_options);
  const CLI::App* targets = hushlog::AddTargetsCommand(app, &targets_options);
  const CLI::App* audit = hushlog::AddAuditCommand(app, &audit_options);
  const CLI::App* rules = hushlog::AddRulesCommand(app, &rules_options);
  const CLI::App* tail = hushlog::AddTailCommand(app, &tail_options);
  const CLI::App* status = hushlog::AddStatusCommand(app, &status_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? hushlog::kExitDone : hushlog::kExitUsage;
  }
  if (*init) return hushlog::RunInit(init_options);
  if (*check) return hushlog::RunCheck(check_options);
  if (*import) return hushlog::RunImport(import_options);
  if (*explain) return hushlog::RunExplain(explain_options);
  if (*report) return hushlog::RunReport(report_options);
  if (*targets) return hushlog::RunTargets(targets_options);
  if (*audit) return hushlog::RunAudit(audit_options);
  if (*rules) return hushlog::RunRules(rules_options);
  if (*tail) return hushlog::RunTail(tail_options);
  if (*status) return hushlog::RunStatus(status_options);
  return hushlog::kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  // A core dump would hold lines of the log and tokens.
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  try {
    return Run(argc, argv);
  } catch (const hushlog::ConfigError& error) {
    hushlog::Tell(error.what());
    return hushlog::kExitUsage;
  } catch (const hushlog::FormatError& error) {
    hushlog::Tell(error.what());
    return hushlog::kExitUsage;
  } catch (const std::exception& error) {
    hushlog::Tell(error.what());
    return hushlog::kExitFailed;
  }
}
