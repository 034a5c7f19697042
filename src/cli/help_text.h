// What --help prints, made to fit a terminal of 80 columns.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace hushlog {

// Commands below `app`, without groups of options, which are apps without a name.
std::vector<const CLI::App*> SubcommandsOf(const CLI::App& app);
// Also those of groups of options, but not hidden ones.
std::vector<const CLI::Option*> OptionsOf(const CLI::App& app);
// "-c" and "--config"; none for a positional.
std::vector<std::string> NamesOf(const CLI::Option& option);
// "FILE"; empty for a flag.
std::string ValueOf(const CLI::Option& option);

class HelpText : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace hushlog
