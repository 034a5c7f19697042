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
  const char* mark = FindAnyWithin(begin, end, '?', '#');
  if (mark != end && *mark == '#') {
    const char* const query = FindAnyWithin(mark, end, '?');
    if (query != end) mark = query;
  }
  return {begin, static_cast<std::size_t>(mark - begin)};
}

std::string_view QueryBehind(std::string_view path, std::string_view target) noexcept {
  if (path.size() == target.size() || target[path.size()] == '#') return {};
  const std::string_view query = target.substr(path.size() + 1);
  return query.substr(0, query.find('#'));
}

RequestTarget SplitTarget(std::string_view target) noexcept {
  const std::string_view path = PathOf(target);
  return {path, QueryBehind(path, target)};
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
  const Catalogue& catalogue = catalogue_;
  const std::uint32_t generation = generation_;
  const char* const end = text.data() + text.size();
  std::size_t pairs = 0;
  std::size_t size = 0;
  Place* const places = places_.data();
  QueryParameter* const parameters = parameters_.data();
  ForEachPair(text, [&](const QueryPair& pair) {
    if (pairs++ == kMaxQueryParameters) return false;
    bool is_array = false;
    if (pair.name.empty()) return true;
    const bool is_readable = end - pair.name.data() >= static_cast<std::ptrdiff_t>(TextKey::kWhole);
    const TextKey key = is_readable ? TextKey::OfReadable(pair.name) : TextKey(pair.name);
    Name name = catalogue.Parameter(key, pair.name);
    if (name == Name::kPlaceholder) name = ParameterName(catalogue, pair.name, &is_array);
    if (name <= Name::kPlaceholder) return true;
    Place& place = places[static_cast<std::size_t>(name)];
    if (place.generation != generation) place = {generation, static_cast<std::uint16_t>(size++)};
    parameters[place.index] = {name, is_array, pair.escaped, pair.value};
    return true;
  });
  size_ = size;
  if (pairs <= kMaxQueryParameters) return true;
  size_ = 0;
  ++generation_;
  return false;
}

}  // namespace hushlog
