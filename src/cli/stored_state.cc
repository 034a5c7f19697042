#include "src/cli/stored_state.h"

#include <fmt/format.h>

#include <filesystem>

#include "src/base/tell.h"
#include "src/spool/state_directory.h"

namespace hushlog {

std::unique_ptr<Store> OpenStore(const std::string& directory) {
  std::unique_ptr<Store> store;
  try {
    store = Store::Open(directory);
  } catch (const StoreError&) {
    const int process = HolderOf(directory);
    if (process == 0) throw;
    throw StoreError(fmt::format(
        "the state directory {0} is in use by another hushlog (process {1}), a tail or an import; to see how "
        "it does: hushlog status --state-dir {0}; for anything else wait for its end, or stop it",
        directory, process));
  }
  if (!store->notice().empty()) Tell(fmt::format("warning: {}", store->notice()));
  return store;
}

bool HasState(const std::string& directory) { return std::filesystem::exists(directory + "/hushlog.db"); }

std::string NoState(const std::string& directory) {
  return fmt::format(
      "there is no state database in {}: nothing was imported or followed yet, or it is another directory "
      "(--state-dir, "
      "--config)",
      directory);
}

void WriteSideCheckpoint(Store& store) {
  try {
    store.WriteSideCheckpoint();
  } catch (const StoreFull& error) {
    Tell(fmt::format("warning: the side checkpoint is an old one: {}", error.what()));
  }
}

KnownSources SourcesOf(Store& store) {
  KnownSources known;
  for (const StoredSource& source : store.Sources()) {
    Checkpoint checkpoint;
    if (Checkpoint::Decode(source.checkpoint, &checkpoint)) known.Set(source.id, checkpoint);
  }
  return known;
}

}  // namespace hushlog
