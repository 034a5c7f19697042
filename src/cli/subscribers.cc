#include "src/cli/subscribers.h"

#include <algorithm>
#include <string>

namespace hushlog {

std::vector<Subscribers> Subscribe(Store& store, const std::vector<TargetConfig>& targets,
                                   std::vector<std::int64_t>* ids) {
  std::vector<std::string> names;
  for (const TargetConfig& target : targets) names.push_back(target.name);
  *ids = store.SetActiveTargets(names);
  std::vector<Subscribers> all;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    store.SetIdentified((*ids)[i], targets[i].identified);
    const auto same = std::ranges::find_if(all, [&](const Subscribers& group) {
      return group.reports == targets[i].reports && group.identified == targets[i].identified;
    });
    const Audience audience = AudienceOf((*ids)[i]);
    if (same != all.end()) {
      same->audience |= audience;
    } else {
      all.push_back({audience, targets[i].reports, targets[i].identified});
    }
  }
  return all;
}

bool AnyIdentified(const std::vector<TargetConfig>& targets) {
  return std::ranges::any_of(targets, &TargetConfig::identified);
}

}  // namespace hushlog
