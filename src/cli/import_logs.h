// The options of Matomo's import_logs.py, of which commands are copied.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string_view>

namespace hushlog {

struct ImportLogsOption {
  enum class Kind { kSame, kOther };
  std::string_view name;  // without "--"
  Kind kind;              // kSame: hushlog import has one of this name that means the same
  std::string_view text;  // a sentence: what it does here, or what to do instead
};

std::span<const ImportLogsOption> ImportLogsOptions();

// Gives `command` those that it has not, hidden: whoever uses one is told what to do instead (ConfigError). An option
// of the same name and another meaning is left alone.
void RefuseImportLogsOptions(CLI::App& command);

}  // namespace hushlog
