// Which targets get which hits.
#pragma once

#include <vector>

#include "src/delivery/deliverer.h"
#include "src/spool/store.h"

namespace hushlog {

// Targets that get the same hits, which are then stored once for all of them. Identified hits are only ever stored for
// targets that get nothing else.
struct Subscribers {
  Audience audience = 0;
  bool reports = false;        // the uses of reports, too
  bool identified = false;     // user, title and URL as they are
  Audience system_report = 0;  // those of them that get system reports
  Audience with_token = 0;     // those that take hits of any age
};

// Makes exactly these targets active (Store::SetActiveTargets), and groups them. *ids are theirs, in the same order.
// Throws StoreError, also if a target that got anonymous hits shall get identified ones or the other way round.
std::vector<Subscribers> Subscribe(Store& store, const std::vector<TargetConfig>& targets,
                                   std::vector<std::int64_t>* ids);

bool AnyIdentified(const std::vector<TargetConfig>& targets);

}  // namespace hushlog
