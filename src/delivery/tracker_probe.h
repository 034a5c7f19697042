// Asks a target whether it would take hits, with requests that record nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/delivery/clock.h"
#include "src/delivery/deliverer.h"

namespace hushlog {

// One request, without the token. Empty if a Matomo tracker answers that has the site; else what is wrong and what to
// do, in a sentence that like TargetResult::message holds no secret. Takes 20 seconds at most, or the timeout of the
// target if that is less. Throws as HttpClient does.
std::string AskTracker(const TargetConfig& target, Clock& clock = SystemClock());

// For the user: what was found, and what to do.
struct ProbeFinding {
  enum class Grade : std::uint8_t { kGood, kDoubtful, kBad };  // kBad: no hits can be delivered
  Grade grade = Grade::kGood;
  std::string text;
};

// Whether it answers as a tracker that has the site; its clock; how large a request may be; whether the token works for
// old hits and addresses. Three requests at most, one of them with the token: Matomo locks a machine out after 20
// refusals. Throws as HttpClient does.
std::vector<ProbeFinding> ProbeTracker(const TargetConfig& target, Clock& clock = SystemClock());

}  // namespace hushlog
