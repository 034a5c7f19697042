// Killed at each failpoint, each time from the first start on.
#include "src/base/failpoint.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/rig.h"

namespace hushlog {
namespace {

using test::Rig;

// Answers that say that nothing was recorded, or nothing of it, or the wrong thing.
constexpr const char* kTroubled =
    "ok*2,502-committed,ok*3,503,ok*3,close-committed,ok*4,rolled-back,ok*2,504,slow:20*4,close,ok*9,500-committed";
// Also files that were rotated before hushlog knew that it follows the log.
constexpr const char* kPattern = "access.log*";
constexpr int kFirstRuns = 3;
constexpr int kPasses = 4;
constexpr int kCrashes = 6;

// `other`: a point that is passed with the other policy only.
void KillAtEach(Rig::Ambiguous policy, std::string_view other) {
  for (const std::string_view failpoint : kFailpoints) {
    CAPTURE(std::string(failpoint));
    Rig rig(policy, kTroubled, kPattern);
    bool killed = false;  // a run can end in trouble, before the answer that leads to the point
    for (int run = 0; run < kFirstRuns && !killed; ++run) killed = rig.RunUntil(failpoint, 1);
    if (failpoint != other) CHECK(killed);
    for (int pass = 2; pass <= kPasses; ++pass) (void)rig.RunUntil(failpoint, pass);
    (void)rig.RunUntil(failpoint, 1);  // with all that is in the state directory by now
    rig.FinishAndCheck();
  }
}

TEST_CASE("39-44, 63: killed at any point, with answers that are lost: each hit is recorded or parked") {
  KillAtEach(Rig::Ambiguous::kPark, "answer-lost");
}

TEST_CASE("39-44, 63: killed at any point, with answers that are lost and repeated requests: copies are bounded") {
  KillAtEach(Rig::Ambiguous::kResend, "put-aside");
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
