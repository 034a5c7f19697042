// The command line of hushlog: every command with its options, and what runs it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <utility>
#include <vector>

namespace hushlog {

// Thread-safety: none.
class CommandLine {
 public:
  CommandLine();

  // For who describes it: man pages, completions.
  const CLI::App& app() const { return app_; }
  // Returns the exit status (exit_status.h). Throws what commands throw.
  int Run(int argc, char** argv);

 private:
  // The options live as long as the object.
  template <typename Options>
  void Add(CLI::App* (*add)(CLI::App&, Options*), int (*run)(const Options&));

  CLI::App app_;
  std::vector<std::pair<const CLI::App*, std::function<int()>>> commands_;
};

}  // namespace hushlog
