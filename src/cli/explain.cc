#include "src/cli/explain.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "parsers/log_format.h"
#include "src/base/stop_signal.h"
#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/explainer.h"
#include "src/cli/format_names.h"
#include "src/cli/option_values.h"
#include "src/cli/printable.h"
#include "src/cli/site_rules.h"
#include "src/input/paths.h"
#include "src/input/source.h"

namespace hushlog {
namespace {

bool WantsColor(const std::string& choice) {
  if (choice != "auto") return choice == "always";
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org
  return ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

// Null, and *error says why, if no format fits.
std::shared_ptr<const LogFormat> FormatOf(const std::string& choice, const RuleSet& rules, const Chunk& chunk,
                                          std::string* error) {
  if (choice != "auto") return std::make_shared<const LogFormat>(CompileFormat(choice, rules.extra_fields()));
  Detection detection = DetectFormat(chunk.text(), rules.extra_fields());
  if (detection.format == nullptr) *error = fmt::format("{}{}", detection.message, kGiveFormat);
  return std::move(detection.format);
}

// False, and *error says why, if it cannot be read to its end.
bool ExplainFile(const std::string& path, const std::string& format_choice, const RuleSet& rules, Explainer* explainer,
                 std::string* error) {
  const std::unique_ptr<Source> source = OpenSource(path, {}, error);
  if (source == nullptr) return false;
  std::shared_ptr<const LogFormat> format;
  Chunk chunk;
  ReadResult result = ReadResult::kChunk;
  while (StopSignal() == 0 && (result = source->Next(&chunk)) == ReadResult::kChunk) {
    if (chunk.text().empty()) continue;
    if (format == nullptr && (format = FormatOf(format_choice, rules, chunk, error)) == nullptr) {
      *error = fmt::format("{}: {}", source->name(), *error);
      return false;
    }
    explainer->Explain(source->name(), format, chunk.text());
  }
  *error = source->error();
  return error->empty();
}

}  // namespace

CLI::App* AddExplainCommand(CLI::App& app, ExplainOptions* options) {
  CLI::App* command = app.add_subcommand("explain", "Show line by line what a log means and what would be sent");
  command->add_option("FILE", options->files, "Logs: files, patterns, - for standard input; may be compressed")
      ->required();
  AddConfig(*command, &options->config);
  AddRules(*command, &options->rules_dir);
  AddFormat(*command, &options->format);
  command->add_flag("--fields", options->fields, "Also what became of each field of a line");
  command->add_flag("--all", options->all, "Also lines that are no use: assets, trackers, ...");
  command->add_option("--color", options->color, "auto (unless NO_COLOR is set), always or never")
      ->type_name("WHEN")
      ->check(OneOf({"auto", "always", "never"}));
  command->footer(
      "Examples:\n"
      "  hushlog explain access.log | less\n"
      "  hushlog explain --fields --all access.log");
  return command;
}

int RunExplain(const ExplainOptions& options) {
  InstallStopSignals();
  Config config;
  if (!options.config.empty()) config = LoadConfig(options.config, Tokens::kLeave);
  const std::shared_ptr<const RuleSet> rules =
      LoadRules(options.rules_dir.empty() ? config.rules_dir : options.rules_dir);
  const std::optional<TrustedProxies> proxies = ProxiesOf(config);
  Explainer explainer(*rules, stdout, {WantsColor(options.color), options.fields, options.all}, config.max_visits,
                      config.targets, proxies ? &*proxies : nullptr);
  ExpandedPaths expanded = ExpandPaths(options.files);
  for (const std::string& path : expanded.paths) {
    std::string error;
    if (!ExplainFile(path, options.format, *rules, &explainer, &error)) expanded.errors.push_back(std::move(error));
  }
  explainer.Finish();
  for (const std::string& error : expanded.errors) Tell(fmt::format("error: {}", Printable(error)));
  if (StopSignal() != 0) return kExitSignal + StopSignal();
  return expanded.errors.empty() ? kExitDone : kExitUnreadable;
}

}  // namespace hushlog
