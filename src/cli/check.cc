#include "src/cli/check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>

#include "src/cli/check_report.h"
#include "src/cli/check_source.h"
#include "src/cli/config.h"
#include "src/cli/option_values.h"
#include "src/cli/site_rules.h"
#include "src/delivery/tracker_probe.h"
#include "src/spool/state_directory.h"

namespace hushlog {
namespace {

constexpr std::uintmax_t kLittleRoomMb = 256;

void TellMistakes(std::string_view subject, const std::string& mistakes, CheckReport* report) {
  std::istringstream lines(mistakes);
  for (std::string line; std::getline(lines, line);) report->Error(subject, line, kExitUsage);
}

std::optional<Config> CheckConfiguration(const std::string& path, CheckReport* report) {
  constexpr std::string_view kSubject = "configuration";
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    report->Error(kSubject, fmt::format("there is no {}; to write one: hushlog init --config {}", path, path),
                  kExitUsage);
    return std::nullopt;
  }
  try {
    Config config = LoadConfig(path);
    report->Ok(kSubject, fmt::format("{}; sources: {}, targets that are on: {}", path, config.sources.size(),
                                     config.targets.size()));
    for (const std::string& warning : config.warnings) report->Warn(kSubject, warning);
    if (config.sources.empty()) report->Warn(kSubject, "there is no [[source]]: tail has nothing to follow");
    if (config.targets.empty()) report->Ok(kSubject, "no target is on: totals are kept here, and nothing leaves");
    return config;
  } catch (const ConfigError& error) {
    TellMistakes(kSubject, error.what(), report);
    return std::nullopt;
  }
}

// Those of tokens are told by LoadConfig.
void CheckSecrets(const std::string& path, const Config& config, CheckReport* report) {
  const bool has_password = std::ranges::any_of(
      config.targets, [](const TargetConfig& target) { return target.proxy.find('@') != std::string::npos; });
  struct stat status {};
  if (!has_password || ::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
  report->Warn("configuration",
               fmt::format("everybody on this machine can read the password of a proxy; run: chmod 600 {}", path));
}

std::shared_ptr<const RuleSet> CheckRules(const std::string& directory, CheckReport* report) {
  try {
    const std::vector<SiteRules> site = ReadSiteRules(directory);
    std::shared_ptr<const RuleSet> rules = RuleSet::Load(site);
    report->Ok("rules", site.empty()
                            ? "those that are shipped"
                            : fmt::format("those that are shipped, and {} files of {}", site.size(), directory));
    return rules;
  } catch (const ConfigError& error) {
    TellMistakes("rules", error.what(), report);
    return nullptr;
  }
}

bool IsWritable(const std::filesystem::path& directory) {
  return faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

// The directory itself, or where it will be made.
std::filesystem::path ExistingPartOf(const std::string& directory) {
  std::filesystem::path path = std::filesystem::absolute(directory).lexically_normal();
  std::error_code ignored;
  while (path.has_relative_path() && !std::filesystem::exists(path, ignored)) path = path.parent_path();
  return path;
}

void CheckRoom(const std::filesystem::path& path, CheckReport* report) {
  std::error_code error;
  const std::uintmax_t megabytes = std::filesystem::space(path, error).available >> 20;
  if (error) return;
  const std::string text = fmt::format("{} MB are free", megabytes);
  if (megabytes >= kLittleRoomMb) return report->Ok("state directory", text);
  report->Warn("state directory", text + ": hits wait there while a target is down; make room, or move state_dir");
}

void CheckMode(const std::string& directory, CheckReport* report) {
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0 || (status.st_mode & kOthers) == 0) return;
  const std::string text = fmt::format("others than its owner may use {}; run: chmod 700 {}", directory, directory);
  if ((status.st_mode & S_IWOTH) != 0) return report->Error("state directory", text, kExitFailed);
  report->Warn("state directory", text);
}

void CheckStateDirectory(const std::string& directory, CheckReport* report) {
  constexpr std::string_view kSubject = "state directory";
  const std::filesystem::path existing = ExistingPartOf(directory);
  if (!std::filesystem::is_directory(existing) || !IsWritable(existing)) {
    return report->Error(
        kSubject,
        fmt::format("{} cannot be written to: run hushlog as a user who may, or set state_dir", existing.string()),
        kExitFailed);
  }
  const int process = HolderOf(directory);
  if (process != 0) {
    report->Ok(kSubject,
               fmt::format("{} is in use by hushlog, process {}: it runs, and that is fine", directory, process));
  } else if (std::filesystem::exists(directory)) {
    report->Ok(kSubject, fmt::format("{} can be written to, and is not in use", directory));
  } else {
    report->Ok(kSubject, fmt::format("{} is made by the first import or tail", directory));
  }
  CheckMode(directory, report);
  CheckRoom(existing, report);
}

void CheckTarget(const TargetConfig& target, CheckReport* report) {
  const std::string subject = fmt::format("target '{}'", target.name);
  for (const ProbeFinding& finding : ProbeTracker(target)) {
    switch (finding.grade) {
      case ProbeFinding::Grade::kGood:
        report->Ok(subject, finding.text);
        break;
      case ProbeFinding::Grade::kDoubtful:
        report->Warn(subject, finding.text);
        break;
      case ProbeFinding::Grade::kBad:
        report->Error(subject, finding.text, kExitTarget);
        break;
    }
  }
}

void CheckAll(const std::string& path, bool online, CheckReport* report) {
  const std::optional<Config> config = CheckConfiguration(path, report);
  if (!config) return;
  CheckSecrets(path, *config, report);
  CheckStateDirectory(config->state_dir.empty() ? DefaultStateDir() : config->state_dir, report);
  const std::shared_ptr<const RuleSet> rules = CheckRules(config->rules_dir, report);
  const std::optional<TrustedProxies> proxies = ProxiesOf(*config);
  if (rules != nullptr) {
    for (const SourceConfig& source : config->sources) {
      CheckSource(source, *rules, proxies ? &*proxies : nullptr, report);
    }
  }
  for (const TargetConfig& target : config->targets) {
    if (online) CheckTarget(target, report);
  }
}

}  // namespace

CLI::App* AddCheckCommand(CLI::App& app, CheckOptions* options) {
  CLI::App* command = app.add_subcommand("check", "Check configuration, logs, state directory and targets");
  AddConfig(*command, &options->config)
      ->description(
          "Configuration file (TOML); default: /etc/hushlog/hushlog.toml for root, else "
          "~/.config/hushlog/hushlog.toml");
  command->add_flag("--online", options->online, "Also ask the targets, with requests that record nothing");
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer(
      "Examples:\n"
      "  hushlog check --online\n"
      "  hushlog check --config hushlog.toml --json");
  return command;
}

int RunCheck(const CheckOptions& options) {
  CheckReport report(options.json);
  CheckAll(options.config.empty() ? DefaultConfigFile() : options.config, options.online, &report);
  return report.Finish();
}

}  // namespace hushlog
