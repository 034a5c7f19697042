// Killed at each failpoint, each time from the first start on.
#include "src/base/failpoint.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/program.h"
#include "tests/faults/rig.h"
#include "tests/support/scripted_tracker.h"

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

// Which a log that is followed passes once a day only; they have a test of their own.
bool IsOfReports(std::string_view failpoint) { return failpoint == "before-report" || failpoint == "reported"; }

// `other`: a point that is passed with the other policy only.
void KillAtEach(Rig::Ambiguous policy, std::string_view other) {
  for (const std::string_view failpoint : kFailpoints) {
    CAPTURE(std::string(failpoint));
    if (IsOfReports(failpoint)) continue;
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

// Three days of an archive, each with one API call.
std::string ArchivedLog() {
  std::string log;
  for (const char* day : {"01/Oct/2025", "02/Oct/2025", "03/Oct/2025"}) {
    log += fmt::format(
        "192.0.2.1 - - [{}:10:00:00 +0000] \"GET /index.php?module=API&method=Actions.get&format=JSON&idSite=1 "
        "HTTP/1.1\" 200 9 \"-\" \"curl/8.0\"\n",
        day);
  }
  return log;
}

TEST_CASE("killed while days are reported: each of them is reported once") {
  for (const char* failpoint : {"before-report", "reported"}) {
    for (int pass = 1; pass <= 3; ++pass) {
      CAPTURE(std::string(failpoint));
      CAPTURE(pass);
      const TempDir directory;
      test::ScriptedTracker tracker;
      directory.Write("log", ArchivedLog());
      directory.Write("config",
                      fmt::format("[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\ntoken_file = \"{}\"\n",
                                  tracker.url(), directory.Write("token", test::TrackerOptions().token)));
      const std::vector<std::string> import = {
          "import",   "-q",       "--state-dir",    directory / "state", "--config", directory / "config",
          "--format", "combined", directory / "log"};
      setenv("HUSHLOG_FAILPOINT", fmt::format("{}:{}", failpoint, pass).c_str(), 1);
      CHECK(RunHushlog(import).status == 128 + SIGKILL);
      unsetenv("HUSHLOG_FAILPOINT");
      CHECK(RunHushlog(import).status == 0);
      std::multiset<std::string> titles, times;
      for (const auto& row : tracker.recorded()) {
        if (row.contains("action_name")) times.insert(row.at("cdt"));
        if (row.contains("e_v")) titles.insert(row.at("e_a"));
      }
      CHECK(titles.count("Actions.get (count)") == 3);
      CHECK(times.size() == 3);
      CHECK(std::set(times.begin(), times.end()).size() == 3);
    }
  }
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
