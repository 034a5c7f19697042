// Killed at 500 random moments, while the log is rotated and the tracker loses answers.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>

#include "tests/faults/rig.h"

namespace hushlog {
namespace {

using test::Rig;

constexpr int kKills = 100;

// Of many answers; one in ten is lost, and some are slow, so that requests are on their way when the process is killed.
std::string Script(std::mt19937& random) {
  static const char* const kLost[] = {"502-committed", "close-committed", "504", "close", "503", "hang-committed"};
  std::string script = "ok*5";
  for (int i = 0; i < 2000; ++i) {
    script += random() % 4 == 0 ? ",slow:20" : ",ok";
    if (random() % 10 == 0) script += std::string(",") + kLost[random() % std::size(kLost)];
  }
  return script;
}

// HUSHLOG_FAULT_SEED tries others.
unsigned Seed(unsigned number) {
  const char* setting = std::getenv("HUSHLOG_FAULT_SEED");
  return 10 * (setting == nullptr ? 1 : static_cast<unsigned>(std::atoi(setting))) + number;
}

void KillAtRandom(unsigned number, Rig::Ambiguous policy) {
  std::mt19937 random(Seed(number));
  Rig rig(policy, Script(random), "access.log");
  rig.RunUnharmed();  // from now on it follows the log
  for (int kill = 0; kill < kKills; ++kill) {
    rig.log().Write(random() % 60, random() % 2 == 0);
    if (random() % 4 == 0) rig.Rotate();
    // A start takes 50 ms; the first request leaves some 50 ms later.
    const Rig::Since since = kill % 3 == 0 ? Rig::Since::kStart : Rig::Since::kReady;
    rig.RunAndKill(since, std::chrono::milliseconds(random() % 100), [&] {
      rig.log().Write(random() % 12, random() % 2 == 0);
      if (random() % 40 == 0) rig.Rotate();
    });
  }
  rig.FinishAndCheck();
  CHECK(rig.most_copies_by_kills() > 0);  // else no request was on its way at any of the moments
}

TEST_CASE("39: killed at random moments, number 1 to 100 of 500") { KillAtRandom(1, Rig::Ambiguous::kPark); }
TEST_CASE("39: killed at random moments, number 101 to 200 of 500") { KillAtRandom(2, Rig::Ambiguous::kResend); }
TEST_CASE("39: killed at random moments, number 201 to 300 of 500") { KillAtRandom(3, Rig::Ambiguous::kPark); }
TEST_CASE("39: killed at random moments, number 301 to 400 of 500") { KillAtRandom(4, Rig::Ambiguous::kResend); }
TEST_CASE("39: killed at random moments, number 401 to 500 of 500") { KillAtRandom(5, Rig::Ambiguous::kPark); }

}  // namespace
}  // namespace hushlog
