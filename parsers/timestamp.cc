#include "parsers/timestamp.h"

#include <charconv>
#include <chrono>
#include <cstring>

namespace hushlog {
namespace {

constexpr std::size_t kClfBytes = 20;  // 23/Nov/2026:05:19:28
constexpr std::size_t kZonedClfBytes = 26;
constexpr std::size_t kIsoBytes = 19;  // 2026-11-23T05:19:28

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }

// `count` digits at p as a number; -1 if one of them is no digit.
int Digits(const char* p, int count) noexcept {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    if (!IsDigit(p[i])) return -1;
    value = value * 10 + (p[i] - '0');
  }
  return value;
}

int Month(const char* p) noexcept {
  static constexpr char kNames[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int month = 0; month < 12; ++month) {
    if (std::memcmp(p, kNames + 3 * month, 3) == 0) return month + 1;
  }
  return -1;
}

// Seconds since 1970 of a date and "hh:mm:ss" at `clock`; false if there is no such moment. Second 60 is a leap second.
bool ToSeconds(int year, int month, int day, const char* clock, std::int64_t* seconds) noexcept {
  const int hour = Digits(clock, 2);
  const int minute = Digits(clock + 3, 2);
  const int second = Digits(clock + 6, 2);
  if (year < 0 || month < 1 || day < 1 || clock[2] != ':' || clock[5] != ':') return false;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  *seconds = days * 86400 + hour * 3600 + minute * 60 + second;
  return true;
}

// The zone, if any, in what follows the seconds.
bool FinishZone(std::string_view rest, LoggedTime* time) noexcept {
  time->has_zone = !rest.empty();
  time->utc_offset_s = 0;
  if (rest.empty()) return true;
  if (!ParseZone(rest, &time->utc_offset_s)) return false;
  time->ms -= std::int64_t{time->utc_offset_s} * 1000;
  return true;
}

}  // namespace

bool ParseZone(std::string_view text, std::int32_t* offset_s) noexcept {
  if (text == "Z" || text == "z") {
    *offset_s = 0;
    return true;
  }
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return false;
  const int hours = Digits(text.data() + 1, 2);
  std::string_view rest = text.substr(3);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.size() != 2 && text.size() != 3) return false;
  const int minutes = text.size() == 3 ? 0 : Digits(rest.data(), 2);
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return false;
  const int offset = hours * 3600 + minutes * 60;
  *offset_s = text[0] == '-' ? -offset : offset;
  return true;
}

bool ParseWhole(std::string_view text, std::int64_t* value) noexcept {
  constexpr std::size_t kSafeDigits = 18;  // no number of so many is too large
  if (text.size() > kSafeDigits) return text.find('.') == std::string_view::npos && ParseDecimal(text, 0, value);
  std::int64_t number = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return false;
    number = number * 10 + (c - '0');
  }
  *value = number;
  return !text.empty();
}

bool ParseDecimal(std::string_view text, int digits, std::int64_t* value) noexcept {
  const char* end = text.data() + text.size();
  if (text.empty() || !IsDigit(text[0])) return false;
  const auto [point, error] = std::from_chars(text.data(), end, *value);
  if (error != std::errc()) return false;
  const char* p = point;
  if (p != end && (*p++ != '.' || p == end)) return false;
  for (; digits > 0; --digits) {
    if (*value > INT64_MAX / 10 - 1) return false;
    if (p != end && !IsDigit(*p)) return false;
    *value = *value * 10 + (p != end ? *p++ - '0' : 0);
  }
  while (p != end && IsDigit(*p)) ++p;
  return p == end;
}

bool TimeParser::ParseClf(std::string_view text, LoggedTime* time) noexcept {
  if (text.size() == kZonedClfBytes && std::memcmp(text.data(), clf_text_, kZonedClfBytes) == 0) {
    *time = clf_;
    return true;
  }
  if (text.size() < kClfBytes) return false;
  const char* p = text.data();
  if (p[2] != '/' || p[6] != '/' || p[11] != ':') return false;
  std::int64_t seconds;
  if (!ToSeconds(Digits(p + 7, 4), Month(p + 3), Digits(p, 2), p + 12, &seconds)) return false;
  time->ms = seconds * 1000;
  std::string_view rest = text.substr(kClfBytes);
  if (rest.starts_with(' ')) {
    rest.remove_prefix(1);
  } else if (!rest.empty()) {
    return false;
  }
  if (!FinishZone(rest, time)) return false;
  if (text.size() == kZonedClfBytes) {
    std::memcpy(clf_text_, p, kZonedClfBytes);
    clf_ = *time;
  }
  return true;
}

bool TimeParser::ParseIso(std::string_view text, LoggedTime* time) noexcept {
  if (text.size() < kIsoBytes) return false;
  const char* p = text.data();
  if (std::memcmp(p, iso_.text, kIsoBytes) != 0) {
    const bool separated = p[10] == 'T' || p[10] == 't' || p[10] == ' ';
    if (p[4] != '-' || p[7] != '-' || !separated) return false;
    std::int64_t seconds;
    if (!ToSeconds(Digits(p, 4), Digits(p + 5, 2), Digits(p + 8, 2), p + 11, &seconds)) return false;
    iso_.seconds = seconds;
    std::memcpy(iso_.text, p, kIsoBytes);
  }
  time->ms = iso_.seconds * 1000;
  std::string_view rest = text.substr(kIsoBytes);
  if (rest.starts_with('.') || rest.starts_with(',')) {
    std::size_t end = 1;
    int scale = 100;
    for (; end < rest.size() && IsDigit(rest[end]); ++end, scale /= 10) time->ms += (rest[end] - '0') * scale;
    if (end == 1) return false;
    rest.remove_prefix(end);
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  return FinishZone(rest, time);
}

bool TimeParser::ParseEpoch(std::string_view text, LoggedTime* time) noexcept {
  std::int64_t whole;
  if (!ParseDecimal(text, 0, &whole)) return false;
  *time = LoggedTime{.has_zone = true};
  if (whole >= kMinTimeMs * 1000) {
    time->ms = whole / 1000;
    return true;
  }
  if (whole >= kMinTimeMs) {
    time->ms = whole;
    return true;
  }
  return ParseDecimal(text, 3, &time->ms);
}

bool TimeParser::ParseAny(std::string_view text, LoggedTime* time) noexcept {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (text.size() >= kClfBytes && text[2] == '/') return ParseClf(text, time);
  if (text.size() >= kIsoBytes && text[4] == '-') return ParseIso(text, time);
  return ParseEpoch(text, time);
}

}  // namespace hushlog
