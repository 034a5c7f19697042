#include "src/cli/stored_state.h"

namespace hushlog {

KnownSources SourcesOf(Store& store) {
  KnownSources known;
  for (const StoredSource& source : store.Sources()) {
    Checkpoint checkpoint;
    if (Checkpoint::Decode(source.checkpoint, &checkpoint)) known.Set(source.id, checkpoint);
  }
  return known;
}

}  // namespace hushlog
