// hushlog import: reads logs, keeps or shows the hits, delivers them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/cli/option_values.h"

namespace CLI {
class App;
}

namespace hushlog {

struct ImportOptions {
  std::string config;
  std::string state_dir;
  std::string rules_dir;
  std::string format;
  int jobs = 0;  // 0: as many as the machine has cores
  std::string url;
  std::uint32_t site_id = 0;
  std::string token_file;
  std::string token;  // from the command line: told to be unwise
  int lanes = 0;      // 0: the default of TargetConfig; likewise
  std::size_t batch_rows = 0;
  int request_timeout_s = 0;
  int max_attempts = 0;     // 0: the default of TargetConfig
  double retry_delay = -1;  // seconds; negative: the default of TargetConfig
  bool dry_run = false;
  std::string target;  // whose hits a dry run shows; empty: what all anonymous ones together may get
  std::string output;
  std::string summary_json;
  bool complete = false;
  LogOptions log;
  std::vector<std::string> files;
};

// Adds the command with its options to `app`; values go to *options.
CLI::App* AddImportCommand(CLI::App& app, ImportOptions* options);

// Returns the exit status (exit_status.h).
int RunImport(const ImportOptions& options);

}  // namespace hushlog
