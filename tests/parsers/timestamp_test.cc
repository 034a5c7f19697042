#include "parsers/timestamp.h"

#include <doctest/doctest.h>

#include <optional>

namespace hushlog {
namespace {

constexpr std::int64_t kMoment = 1'795'411'168'000;  // 2026-11-23T05:19:28Z

struct Case {
  std::string_view text;
  std::int64_t ms;
  int offset_s;
};

}  // namespace

TEST_CASE("times in every notation of access logs are read") {
  const Case cases[] = {
      {"23/Nov/2026:05:19:28 +0000", kMoment, 0},
      {"23/Nov/2026:06:19:28 +0100", kMoment, 3600},
      {"22/Nov/2026:23:49:28 -0530", kMoment, -19800},
      {"[23/Nov/2026:05:19:28 +0000]", kMoment, 0},
      {"2026-11-23T05:19:28+00:00", kMoment, 0},
      {"2026-11-23T05:19:28Z", kMoment, 0},
      {"2026-11-23t05:19:28z", kMoment, 0},
      {"2026-11-23 05:19:28 +0000", kMoment, 0},
      {"2026-11-23T06:19:28+01", kMoment, 3600},
      {"2026-11-23T05:19:28.5Z", kMoment + 500, 0},
      {"2026-11-23T05:19:28.123456789Z", kMoment + 123, 0},
      {"2026-11-23T05:19:28,250+00:00", kMoment + 250, 0},
      {"1795411168", kMoment, 0},
      {"1795411168.813", kMoment + 813, 0},
      {"1795411168.8", kMoment + 800, 0},
      {"1795411168813", kMoment + 813, 0},
      {"1795411168813999", kMoment + 813, 0},
      {"29/Feb/2028:00:00:00 +0000", 1'835'395'200'000, 0},
      {"31/Dec/2016:23:59:60 +0000", 1'483'228'800'000, 0},  // leap second
      {"2038-01-19T03:14:08Z", 2'147'483'648'000, 0},
  };
  TimeParser parser;
  for (const Case& test : cases) {
    CAPTURE(test.text);
    LoggedTime time;
    REQUIRE(parser.ParseAny(test.text, &time));
    CHECK(time.has_zone);
    CHECK(time.ms == test.ms);
    CHECK(time.utc_offset_s == test.offset_s);
  }
}

TEST_CASE("what is no time is refused") {
  TimeParser parser;
  for (const std::string_view text : {"",
                                      "-",
                                      "now",
                                      "23/Nov/2026",
                                      "31/Feb/2026:05:19:28 +0000",
                                      "29/Feb/2027:00:00:00 +0000",
                                      "23/Nav/2026:05:19:28 +0000",
                                      "23/nov/2026:05:19:28 +0000",
                                      "23/Nov/2026:24:19:28 +0000",
                                      "23/Nov/2026:05:60:28 +0000",
                                      "23/Nov/2026:05:19:61 +0000",
                                      "23/Nov/2026:05:19:28 0000",
                                      "23/Nov/2026:05:19:28 +1600",
                                      "23/Nov/2026:05:19:28 +0060",
                                      "23/Nov/2026:05:19:28 +00000",
                                      "23/Nov/2026:05:19:28+00:00",
                                      "2026-13-23T05:19:28Z",
                                      "2026-11-23X05:19:28Z",
                                      "2026-11-23T05:19:28.Z",
                                      "2026-11-23T05:19:28+0",
                                      "2026-11-23T05:19:28+00:00x",
                                      "1795411168.",
                                      "1795411168x",
                                      "17954e5",
                                      "-1795411168",
                                      "99999999999999999999"}) {
    CAPTURE(text);
    LoggedTime time;
    CHECK_FALSE(parser.ParseAny(text, &time));
  }
}

TEST_CASE("remembering the last second does not change the zone or the fraction of the next time") {
  TimeParser parser;
  LoggedTime time;
  REQUIRE(parser.ParseClf("25/Oct/2026:02:30:00 +0200", &time));
  const std::int64_t summer = time.ms;
  REQUIRE(parser.ParseClf("25/Oct/2026:02:30:00 +0100", &time));  // the hour that comes twice
  CHECK(time.ms - summer == 3'600'000);
  REQUIRE(parser.ParseIso("2026-11-23T05:19:28.100Z", &time));
  REQUIRE(parser.ParseIso("2026-11-23T05:19:28.200Z", &time));
  CHECK(time.ms == kMoment + 200);
  CHECK_FALSE(parser.ParseIso("2026-11-99T05:19:28.200Z", &time));
  CHECK_FALSE(parser.ParseIso("2026-11-99T05:19:28.200Z", &time));
}

TEST_CASE("decimals are scaled by the digits asked for") {
  const auto parse = [](std::string_view text, int digits) -> std::optional<std::int64_t> {
    std::int64_t value;
    if (!ParseDecimal(text, digits, &value)) return std::nullopt;
    return value;
  };
  CHECK(parse("0.083", 6) == 83'000);
  CHECK(parse("12", 6) == 12'000'000);
  CHECK(parse("1.23456789", 6) == 1'234'567);
  CHECK(parse("83", 0) == 83);
  for (const std::string_view bad :
       {"", ".", ".5", "1.", "1.x", "1.2345678x", "x", "+1", "-1", "1e3", "9223372036854775807"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse(bad, 6).has_value());
  }
}

}  // namespace hushlog
