#include "src/status/deliveries.h"

#include <doctest/doctest.h>

#include <string>

namespace hushlog {
namespace {

using std::chrono::milliseconds;

Delivery Of(std::size_t hits, std::string_view body = "{}") {
  return {"t", Outcome::Kind::kProcessed, 1, milliseconds(20), hits, body};
}

TEST_CASE("the last hits are kept, the newest first, and older requests are let go") {
  Deliveries deliveries;
  for (const std::size_t hits : {500, 60, 30, 1, 10}) deliveries.OnDelivery(Of(hits));
  const auto last = deliveries.Last();
  REQUIRE(last.size() == 4);
  CHECK(last.front().hits == 10);
  CHECK(last.back().hits == 60);
}

TEST_CASE("what is kept is limited in bytes, too") {
  Deliveries deliveries;
  const std::string body(Deliveries::kBytes / 3, 'a');
  for (int i = 0; i < 10; ++i) deliveries.OnDelivery(Of(1, body));
  CHECK(deliveries.Last().size() == 3);
}

TEST_CASE("a request is counted under its outcome and its duration") {
  Deliveries deliveries;
  deliveries.OnDelivery(Of(1));
  deliveries.OnDelivery({"t", Outcome::Kind::kRefused, 1, milliseconds(90'000), 1, ""});
  const DeliveryTotals totals = deliveries.Totals().at("t");
  CHECK(totals.requests[static_cast<std::size_t>(Outcome::Kind::kProcessed)] == 1);
  CHECK(totals.requests[static_cast<std::size_t>(Outcome::Kind::kRefused)] == 1);
  CHECK(totals.durations[2] == 1);  // up to 25 ms
  CHECK(totals.durations.back() == 1);
  CHECK(totals.seconds == doctest::Approx(90.02));
}

}  // namespace
}  // namespace hushlog
