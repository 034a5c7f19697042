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
    auto group = std::ranges::find_if(all, [&](const Subscribers& one) {
      return one.reports == targets[i].reports && one.identified == targets[i].identified;
    });
    if (group == all.end()) group = all.insert(all.end(), {0, targets[i].reports, targets[i].identified, 0, 0});
    const Audience audience = AudienceOf((*ids)[i]);
    group->audience |= audience;
    if (targets[i].system_report) group->system_report |= audience;
    if (!targets[i].token_auth.empty()) group->with_token |= audience;
  }
  return all;
}

bool AnyIdentified(const std::vector<TargetConfig>& targets) {
  return std::ranges::any_of(targets, &TargetConfig::identified);
}

}  // namespace hushlog
