// Times as access logs write them. Internal to parsers/.
//
// Thread-safety: a TimeParser remembers the last second it saw and belongs to one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace hushlog {

// Times outside of these are no times of an access log.
inline constexpr std::int64_t kMinTimeMs = 788'918'400'000;    // 1995-01-01
inline constexpr std::int64_t kMaxTimeMs = 4'102'444'800'000;  // 2100-01-01

struct LoggedTime {
  std::int64_t ms = 0;  // since 1970; UTC if has_zone, else as the clock showed it
  std::int32_t utc_offset_s = 0;
  bool has_zone = false;
};

// ±hhmm, ±hh:mm, ±hh, Z; seconds east of UTC. False if it is none.
[[nodiscard]] bool ParseZone(std::string_view text, std::int32_t* offset_s) noexcept;

// Decimal digits with an optional fraction, of which `digits` digits count: ("1.5", 3) -> 1500. No sign, no exponent.
[[nodiscard]] bool ParseDecimal(std::string_view text, int digits, std::int64_t* value) noexcept;

// Decimal digits alone.
[[nodiscard]] bool ParseWhole(std::string_view text, std::int64_t* value) noexcept;

class TimeParser {
 public:
  // 23/Nov/2026:05:19:28, with or without a zone (" +0000").
  [[nodiscard]] bool ParseClf(std::string_view text, LoggedTime* time) noexcept;

  // RFC 3339 and the usual liberties of ISO 8601: 2026-11-23T05:19:28.123456+01:00, 2026-11-23 05:19:28Z,
  // 2026-11-23T05:19:28+0100; with or without a zone.
  [[nodiscard]] bool ParseIso(std::string_view text, LoggedTime* time) noexcept;

  // Seconds, milliseconds or microseconds since 1970, told apart by their magnitude.
  [[nodiscard]] static bool ParseEpoch(std::string_view text, LoggedTime* time) noexcept;

  // Any of these.
  [[nodiscard]] bool ParseAny(std::string_view text, LoggedTime* time) noexcept;

 private:
  // The text of a second and what it means.
  struct Second {
    char text[20] = {};
    std::int64_t seconds = 0;
  };
  char clf_text_[26] = {};  // with its zone; what it means is in clf_
  LoggedTime clf_;
  Second iso_;
};

}  // namespace hushlog
