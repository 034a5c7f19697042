#include "src/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "src/base/nearest.h"
#include "src/base/tell.h"
#include "src/cli/audit.h"
#include "src/cli/check.h"
#include "src/cli/exit_status.h"
#include "src/cli/explain.h"
#include "src/cli/help_text.h"
#include "src/cli/import.h"
#include "src/cli/init.h"
#include "src/cli/printable.h"
#include "src/cli/report.h"
#include "src/cli/rules.h"
#include "src/cli/status.h"
#include "src/cli/tail.h"
#include "src/cli/targets.h"

namespace hushlog {
namespace {

constexpr const char* kDescription =
    "Shows how a Matomo user interface is used, from the access logs of the server in front of it, and neither keeps "
    "nor "
    "sends what identifies a person.";

constexpr const char* kFooter =
    "Examples:\n"
    "  hushlog import access.log && hushlog report      no configuration, no network\n"
    "  hushlog import --dry-run --output - access.log   look first: not even state\n"
    "  hushlog init && hushlog check --online           begin with targets\n"
    "  hushlog tail --config /etc/hushlog/hushlog.toml  follow the logs\n"
    "\n"
    "hushlog COMMAND --help tells its options, hushlog --version the version.";

// The innermost command that was named.
const CLI::App* NamedCommand(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

std::string FullName(const CLI::App* app) {
  std::string name = app->get_name();
  while ((app = app->get_parent()) != nullptr) name = app->get_name() + " " + name;
  return name;
}

// Something that stands where a command should.
std::string NoCommand(const CLI::App& app, const std::string& word) {
  std::error_code ignored;
  if (app.get_parent() == nullptr && std::filesystem::exists(word, ignored)) {
    return fmt::format("'{0}' is a file, not a command; to import a log: hushlog import {0}", word);
  }
  std::vector<std::string_view> names;
  for (const CLI::App* command : SubcommandsOf(app)) names.push_back(command->get_name());
  std::string hint = DidYouMean(word, names);
  if (hint.empty()) hint = fmt::format("; for a list: {} --help", FullName(&app));
  return fmt::format("{} has no command '{}'{}", FullName(&app), word, hint);
}

// Arguments that nobody took.
std::string NotExpected(const CLI::App& app, const std::vector<std::string>& left) {
  const auto option = std::ranges::find_if(left, [](const std::string& word) { return word.starts_with("-"); });
  if (option == left.end()) return fmt::format("{} does not take '{}'", FullName(&app), left.front());
  const std::string name = option->substr(0, option->find('='));
  std::vector<std::string> names;
  for (const CLI::Option* each : OptionsOf(app)) std::ranges::move(NamesOf(*each), std::back_inserter(names));
  std::string hint = name.starts_with("--") ? DidYouMean(name, {names.begin(), names.end()}) : "";
  if (hint.empty()) hint = fmt::format("; for a list: {} --help", FullName(&app));
  return fmt::format("{} has no option {}{}", FullName(&app), name, hint);
}

std::string MistakeOf(const CLI::ParseError& error, const CLI::App& command) {
  const std::vector<std::string> left = command.remaining();
  if (!left.empty() && !SubcommandsOf(command).empty() && !left.front().starts_with("-")) {
    return NoCommand(command, left.front());
  }
  if (!left.empty()) return NotExpected(command, left);
  return fmt::format("{}; see: {} --help", error.what(), FullName(&command));
}

}  // namespace

template <typename Options>
void CommandLine::Add(CLI::App* (*add)(CLI::App&, Options*), int (*run)(const Options&)) {
  const auto options = std::make_shared<Options>();
  commands_.emplace_back(add(app_, options.get()), [options, run] { return run(*options); });
}

CommandLine::CommandLine() : app_(kDescription, "hushlog") {
  app_.formatter(std::make_shared<HelpText>());  // of all commands, too
  app_.set_help_flag("-h,--help", "This text");
  app_.set_version_flag("--version", "hushlog " HUSHLOG_VERSION, "The version");
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
  app_.footer(kFooter);
}

int CommandLine::Run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app_.exit(error);  // --help or --version
    const CLI::App* command = NamedCommand(&app_);
    if (argc > 1 &&
        (command->get_parent() == nullptr || !command->remaining().empty() || SubcommandsOf(*command).empty())) {
      Tell("error: " + Printable(MistakeOf(error, *command)));
    } else {
      std::fputs(command->help().c_str(), stderr);
    }
    return kExitUsage;
  }
  for (const auto& [command, run] : commands_) {
    if (*command) return run();
  }
  return kExitUsage;
}

}  // namespace hushlog
