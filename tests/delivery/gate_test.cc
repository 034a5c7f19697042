// How many requests go to a target at the same time.
#include "src/delivery/gate.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace hushlog {
namespace {

struct Fixture {
  std::stop_source stop;
  Gate gate{4, stop.get_token()};

  // Sends one request after the other, all of which succeed.
  void Succeed(int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(gate.Enter(0));
      gate.Succeed(0);
      gate.Leave();
    }
  }
};

TEST_CASE_FIXTURE(Fixture, "a target gets one request at a time at first, and more with each round of successes") {
  CHECK(gate.senders() == 1);
  Succeed(1);
  CHECK(gate.senders() == 2);
  Succeed(2);
  CHECK(gate.senders() == 3);
  Succeed(3);
  CHECK(gate.senders() == 4);
  Succeed(100);
  CHECK(gate.senders() == 4);
}

TEST_CASE_FIXTURE(Fixture, "65: trouble halves the number of requests, once for all that fail together") {
  Succeed(10);
  REQUIRE(gate.Enter(0));
  REQUIRE(gate.Enter(1));
  REQUIRE(gate.TakeOver(1));
  CHECK_FALSE(gate.TakeOver(0));
  CHECK(gate.TakeOver(1));
  CHECK(gate.senders() == 2);
  gate.Open(1);
  REQUIRE(gate.TakeOver(0));
  CHECK(gate.senders() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "88: lanes that wait get their turn in the order of asking, though one is quicker than the others") {
  REQUIRE(gate.Enter(0));
  std::vector<int> order;
  std::vector<std::jthread> threads;
  for (const int lane : {3, 1, 2}) {
    threads.emplace_back([this, lane, &order] {
      if (!gate.Enter(lane)) return;
      order.push_back(lane);  // one sends at a time
      gate.Leave();
    });
    while (gate.waiting() < static_cast<int>(threads.size())) std::this_thread::yield();
  }
  gate.Open(0);
  gate.Leave();
  REQUIRE(gate.Enter(0));
  order.push_back(0);
  gate.Leave();
  threads.clear();
  CHECK(order == std::vector{3, 1, 2, 0});
}

TEST_CASE_FIXTURE(Fixture, "who waits is let go when the target is given up or a stop requested") {
  REQUIRE(gate.Enter(0));
  std::jthread waiting([this] { CHECK_FALSE(gate.Enter(1)); });
  SUBCASE("given up") { gate.Close(TargetState::kRefused, "why"); }
  SUBCASE("stop") { stop.request_stop(); }
}

}  // namespace
}  // namespace hushlog
