#include "src/cli/report.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/option_values.h"
#include "src/cli/stored_state.h"
#include "src/spool/store.h"
#include "src/usage/day_totals.h"
#include "src/usage/report.h"
#include "src/usage/report_html.h"
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

UsagePeriod PeriodOf(const ReportOptions& options) {
  UsagePeriod period;
  if (!options.from.empty()) period.first = ParseDay("--from", options.from);
  if (!options.to.empty()) period.last = ParseDay("--to", options.to);
  if (period.first > period.last) throw ConfigError("--from is later than --to");
  return period;
}

// Of an empty store if `store` is null.
std::string TextOf(const ReportOptions& options, Store* store, UsagePeriod period) {
  constexpr std::size_t kRows = 15;
  if (options.csv || !options.html.empty()) {
    std::vector<DayTotal> totals;
    if (store != nullptr) totals = LoadDayTotals(store->database(), period);
    return options.csv ? ToCsv(totals) : ToHtml(totals, KnownReports(*RuleSet::Shipped()));
  }
  const UsageReport report = store == nullptr ? UsageReport{} : LoadUsageReport(store->database(), period);
  return options.json ? ToJson(report) : ToText(report, options.all ? 0 : kRows);
}

void Write(std::FILE* file, std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (!written || std::fflush(file) != 0) throw std::runtime_error("the report cannot be written: is the disk full?");
}

// A file that is there stays as it was until the new one is whole; a device, pipe or link is written to.
void WriteFile(const std::string& path, std::string_view text) {
  const std::filesystem::file_status status = std::filesystem::symlink_status(path);
  const bool replaces = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  const std::string written = replaces ? path + ".part" : path;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(written.c_str(), "w"), &std::fclose);
  if (file == nullptr) throw std::runtime_error(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  try {
    Write(file.get(), text);
    if (replaces) std::filesystem::rename(written, path);
  } catch (...) {
    std::error_code ignored;
    if (replaces) std::filesystem::remove(written, ignored);
    throw;
  }
}

}  // namespace

CLI::App* AddReportCommand(CLI::App& app, ReportOptions* options) {
  CLI::App* command = app.add_subcommand("report", "Print what was used, from the state database");
  AddConfig(*command, &options->config)->description("Configuration file (TOML), for its state_dir");
  AddStateDir(*command, &options->state_dir);
  command->add_option("--from", options->from, "First day, YYYY-MM-DD")->type_name("DAY");
  command->add_option("--to", options->to, "Last day, YYYY-MM-DD")->type_name("DAY");
  CLI::Option* json = command->add_flag("--json", options->json, "One JSON object instead of tables");
  CLI::Option* csv = command->add_flag("--csv", options->csv, "A line for each day and name instead of tables");
  CLI::Option* html =
      command->add_option("--html", options->html, "Write one HTML page, which needs no network; - is standard output");
  html->type_name("FILE")->excludes(json)->excludes(csv);
  csv->excludes(json);
  command->add_flag("-a,--all", options->all, "All rows of each table, not only the first");
  command->footer(
      "Examples:\n"
      "  hushlog report --from 2026-11-01\n"
      "  hushlog report --html usage.html");
  return command;
}

int RunReport(const ReportOptions& options) {
  const UsagePeriod period = PeriodOf(options);
  const std::string directory = StateDirOf(options.state_dir, options.config);
  std::unique_ptr<Store> store;
  if (!HasState(directory)) {
    Tell(fmt::format("note: {}", NoState(directory)));
  } else {
    store = OpenStore(directory);
    Totals::CreateTables(store->database());
  }
  const std::string text = TextOf(options, store.get(), period);
  if (options.html.empty() || options.html == "-") {
    Write(stdout, text);
  } else {
    WriteFile(options.html, text);
  }
  return kExitDone;
}

}  // namespace hushlog
