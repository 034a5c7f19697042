#include "src/cli/report.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <memory>

#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/stored_state.h"
#include "src/spool/store.h"
#include "src/usage/report.h"
#include "src/usage/totals.h"

namespace hushlog {
namespace {

std::int32_t ParseDay(std::string_view option, const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const char* end = text.data() + text.size();
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                      text.find_first_not_of("0123456789-") == std::string::npos &&
                      std::count(text.begin(), text.end(), '-') == 2;
  if (shaped) {
    std::from_chars(text.data(), text.data() + 4, year);
    std::from_chars(text.data() + 5, text.data() + 7, month);
    std::from_chars(text.data() + 8, end, day);
  }
  const auto date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
  if (!date.ok()) throw ConfigError(fmt::format("{} needs a date like 2026-11-23", option));
  return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

}  // namespace

CLI::App* AddReportCommand(CLI::App& app, ReportOptions* options) {
  CLI::App* command = app.add_subcommand("report", "Print what was used, from the state database");
  command->add_option("-c,--config", options->config, "Configuration file (TOML), for its state_dir");
  command->add_option("--state-dir", options->state_dir, "Directory of the state database");
  command->add_option("--from", options->from, "First day, YYYY-MM-DD");
  command->add_option("--to", options->to, "Last day, YYYY-MM-DD");
  command->add_flag("--json", options->json, "One JSON object instead of tables");
  command->add_flag("-a,--all", options->all, "All rows of each table, not only the first");
  return command;
}

int RunReport(const ReportOptions& options) {
  constexpr std::size_t kRows = 15;
  const std::string directory = StateDirOf(options.state_dir, options.config);
  UsagePeriod period;
  if (!options.from.empty()) period.first = ParseDay("--from", options.from);
  if (!options.to.empty()) period.last = ParseDay("--to", options.to);
  if (period.first > period.last) throw ConfigError("--from is later than --to");
  UsageReport report;
  if (std::filesystem::exists(directory)) {  // a reader makes no state
    const std::unique_ptr<Store> store = OpenStore(directory);
    Totals::CreateTables(store->database());
    report = LoadUsageReport(store->database(), period);
  }
  fmt::print("{}", options.json ? ToJson(report) : ToText(report, options.all ? 0 : kRows));
  return kExitDone;
}

}  // namespace hushlog
