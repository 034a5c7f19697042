// What values of options may be. The sentences say what is expected.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace hushlog {

CLI::Validator AnyWholeNumber(std::int64_t least, std::int64_t most);
// May have a fraction.
CLI::Validator AnyNumber(double least, double most);
CLI::Validator OneOf(std::vector<std::string> words);

// The largest number of a site that Matomo can have.
inline constexpr std::int64_t kMostSites = 0x7fffffff;

// The options that several commands have, with the same meaning.
CLI::Option* AddConfig(CLI::App& command, std::string* file);
CLI::Option* AddStateDir(CLI::App& command, std::string* directory);
CLI::Option* AddRules(CLI::App& command, std::string* directory);
CLI::Option* AddFormat(CLI::App& command, std::string* format);

// How much is told, and in which form.
struct LogOptions {
  bool quiet = false;
  bool verbose = false;
  std::string format = "text";
};
void AddLog(CLI::App& command, LogOptions* options);
void UseLog(const LogOptions& options);

}  // namespace hushlog
