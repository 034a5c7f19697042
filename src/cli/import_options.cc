#include <CLI/CLI.hpp>

#include "src/cli/import.h"
#include "src/cli/import_logs.h"
#include "src/cli/option_values.h"

namespace hushlog {
namespace {

// Those that mean the same there; the others say what to do instead.
void AddOptionsOfImportLogs(CLI::App& command, ImportOptions* options) {
  const auto hide = [](CLI::Option* option) { return option->group(""); };
  hide(command.add_option("--log-format-name", options->format));
  hide(command.add_option("--token-auth", options->token));
  hide(command.add_option("--recorders", options->lanes))->check(AnyWholeNumber(1, 1000));
  hide(command.add_option("--recorder-max-payload-size", options->batch_rows))->check(AnyWholeNumber(1, 5000));
  hide(command.add_option("--request-timeout", options->request_timeout_s))->check(AnyWholeNumber(1, 3600));
  hide(command.add_flag("-d,--debug", options->log.verbose));
  RefuseImportLogsOptions(command);
}

}  // namespace

CLI::App* AddImportCommand(CLI::App& app, ImportOptions* options) {
  CLI::App* command = app.add_subcommand("import", "Read access logs, keep usage totals, deliver the hits to targets");
  command->add_option("FILE", options->files, "Logs: files, patterns, - for standard input; may be compressed");
  AddConfig(*command, &options->config);
  AddStateDir(*command, &options->state_dir);
  AddRules(*command, &options->rules_dir);
  AddFormat(*command, &options->format);
  command->add_option("-j,--jobs", options->jobs, "Threads that parse; default: one a core, at most 8")
      ->type_name("N")
      ->check(AnyWholeNumber(1, 256));
  command->add_option("--url", options->url, "Address of a Matomo to send the hits to")->type_name("URL");
  command->add_option("--idsite", options->site_id, "Number of the site in that Matomo")
      ->type_name("N")
      ->check(AnyWholeNumber(1, kMostSites));
  command->add_option("--token-auth-file", options->token_file, "File with a token_auth for that Matomo")
      ->type_name("FILE");
  command->add_option("--retry-max-attempts", options->max_attempts, "Failures in a row until that Matomo is given up")
      ->type_name("N")
      ->check(AnyWholeNumber(1, 1000));
  command->add_option("--retry-delay", options->retry_delay, "Seconds before the first repetition; doubled with each")
      ->type_name("S")
      ->check(AnyNumber(0, 3600));
  command->add_flag("-n,--dry-run", options->dry_run, "Touch neither network nor state");
  command
      ->add_option("-o,--output", options->output,
                   "With --dry-run: write the hits there as JSON lines; - is standard output")
      ->type_name("FILE");
  command
      ->add_option("--target", options->target,
                   "With --dry-run: the hits as this target of the configuration gets them")
      ->type_name("NAME");
  command
      ->add_option("--summary-json", options->summary_json, "Write what was done there as JSON; - is standard output")
      ->type_name("FILE");
  command->add_flag("--complete", options->complete, "The logs end here: count what waits for lines that could follow");
  AddLog(*command, &options->log);
  AddOptionsOfImportLogs(*command, options);
  command->footer(
      "Examples:\n"
      "  hushlog import --dry-run --output - access.log\n"
      "  hushlog import /var/log/nginx/access.log*\n"
      "  hushlog import --url https://matomo.example.org --idsite 7 access.log");
  return command;
}

}  // namespace hushlog
