#include "src/cli/audit.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "src/audit/auditor.h"
#include "src/base/tell.h"
#include "src/cli/audit_output.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/option_values.h"
#include "src/cli/site_rules.h"
#include "src/cli/stored_state.h"
#include "src/spool/store.h"

namespace hushlog {
namespace {

constexpr std::size_t kMembersShown = 12;

// What is wrong with a file that cannot be read.
class Unreadable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the command line says goes before what the configuration says.
AuditOptions Configured(AuditOptions options) {
  if (options.config.empty()) return options;
  const Config config = LoadConfig(options.config, Tokens::kLeave);
  if (options.state_dir.empty()) options.state_dir = config.state_dir.empty() ? DefaultStateDir() : config.state_dir;
  if (options.rules_dir.empty()) options.rules_dir = config.rules_dir;
  return options;
}

Profile ProfileOf(const AuditOptions& options) {
  return options.identified ? Profile::kIdentified : Profile::kAnonymous;
}

// "-" is standard input.
template <typename Check>
void WithFile(const std::string& path, Check check) {
  if (path == "-") return check("standard input", std::cin);
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw Unreadable(fmt::format("{}: cannot be read", path));
  check(path, file);
}

void CheckAll(const AuditOptions& options, Auditor& auditor) {
  // Files alone need no state directory.
  const bool files = !options.captures.empty() || !options.hits.empty();
  if (!files || !options.state_dir.empty()) {
    const std::string directory = options.state_dir.empty() ? DefaultStateDir() : options.state_dir;
    if (!HasState(directory)) throw Unreadable(NoState(directory));
    auditor.CheckStore(*OpenStore(directory));
  }
  for (const std::string& path : options.hits) {
    WithFile(path,
             [&](const std::string& name, std::istream& lines) { auditor.CheckHits(name, lines, ProfileOf(options)); });
  }
  for (const std::string& path : options.captures) {
    WithFile(path, [&](const std::string& name, std::istream& bytes) {
      auditor.CheckCapture(name, bytes, ProfileOf(options));
    });
  }
}

}  // namespace

CLI::App* AddAuditCommand(CLI::App& app, AuditOptions* options) {
  CLI::App* command = app.add_subcommand("audit", "Check that nothing leaves but what the egress grammar allows");
  AddConfig(*command, &options->config)->description("Configuration file (TOML), for its state_dir and rules_dir");
  AddStateDir(*command, &options->state_dir);
  AddRules(*command, &options->rules_dir);
  command
      ->add_option("--capture", options->captures,
                   "Check a capture of what was sent: bodies as JSON lines, or HTTP requests; - is standard input")
      ->type_name("FILE");
  command->add_option("--hits", options->hits, "Check the output of: hushlog import --dry-run --output")
      ->type_name("FILE");
  command->add_flag("--grammar", options->grammar, "Print every parameter with the set of its possible values");
  command->add_flag("--identified", options->identified,
                    "The captures, the hits or the grammar are those of targets with anonymize = false");
  command->add_flag("-a,--all", options->all, "With --grammar: the whole of each list, not only a sample");
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->footer(
      "Examples:\n"
      "  hushlog audit\n"
      "  hushlog audit --grammar\n"
      "  hushlog import --dry-run --output hits.jsonl access.log\n"
      "  hushlog audit --hits hits.jsonl");
  return command;
}

int RunAudit(const AuditOptions& given) {
  const AuditOptions options = Configured(given);
  const std::vector<SiteRules> site = ReadSiteRules(options.rules_dir);
  if (options.grammar) {
    const EgressGrammar grammar(site, ProfileOf(options));
    fmt::print("{}", options.json ? ToJson(grammar) : ToText(grammar, options.all ? 0 : kMembersShown));
    return kExitDone;
  }
  const EgressGrammar anonymous(site);
  const EgressGrammar identified(site, Profile::kIdentified);
  Auditor auditor(anonymous, identified);
  try {
    CheckAll(options, auditor);
  } catch (const Unreadable& error) {
    Tell(fmt::format("error: {}", error.what()));
    return kExitUnreadable;
  }
  fmt::print("{}", options.json ? ToJson(auditor) : ToText(auditor));
  return auditor.finding() ? kExitForeign : kExitDone;
}

}  // namespace hushlog
