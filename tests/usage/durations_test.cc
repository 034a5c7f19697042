#include "src/usage/durations.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace hushlog {
namespace {

TEST_CASE("quantiles are within 7 % of those of the durations themselves") {
  std::mt19937 random(7);  // the same numbers each time
  std::lognormal_distribution<double> sizes(10, 3);
  std::vector<std::int64_t> all;
  Durations durations;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back(static_cast<std::int64_t>(sizes(random)));
    durations.Add(all.back());
  }
  std::ranges::sort(all);
  for (const double quantile : {0.001, 0.25, 0.5, 0.95, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(all.size()))) - 1;
    CAPTURE(quantile);
    CHECK(durations.Quantile(quantile) == doctest::Approx(static_cast<double>(all[rank])).epsilon(0.07));
  }
}

TEST_CASE("any duration has its place") {
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::max(), std::int64_t{1} << 40, std::int64_t{16},
                                   std::int64_t{15}, std::int64_t{1}, std::int64_t{0}}) {
    Durations durations;
    durations.Add(value);
    CHECK(durations.Quantile(0.5) == doctest::Approx(static_cast<double>(value)).epsilon(0.07));
  }
}

TEST_CASE("without durations every quantile is 0") { CHECK(Durations().Quantile(0.5) == 0); }

TEST_CASE("durations that are added up are those of both") {
  Durations one, other, both;
  for (const int value : {3, 1000, 70'000}) one.Add(value), both.Add(value);
  for (const int value : {1000, 90'000'000}) other.Add(value), both.Add(value);
  one.Add(other);
  CHECK(one.count() == 5);
  CHECK(one.Encode() == both.Encode());
}

TEST_CASE("what is stored is read again") {
  Durations durations, read;
  for (const int value : {0, 0, 5, 1000, 1000, 90'000'000}) durations.Add(value);
  for (int i = 0; i < 1000; ++i) durations.Add(123'456);
  REQUIRE(read.Decode(durations.Encode()));
  CHECK(read.count() == 1006);
  CHECK(read.Encode() == durations.Encode());
}

TEST_CASE("bytes that nobody stored are refused") {
  Durations durations;
  durations.Add(5);
  const std::string good = durations.Encode();
  for (const std::string& bad : {std::string("\x05"), std::string("\x05\x00", 2), std::string("\x05\x80", 2),
                                 std::string("\xff\x7f\x01"), good + std::string("\x00\x01", 2)}) {
    CHECK_FALSE(durations.Decode(bad));
    CHECK(durations.Encode() == good);
  }
}

}  // namespace
}  // namespace hushlog
