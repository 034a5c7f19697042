// The part of the data flow that runs in the order of the lines: actions -> hits -> where they go.
#pragma once

#include <cstdint>

#include "rules/ui_action.h"
#include "src/cli/summary.h"
#include "src/input/checkpoint.h"

namespace hushlog {

// Thread-safety: none; belongs to the thread that runs the import.
class Consumer {
 public:
  virtual ~Consumer() = default;

  virtual void Consume(const ActionBatch& actions) = 0;
  // Everything before `checkpoint` of source `id` (0: a new one) has been consumed. Returns the id of the source: a new
  // one for 0, or 0 for a source that can never be found again (a pipe). Throws StoreError if it cannot be made
  // durable; it is then as if it had not been read.
  virtual std::int64_t Reached(std::int64_t id, const Checkpoint& checkpoint, const LineCounts& counts) = 0;
  // Nothing comes at the moment, from a pipe: what waits to be made durable need not wait for more. Throws StoreError.
  virtual void Idle() {}
  // Makes durable whatever is not. Throws StoreError.
  virtual void Finish() = 0;

  virtual std::int64_t hits() const = 0;
  // Visits of which less was remembered than came of them, because too many were open.
  virtual std::int64_t visits_closed_early() const = 0;
  // Hits that will come once it is known what follows.
  virtual std::int64_t hits_waiting() const = 0;
};

}  // namespace hushlog
