// The parameters of a URL's query, as PHP would see them, reduced to the names of the catalogue.
//
// PHP's rules: pairs are separated by '&'; '+' is a space; names are percent-decoded, leading spaces dropped, '.' and '
// ' become '_', `a[]` and `a[k]` belong to `a`; of duplicates the last wins, in the place of the first. Beyond that:
// names that are encoded more than once, and those with a left-over "amp;" in front, are recognised, too.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rules/catalogue.h"
#include "rules/query_pairs.h"

namespace hushlog {

inline constexpr std::size_t kMaxQueryParameters = 512;

struct QueryParameter {
  Name name = Name::kNone;
  bool is_array = false;   // written a[] or a[k]
  bool escaped = true;     // the value may hold escapes
  std::string_view value;  // as in the URL: still encoded
};

// Belongs to one thread; reused from request to request without allocating.
class Query {
 public:
  // `catalogue` must outlive the Query.
  explicit Query(const Catalogue& catalogue);

  // Splits `text`, what stands behind the '?'. Parameters the catalogue does not have are left out. Views point into
  // `text`. False if there are more than kMaxQueryParameters; the Query is then empty.
  [[nodiscard]] bool Parse(std::string_view text) noexcept;

  std::span<const QueryParameter> parameters() const noexcept { return {parameters_.data(), size_}; }
  // Null if there is none.
  const QueryParameter* Find(Name parameter) const noexcept {
    const auto index = static_cast<std::size_t>(parameter);
    if (index >= places_.size() || places_[index].generation != generation_) return nullptr;
    return &parameters_[places_[index].index];
  }

 private:
  struct Place {
    std::uint32_t generation = 0;  // the Parse call it belongs to
    std::uint16_t index = 0;       // in parameters_
  };

  const Catalogue& catalogue_;
  std::vector<QueryParameter> parameters_;  // kMaxQueryParameters; the first size_ are in use
  std::size_t size_ = 0;
  std::vector<Place> places_;  // by Name
  std::uint32_t generation_ = 0;
};

// The two parts of a request target. A fragment, which browsers never send, is cut off.
struct RequestTarget {
  std::string_view path;
  std::string_view query;
};
RequestTarget SplitTarget(std::string_view target) noexcept;
// The path alone: the query, which may be long, is not looked at.
std::string_view PathOf(std::string_view target) noexcept;
// The query of a target of which the path is known.
std::string_view QueryBehind(std::string_view path, std::string_view target) noexcept;

// The name of a parameter as PHP stores it, of which `text` is how it stands in a URL. Names that are longer than any
// in a catalogue are cut. A view of `text` or `scratch`, which must have kMaxNameBytes.
inline constexpr std::size_t kMaxNameBytes = 128;
std::string_view NormaliseName(std::string_view text, std::span<char> scratch, bool* is_array) noexcept;

// A query that is the value of a parameter, as in urls[] of API.getBulkRequest: decoded once, or twice if it was
// encoded so, without a '?' in front. In `scratch`; empty if that is too small.
std::string_view DecodeInnerQuery(std::string_view encoded, std::span<char> scratch) noexcept;

// The catalogue's name of a parameter as it stands in a URL; kPlaceholder for one it does not have.
Name ParameterName(const Catalogue& catalogue, std::string_view text, bool* is_array) noexcept;

}  // namespace hushlog
