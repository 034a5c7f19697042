#include "src/cli/option_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "src/base/nearest.h"
#include "src/base/tell.h"

namespace hushlog {
namespace {

template <typename T>
bool IsBetween(const std::string& text, T least, T most) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
}

}  // namespace

CLI::Validator AnyWholeNumber(std::int64_t least, std::int64_t most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        return IsBetween(text, least, most) ? "" : fmt::format("needs a whole number from {} to {}", least, most);
      },
      "");
}

CLI::Validator AnyNumber(double least, double most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        return IsBetween(text, least, most) ? "" : fmt::format("needs a number from {} to {}", least, most);
      },
      "");
}

CLI::Validator OneOf(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& text) -> std::string {
        if (std::ranges::find(words, text) != words.end()) return "";
        return fmt::format("needs one of: {}{}", fmt::join(words, ", "),
                           DidYouMean(text, {words.begin(), words.end()}));
      },
      "");
}

CLI::Option* AddConfig(CLI::App& command, std::string* file) {
  return command.add_option("-c,--config", *file, "Configuration file (TOML)")->type_name("FILE");
}

CLI::Option* AddStateDir(CLI::App& command, std::string* directory) {
  return command.add_option("--state-dir", *directory, "Directory of the state database")->type_name("DIR");
}

CLI::Option* AddRules(CLI::App& command, std::string* directory) {
  return command.add_option("--rules", *directory, "Directory with rule files of the site")->type_name("DIR");
}

CLI::Option* AddFormat(CLI::App& command, std::string* format) {
  return command.add_option("-f,--format", *format, "Name or format string of the log format, or auto")
      ->type_name("FORMAT");
}

void AddLog(CLI::App& command, LogOptions* options) {
  CLI::Option* quiet = command.add_flag("-q,--quiet", options->quiet, "Tell only warnings and errors");
  command.add_flag("-v,--verbose", options->verbose, "Tell more")->excludes(quiet);
  command.add_option("--log-format", options->format, "How it is told: text, or json, an object a line")
      ->type_name("FORM")
      ->check(OneOf({"text", "json"}));
}

void UseLog(const LogOptions& options) {
  using Amount = LogStyle::Amount;
  const Amount amount = options.quiet ? Amount::kQuiet : options.verbose ? Amount::kVerbose : Amount::kUsual;
  SetLogStyle({amount, options.format == "json"});
}

}  // namespace hushlog
