#include "rules/query.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "parsers/scan.h"
#include "rules/percent.h"

namespace hushlog {
namespace {

constexpr std::string_view kLeftOverEntity = "amp;";

}  // namespace

std::string_view NormaliseName(std::string_view text, std::span<char> scratch, bool* is_array) noexcept {
  std::string_view name = DecodeFully(text.substr(0, kMaxNameBytes), scratch);
  name = name.substr(0, name.find('\0'));
  while (name.starts_with(' ')) name.remove_prefix(1);
  while (name.starts_with(kLeftOverEntity)) name.remove_prefix(kLeftOverEntity.size());
  const std::size_t bracket = name.find('[');
  *is_array = bracket != std::string_view::npos && bracket > 0;
  if (*is_array) name = name.substr(0, bracket);
  if (name.find_first_of(". ") == std::string_view::npos) return name;
  std::memmove(scratch.data(), name.data(), name.size());
  for (char& c : scratch.first(name.size())) {
    if (c == '.' || c == ' ') c = '_';
  }
  return {scratch.data(), name.size()};
}

std::string_view DecodeInnerQuery(std::string_view encoded, std::span<char> scratch) noexcept {
  if (encoded.size() > scratch.size()) return {};
  std::string_view text = DecodePercent(encoded, true, scratch);
  if (text.find('=') == std::string_view::npos) text = DecodePercent(text, true, scratch);
  if (text.starts_with('?')) text.remove_prefix(1);
  return text;
}

std::string_view PathOf(std::string_view target) noexcept {
  const char* const begin = target.data();
  const char* const end = begin + target.size();
  const char* mark = FindAnyWithin(begin, end, '?');
  if (mark == end) mark = FindAnyWithin(begin, end, '#');
  return {begin, static_cast<std::size_t>(mark - begin)};
}

RequestTarget SplitTarget(std::string_view target) noexcept {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {PathOf(target), {}};
  const std::string_view query = target.substr(mark + 1);
  return {target.substr(0, mark), query.substr(0, query.find('#'))};
}

QueryPair NextPair(std::string_view* text) noexcept {
  const char* const begin = text->data();
  const char* const end = begin + text->size();
  const char* const name_end = FindAnyWithin(begin, end, '=', '&');
  const bool has_value = name_end != end && *name_end == '=';
  const char* const value = has_value ? name_end + 1 : name_end;
  const char* const value_end = has_value ? FindAnyWithin(value, end, '&') : name_end;
  const char* const next = value_end == end ? end : value_end + 1;
  *text = {next, static_cast<std::size_t>(end - next)};
  return {{begin, static_cast<std::size_t>(name_end - begin)}, {value, static_cast<std::size_t>(value_end - value)}};
}

Name ParameterName(const Catalogue& catalogue, std::string_view text, bool* is_array) noexcept {
  *is_array = false;
  const Name name = catalogue.Parameter(text);
  if (name != Name::kPlaceholder || text.find_first_of("%+[. ;") == std::string_view::npos) return name;
  std::array<char, kMaxNameBytes> scratch;
  return catalogue.Parameter(NormaliseName(text, scratch, is_array));
}

Query::Query(const Catalogue& catalogue)
    : catalogue_(catalogue), parameters_(kMaxQueryParameters), places_(catalogue.parameters_end()) {}

bool Query::Parse(std::string_view text) noexcept {
  size_ = 0;
  if (++generation_ == 0) {  // wrapped: every place is of an unknown call
    places_.assign(places_.size(), Place{});
    generation_ = 1;
  }
  for (std::size_t pairs = 0; !text.empty(); ++pairs) {
    if (pairs == kMaxQueryParameters) {
      size_ = 0;
      ++generation_;
      return false;
    }
    const QueryPair pair = NextPair(&text);
    bool is_array = false;
    const Name name = ParameterName(catalogue_, pair.name, &is_array);
    if (name <= Name::kPlaceholder) continue;
    Place& place = places_[static_cast<std::size_t>(name)];
    if (place.generation != generation_) {
      place = {generation_, static_cast<std::uint16_t>(size_++)};
    }
    parameters_[place.index] = {name, is_array, pair.value};
  }
  return true;
}

const QueryParameter* Query::Find(Name parameter) const noexcept {
  const auto index = static_cast<std::size_t>(parameter);
  if (index >= places_.size() || places_[index].generation != generation_) return nullptr;
  return &parameters_[places_[index].index];
}

}  // namespace hushlog
