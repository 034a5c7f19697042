#include "src/cli/init.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "rules/config_error.h"
#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/new_file.h"
#include "src/cli/option_values.h"
#include "src/cli/printable.h"
#include "src/delivery/tracker_probe.h"
#include "src/input/paths.h"

namespace hushlog {
namespace {

constexpr const char* kUsualLogs[] = {"/var/log/nginx/*access.log", "/var/log/apache2/*access.log",
                                      "/var/log/httpd/*access_log"};

// Absolute: the configuration is used from other directories, too.
std::vector<std::string> NamedLogs(const std::vector<std::string>& logs) {
  std::vector<std::string> absolute;
  for (const std::string& log : logs) {
    if (log == "-") throw ConfigError("standard input cannot be a [[source]]: name the files of the log");
    absolute.push_back(std::filesystem::absolute(log).lexically_normal().string());
  }
  for (const std::string& error : ExpandPaths(absolute).errors) {
    Tell(fmt::format("warning: {}; it is in the configuration all the same", Printable(error)));
  }
  return absolute;
}

std::vector<std::string> UsualLogs() {
  std::vector<std::string> logs;
  for (const char* pattern : kUsualLogs) {
    const std::vector<std::string> found = FilesMatching(pattern);
    logs.insert(logs.end(), found.begin(), found.end());
  }
  return logs;
}

void Refuse(const std::string& path) {
  throw ConfigError(fmt::format(
      "{} is there already, and stays as it is. To check it: hushlog check --config {}. For another one: --config FILE",
      Printable(path), Printable(path)));
}

void ShowLogs(const std::vector<std::string>& logs) {
  fmt::print("\nLogs\n");
  if (logs.empty()) fmt::print("  none was found: name one in the configuration\n");
  for (const std::string& log : logs) fmt::print("  {}\n", Printable(log));
}

void ShowTargets(const std::vector<ProposedTarget>& targets) {
  fmt::print(
      "\nWhat will be sent, from the first import or tail on; so far they were at most asked whether they take hits\n");
  for (const ProposedTarget& target : targets) {
    fmt::print("  {:10} {:3}  {}\n", target.name, target.enabled ? "on" : "off", target.purpose);
    fmt::print("  {:10} {:3}  ({})\n", "", "", target.reason);
  }
  fmt::print(
      "Targets that are on get which pages and reports of the user interface are used: public names, numbers that are\n"
      "reduced, browsers, and a pseudonym for each visitor and day; with a token_file, also the network parts of "
      "addresses.\n"
      "No users, no tokens, no names of your own. Once a day they get a system report: how often each API method was\n"
      "called and how long that took; system_report = false switches that off.\n"
      "To see the hits before: hushlog import --dry-run --output - LOG. To switch a target off: enabled = false\n");
}

}  // namespace

CLI::App* AddInitCommand(CLI::App& app, InitOptions* options) {
  CLI::App* command = app.add_subcommand("init", "Write a configuration to begin with, and tell what it will do");
  command->add_option("LOG", options->logs, "Access logs: files, patterns; default: those found in the usual places");
  AddConfig(*command, &options->config)
      ->description("File to write; default: /etc/hushlog/hushlog.toml for root, else ~/.config/hushlog/hushlog.toml");
  command->add_option("--url", options->url, "Address of the measured Matomo, which can get the hits itself")
      ->type_name("URL");
  command->add_option("--idsite", options->site_id, "Number of the site in that Matomo that gets them")
      ->type_name("N")
      ->check(AnyWholeNumber(1, kMostSites));
  command->add_flag("--offline", options->offline, "Do not ask the targets whether they take hits");
  command->footer(
      "Examples:\n"
      "  hushlog init\n"
      "  hushlog init --url https://matomo.example.org --idsite 7 /var/log/nginx/*.log");
  return command;
}

int RunInit(const InitOptions& options) {
  if (options.site_id != 0 && options.url.empty()) throw ConfigError("--idsite needs --url, the address of the Matomo");
  const std::string path = options.config.empty() ? DefaultConfigFile() : options.config;
  std::error_code error;  // is told when the file is written
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) Refuse(path);
  const std::vector<std::string> logs = options.logs.empty() ? UsualLogs() : NamedLogs(options.logs);
  AskTarget ask;
  if (!options.offline) ask = [](const TargetConfig& target) { return AskTracker(target); };
  const std::vector<ProposedTarget> targets = ProposeTargets(options.url, options.site_id, ask);
  // That of root may be given to the group of a service.
  const mode_t mode = geteuid() == 0 ? 0640 : 0600;
  if (!WriteNewFile(path, ProposedConfiguration(logs, targets), mode)) Refuse(path);
  fmt::print("{} is written.\n", Printable(path));
  ShowLogs(logs);
  ShowTargets(targets);
  fmt::print(
      "\nNext: hushlog check --online --config {0}\nThen: hushlog import --config {0}, or hushlog tail --config {0}\n",
      Printable(path));
  if (std::fflush(stdout) != 0) {
    throw std::runtime_error(fmt::format("{} is written, but what it does cannot be: read it first", Printable(path)));
  }
  return kExitDone;
}

}  // namespace hushlog
