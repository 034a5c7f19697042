#include "src/audit/value_set.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

#include "rules/language.h"
#include "src/audit/scanner.h"

namespace hushlog {
namespace {

constexpr int kFirstYear = 1990;
constexpr int kLastYear = 2099;
constexpr std::uint64_t kMostPeriods = 1000;
constexpr std::string_view kMarks = "_.,:-";

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// Of two answers the better one: that the value is in the set, or that more of it fits.
std::optional<std::size_t> Better(std::optional<std::size_t> a, std::optional<std::size_t> b) {
  return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

std::vector<std::string> SplitCodes(std::string_view codes) {
  std::vector<std::string> list;
  for (std::size_t at = 0; at < codes.size(); at += 3) list.emplace_back(codes.substr(at, 2));
  return list;
}

std::optional<std::chrono::sys_days> TakeDay(Scanner& scanner) {
  const auto year = scanner.TakeDigits(4);
  if (!year || *year < kFirstYear || *year > kLastYear || !scanner.Take("-")) return std::nullopt;
  const auto month = scanner.TakeDigits(2);
  if (!month || !scanner.Take("-")) return std::nullopt;
  const auto day = scanner.TakeDigits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional<std::chrono::sys_days>(date) : std::nullopt;
}

std::optional<std::size_t> OutsideDays(std::string_view value) {
  Scanner scanner(value);
  const auto first = TakeDay(scanner);
  if (!first || scanner.done()) return scanner.Verdict(first.has_value());
  if (!scanner.Take(",")) return scanner.at();
  if (scanner.next() == 't') return scanner.Verdict(scanner.Take("today"));
  if (scanner.next() == 'y') return scanner.Verdict(scanner.Take("yesterday"));
  const std::size_t second = scanner.at();
  const auto last = TakeDay(scanner);
  if (last && *last < *first) return second;
  return scanner.Verdict(last.has_value());
}

std::optional<std::size_t> OutsidePeriods(std::string_view value, std::string_view word) {
  Scanner scanner(value);
  if (!scanner.Take(word) || scanner.next() == '0') return scanner.at();
  return scanner.Verdict(scanner.TakeNumber(kMostPeriods).has_value());
}

// Whatever has another text than the address it stands for is not canonical. Addresses of `family` have bytes of
// `alphabet`, and only their first `kept` bits may be set.
std::optional<std::size_t> OutsideNetwork(int family, std::string_view alphabet, int kept, std::string_view value) {
  std::array<unsigned char, 16> bytes{};
  const std::size_t end = std::min(value.find_first_not_of(alphabet), value.size());
  if (end < value.size() || inet_pton(family, std::string(value).c_str(), bytes.data()) != 1) return end;
  for (std::size_t bit = static_cast<std::size_t>(kept); bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] &= static_cast<unsigned char>(~(0x80U >> bit % 8));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, bytes.data(), text.data(), text.size());
  const std::string_view canonical = text.data();
  return value == canonical ? std::nullopt : std::optional(CommonPrefix(value, canonical));
}

}  // namespace

Enumeration::Enumeration(std::string what, std::vector<std::string> members)
    : what_(std::move(what)), members_(std::move(members)) {
  std::ranges::sort(members_);
  const auto repeated = std::ranges::unique(members_);
  members_.erase(repeated.begin(), repeated.end());
}

// The members with the longest beginning in common stand next to the place where the value would stand.
std::optional<std::size_t> Enumeration::FirstForeign(std::string_view value) const {
  const auto place = std::ranges::lower_bound(members_, value);
  if (place != members_.end() && *place == value) return std::nullopt;
  std::size_t longest = 0;
  if (place != members_.end()) longest = CommonPrefix(value, *place);
  if (place != members_.begin()) longest = std::max(longest, CommonPrefix(value, *std::prev(place)));
  return longest;
}

SetDescription Enumeration::Describe() const { return {fmt::format("{} {}", members_.size(), what_), members_, {}}; }

WholeNumber::WholeNumber(std::string what, std::uint64_t least, std::uint64_t most)
    : what_(std::move(what)), least_(least), most_(most) {}

std::optional<std::size_t> WholeNumber::FirstForeign(std::string_view value) const {
  Scanner scanner(value);
  const auto number = scanner.TakeNumber(most_);
  if (number && scanner.done() && *number < least_) return 0;
  return scanner.Verdict(number.has_value());
}

SetDescription WholeNumber::Describe() const {
  return {fmt::format("{}, a whole number from {} to {}", what_, least_, most_), {}, {}};
}

HexDigits::HexDigits(std::string what, std::size_t count) : what_(std::move(what)), count_(count) {}

std::optional<std::size_t> HexDigits::FirstForeign(std::string_view value) const {
  Scanner scanner(value);
  return scanner.Verdict(scanner.TakeAnyOf("0123456789abcdef", count_) == count_);
}

SetDescription HexDigits::Describe() const {
  return {fmt::format("{}, {} lower-case hexadecimal digits", what_, count_), {}, {}};
}

Patterns::Patterns(std::vector<std::string> patterns, std::size_t most_bytes)
    : patterns_(std::move(patterns)), most_bytes_(most_bytes) {
  for (const std::string& pattern : patterns_) compiled_.push_back(std::make_unique<const RE2>(pattern));
}

std::optional<std::size_t> Patterns::FirstForeign(std::string_view value) const {
  const auto is_text = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.find(c) != std::string_view::npos;
  };
  const auto foreign = std::find_if_not(value.begin(), value.end(), is_text);
  if (foreign != value.end()) return static_cast<std::size_t>(foreign - value.begin());
  if (value.size() > most_bytes_) return most_bytes_;
  const re2::StringPiece text(value.data(), value.size());
  const auto matches = [&](const auto& pattern) { return RE2::FullMatch(text, *pattern); };
  return std::ranges::any_of(compiled_, matches) ? std::nullopt : std::optional<std::size_t>(0);
}

SetDescription Patterns::Describe() const {
  return {fmt::format("up to {} letters, digits and {} that a pattern matches", most_bytes_, kMarks), patterns_, {}};
}

Union::Union(Parts sets) : sets_(std::move(sets)) {}

std::optional<std::size_t> Union::FirstForeign(std::string_view value) const {
  std::optional<std::size_t> best = 0;
  for (const auto& [name, set] : sets_) best = Better(best, set->FirstForeign(value));
  return best;
}

SetDescription Union::Describe() const {
  SetDescription description{"one of the following", {}, {}};
  for (const auto& [name, set] : sets_) description.parts.emplace_back(name, set->Describe());
  return description;
}

std::optional<std::size_t> Dates::FirstForeign(std::string_view value) const {
  return Better(OutsideDays(value), Better(OutsidePeriods(value, "last"), OutsidePeriods(value, "previous")));
}

SetDescription Dates::Describe() const {
  return {fmt::format("YYYY-MM-DD of a day from {} to {}; such a day, a comma, and a later one, \"today\" or "
                      "\"yesterday\"; \"last\" or \"previous\" with a whole number from 1 to {}",
                      kFirstYear, kLastYear, kMostPeriods),
          {},
          {}};
}

Languages::Languages(bool regions)
    : languages_("ISO 639-1 codes", SplitCodes(kLanguageCodes)),
      regions_("ISO 3166-1 codes", SplitCodes(kRegionCodes)),
      has_regions_(regions) {}

std::optional<std::size_t> Languages::FirstForeign(std::string_view value) const {
  const std::size_t dash = std::min(value.find('-'), value.size());
  if (const auto foreign = languages_.FirstForeign(value.substr(0, dash)); foreign || dash == value.size()) {
    return foreign;
  }
  if (!has_regions_) return dash;
  const auto foreign = regions_.FirstForeign(value.substr(dash + 1));
  return foreign ? std::optional(dash + 1 + *foreign) : std::nullopt;
}

SetDescription Languages::Describe() const {
  if (!has_regions_) return languages_.Describe();
  return {"{language} or {language}-{region}",
          {},
          {{"{language}", languages_.Describe()}, {"{region}", regions_.Describe()}}};
}

std::optional<std::size_t> NetworkParts::FirstForeign(std::string_view value) const {
  return Better(OutsideNetwork(AF_INET, "0123456789.", bits_v4_, value),
                OutsideNetwork(AF_INET6, "0123456789abcdef:", bits_v6_, value));
}

SetDescription NetworkParts::Describe() const {
  return {fmt::format("the first {} bits of an IPv4 address, or the first {} of an IPv6 address, the rest 0", bits_v4_,
                      bits_v6_),
          {},
          {}};
}

}  // namespace hushlog
