#include "src/cli/tail_setup.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "rules/config_error.h"

namespace hushlog {
namespace {

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TailSetup LoadTailSetup(const TailOptions& options) {
  TailSetup setup{TextOf(options.config), LoadConfig(options.config), options.state_dir};
  if (setup.config.sources.empty()) {
    throw ConfigError("nothing to follow: there is no [[source]] in the configuration");
  }
  if (setup.state_dir.empty()) setup.state_dir = setup.config.state_dir;
  if (setup.state_dir.empty()) setup.state_dir = DefaultStateDir();
  return setup;
}

void CheckChange(Store& store, const TailSetup& before, const TailSetup& after) {
  if (before.state_dir != after.state_dir) throw ConfigError("another state_dir needs a restart");
  for (const TargetStatus& target : store.Targets()) {
    const auto found = std::ranges::find(after.config.targets, target.name, &TargetConfig::name);
    if (found == after.config.targets.end() || target.ledger.hits == 0) continue;
    if (found->identified == target.identified) continue;
    throw ConfigError(fmt::format(
        "the target '{}' has got hits of the other kind: give the one with another 'anonymize' another name",
        target.name));
  }
}

Follower::Options FollowerOptions() {
  constexpr rlim_t kMost = 512;
  Follower::Options options;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) options.max_open = std::min(limit.rlim_cur / 2, kMost);
  return options;
}

}  // namespace hushlog
