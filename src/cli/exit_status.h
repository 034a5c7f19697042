// What the exit status of hushlog says. Scripts rely on it: never change a meaning.
#pragma once

namespace hushlog {

enum ExitStatus : int {
  kExitDone = 0,
  kExitFailed = 1,      // e.g. the state directory cannot be written
  kExitUsage = 2,       // command line or configuration
  kExitRejected = 3,    // done, but some hits were refused, parked or undeliverable
  kExitUnreadable = 4,  // some input could not be read; the rest was
  kExitTarget = 5,      // a target is unreachable or refuses hits; they are kept for the next run
  kExitForeign = 6,     // audit: something is not in the egress grammar, or a chain of copies is broken
  kExitSignal = 128,    // + number of the signal, after a clean checkpoint
};

}  // namespace hushlog
