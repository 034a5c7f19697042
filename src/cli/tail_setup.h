// What hushlog tail works with, and whether it can go on with another configuration.
#pragma once

#include <string>

#include "src/cli/config.h"
#include "src/cli/tail.h"
#include "src/input/follower.h"
#include "src/spool/store.h"

namespace hushlog {

struct TailSetup {
  std::string text;  // of the configuration file
  Config config;
  std::string state_dir;
};

// Throws ConfigError, also if there is nothing to follow.
TailSetup LoadTailSetup(const TailOptions& options);

// Throws ConfigError if a process that starts anew with `after` would fail, though one with `before` runs.
void CheckChange(Store& store, const TailSetup& before, const TailSetup& after);

// Half of the files that the process may open: the rest is for connections and the database.
Follower::Options FollowerOptions();

}  // namespace hushlog
