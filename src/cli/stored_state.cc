#include "src/cli/stored_state.h"

#include <fmt/format.h>

#include <cstdio>

namespace hushlog {

std::unique_ptr<Store> OpenStore(const std::string& directory) {
  std::unique_ptr<Store> store = Store::Open(directory);
  if (!store->notice().empty()) fmt::print(stderr, "hushlog: warning: {}\n", store->notice());
  return store;
}

void WriteSideCheckpoint(Store& store) {
  try {
    store.WriteSideCheckpoint();
  } catch (const StoreFull& error) {
    fmt::print(stderr, "hushlog: warning: the side checkpoint is an old one: {}\n", error.what());
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
