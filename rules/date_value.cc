#include "rules/date_value.h"

#include <chrono>

namespace hushlog {
namespace {

constexpr int kMinYear = 1990;
constexpr int kMaxYear = 2099;
constexpr std::int32_t kMaxPeriods = 1000;

std::optional<int> Digits(std::string_view text) noexcept {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::optional<std::int32_t> ParseDay(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Digits(text.substr(0, 4));
  const auto month = Digits(text.substr(5, 2));
  const auto day = Digits(text.substr(8, 2));
  if (!year || !month || !day || *year < kMinYear || *year > kMaxYear) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

// The N of "last7".
std::optional<DateValue> ParseCount(std::string_view digits, DateValue::Kind kind) noexcept {
  if (digits.empty() || digits.size() > 4 || digits[0] == '0') return std::nullopt;
  const auto count = Digits(digits);
  if (!count || *count > kMaxPeriods) return std::nullopt;
  return DateValue{kind, *count, 0};
}

std::optional<DateValue> ParseRange(std::string_view first_text, std::string_view last_text) noexcept {
  const auto first = ParseDay(first_text);
  if (!first) return std::nullopt;
  if (last_text == "today") return DateValue{DateValue::Kind::kRangeToToday, *first, 0};
  if (last_text == "yesterday") return DateValue{DateValue::Kind::kRangeToYesterday, *first, 0};
  const auto last = ParseDay(last_text);
  if (!last || *last < *first) return std::nullopt;
  return DateValue{DateValue::Kind::kRange, *first, *last};
}

}  // namespace

std::optional<DateValue> ParseDateValue(std::string_view text) noexcept {
  if (text == "today") return DateValue{DateValue::Kind::kToday, 0, 0};
  if (text == "yesterday") return DateValue{DateValue::Kind::kYesterday, 0, 0};
  if (text == "now") return DateValue{DateValue::Kind::kNow, 0, 0};
  if (text.starts_with("last")) return ParseCount(text.substr(4), DateValue::Kind::kLast);
  if (text.starts_with("previous")) return ParseCount(text.substr(8), DateValue::Kind::kPrevious);
  const std::size_t comma = text.find(',');
  if (comma != std::string_view::npos) return ParseRange(text.substr(0, comma), text.substr(comma + 1));
  if (const auto day = ParseDay(text)) return DateValue{DateValue::Kind::kDay, *day, 0};
  return std::nullopt;
}

}  // namespace hushlog
