#include "src/cli/stored_state.h"

#include <fmt/format.h>

#include <cstdio>

#include "src/base/tell.h"

namespace hushlog {

std::unique_ptr<Store> OpenStore(const std::string& directory) {
  std::unique_ptr<Store> store = Store::Open(directory);
  if (!store->notice().empty()) Tell(fmt::format("warning: {}", store->notice()));
  return store;
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
