#include "src/cli/status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/option_values.h"
#include "src/cli/status_text.h"
#include "src/cli/stored_state.h"
#include "src/spool/state_directory.h"

namespace hushlog {
namespace {

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string PathIn(const std::string& directory) { return directory + "/hushlog-status.json"; }

std::string StoredStatus(const std::string& directory) {
  const std::unique_ptr<Store> store = OpenStore(directory);
  StatusReport report;
  report.time_ms = NowMs();
  report.counters = store->IngestLedger();
  report.targets = store->Targets();
  return ToJson(report);
}

// Of the process that has the state directory.
std::string StatusOf(int process, const std::string& directory) {
  std::ifstream file(PathIn(directory), std::ios::binary);
  std::string json{std::istreambuf_iterator<char>(file), {}};
  if (json.find(fmt::format("\"process\":{},", process)) != json.npos) return json;
  throw StoreError(fmt::format(
      "process {} uses the state directory {} and tells no status: an import, or a tail that begins or ends", process,
      directory));
}

}  // namespace

StatusFile::StatusFile(std::string directory) : path_(PathIn(directory)) {}

StatusFile::~StatusFile() { (void)unlink(path_.c_str()); }

void StatusFile::Write(const StatusReport& report) noexcept {
  try {
    const std::string json = ToJson(report), unfinished = path_ + ".new";
    (void)unlink(unfinished.c_str());
    const int fd = OpenPrivateFile(unfinished);
    const bool written = ::write(fd, json.data(), json.size()) == static_cast<ssize_t>(json.size());
    close(fd);
    if (written) (void)std::rename(unfinished.c_str(), path_.c_str());
  } catch (const std::exception&) {  // the next one may succeed
  }
}

CLI::App* AddStatusCommand(CLI::App& app, StatusOptions* options) {
  CLI::App* command = app.add_subcommand("status", "Show what is followed, what waits for targets, and the ledger");
  AddConfig(*command, &options->config)->description("Configuration file (TOML), for its state_dir");
  AddStateDir(*command, &options->state_dir);
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->footer(
      "Example:\n"
      "  hushlog status --config /etc/hushlog/hushlog.toml");
  return command;
}

int RunStatus(const StatusOptions& options) {
  const std::string directory = StateDirOf(options.state_dir, options.config);
  const int process = HolderOf(directory);
  if (process == 0 && !HasState(directory)) {
    Tell(fmt::format("error: {}", NoState(directory)));
    return kExitFailed;
  }
  const std::string json = process != 0 ? StatusOf(process, directory) : StoredStatus(directory);
  fmt::print("{}", options.json ? json : StatusText(json, NowMs()));
  if (!IsSound(json, NowMs())) return kExitFailed;
  return TellsTrouble(json) ? kExitTarget : kExitDone;
}

}  // namespace hushlog
