#include "src/cli/targets.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "src/base/nearest.h"
#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/option_values.h"
#include "src/cli/stored_state.h"
#include "src/spool/store.h"

namespace hushlog {
namespace {

std::int64_t TargetNamed(Store& store, const std::string& name) {
  const std::vector<TargetStatus> targets = store.Targets();
  const auto found = std::ranges::find(targets, name, &TargetStatus::name);
  if (found == targets.end()) {
    std::vector<std::string_view> names;
    for (const TargetStatus& target : targets) names.push_back(target.name);
    std::string hint = DidYouMean(name, names);
    if (hint.empty()) hint = "; for a list: hushlog targets";
    throw ConfigError(fmt::format("there is no target '{}'{}", name, hint));
  }
  return found->id;
}

void Show(Store& store, const TargetStatus& target) {
  const TargetLedger& ledger = target.ledger;
  fmt::print("{}{}\n", target.name, target.active ? "" : " (not configured any more)");
  fmt::print("  {} hits: {} tracked, {} pending, {} refused as invalid, {} unaccounted, {} parked, {} undeliverable\n",
             ledger.hits, ledger.tracked, ledger.pending, ledger.invalid, ledger.unaccounted, ledger.parked,
             ledger.dead);
  for (const KeptRows& rows : store.KeptRowsOf(target.id)) {
    fmt::print("  {} {}: {}\n", rows.rows, rows.parked ? "parked" : "undeliverable", rows.reason);
  }
  if (!target.trouble.empty()) fmt::print("  {}\n", target.trouble);
}

}  // namespace

CLI::App* AddTargetsCommand(CLI::App& app, TargetsOptions* options) {
  CLI::App* command = app.add_subcommand("targets", "Show what targets have got, and settle hits that were put aside");
  AddConfig(*command, &options->config)->description("Configuration file (TOML), for its state_dir");
  AddStateDir(*command, &options->state_dir);
  CLI::Option_group* actions = command->add_option_group("actions");
  actions->add_option("--resend-parked", options->resend, "Send the parked hits of this target with the next import")
      ->type_name("NAME");
  actions->add_option("--forget-parked", options->forget, "Count the parked hits of this target as unaccounted")
      ->type_name("NAME");
  actions->add_option("--retire", options->retire, "Give up what is pending for this target")->type_name("NAME");
  actions->require_option(0, 1);
  command->footer(
      "Examples:\n"
      "  hushlog targets\n"
      "  hushlog targets --resend-parked own");
  return command;
}

int RunTargets(const TargetsOptions& options) {
  const std::string directory = StateDirOf(options.state_dir, options.config);
  if (!HasState(directory)) {
    Tell(fmt::format("note: {}", NoState(directory)));
    return kExitDone;
  }
  const std::unique_ptr<Store> store = OpenStore(directory);
  if (!options.resend.empty()) {
    const std::int64_t rows = store->ReleaseParked(TargetNamed(*store, options.resend), true);
    fmt::print("{} parked hits will be sent with the next import\n", rows);
  }
  if (!options.forget.empty()) {
    const std::int64_t rows = store->ReleaseParked(TargetNamed(*store, options.forget), false);
    fmt::print("{} parked hits are counted as unaccounted\n", rows);
  }
  if (!options.retire.empty()) store->RetireTarget(TargetNamed(*store, options.retire));
  for (const TargetStatus& target : store->Targets()) Show(*store, target);
  return kExitDone;
}

}  // namespace hushlog
