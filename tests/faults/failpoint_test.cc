// Killed at each failpoint, each time from the first start on.
#include "src/base/failpoint.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/faults/rig.h"

namespace hushlog {
namespace {

using test::Rig;

// Answers that say nothing of what was recorded, or the wrong thing.
constexpr const char* kTroubled = "ok*2,502-committed,ok*5,close-committed,ok*6,504,slow:20*4,close,ok*9,500-committed";
// Also files that were rotated before hushlog knew that it follows the log.
constexpr const char* kPattern = "access.log*";
constexpr int kPasses = 4;
constexpr int kCrashes = 6;

void KillAtEach(Rig::Ambiguous policy, bool each_is_passed) {
  for (const std::string_view failpoint : kFailpoints) {
    CAPTURE(std::string(failpoint));
    Rig rig(policy, kTroubled, kPattern);
    const bool killed = rig.RunUntil(failpoint, 1);
    if (each_is_passed) CHECK(killed);
    for (int pass = 2; pass <= kPasses; ++pass) (void)rig.RunUntil(failpoint, pass);
    (void)rig.RunUntil(failpoint, 1);  // with all that is in the state directory by now
    rig.FinishAndCheck();
  }
}

TEST_CASE("39-44, 63: killed at any point, with answers that are lost: each hit is recorded or parked") {
  KillAtEach(Rig::Ambiguous::kPark, true);
}

TEST_CASE("39-44, 63: killed at any point, with answers that are lost and repeated requests: copies are bounded") {
  KillAtEach(Rig::Ambiguous::kResend, false);
}

TEST_CASE("45: killed at the same point at each start: what comes after is complete, and nothing is left over") {
  for (const std::string_view failpoint : kFailpoints) {
    CAPTURE(std::string(failpoint));
    Rig rig(Rig::Ambiguous::kPark, "", kPattern);
    for (int crash = 0; crash < kCrashes; ++crash) {
      (void)rig.RunUntil(failpoint, 1);
      if (crash % 3 == 2) (void)rig.RunUntil("acknowledged", 2);  // something is done now and then
    }
    rig.FinishAndCheck();
    CHECK(rig.StateFiles() == std::vector<std::string>{"hushlog-checkpoint.db", "hushlog.db", "hushlog.lock"});
  }
}

}  // namespace
}  // namespace hushlog
