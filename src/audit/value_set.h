// Sets of values: what the egress grammar is made of.
//
// All are immutable and may be shared by threads.
#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hushlog {

// A set in words.
struct SetDescription {
  std::string form;                   // "a whole number from 1 to 20"
  std::vector<std::string> members;   // if the set is a list: all of it
  std::vector<struct SetPart> parts;  // what the form refers to
};

struct SetPart {
  std::string name;
  SetDescription set;
};

class ValueSet {
 public:
  virtual ~ValueSet() = default;
  // Nothing if `value` is in the set. Otherwise its first byte that no member has there after the bytes before it;
  // value.size() if the value ends too early.
  virtual std::optional<std::size_t> FirstForeign(std::string_view value) const = 0;
  virtual SetDescription Describe() const = 0;
};

// The values that are listed.
class Enumeration : public ValueSet {
 public:
  // `what` they are, in the plural: "titles of pages".
  Enumeration(std::string what, std::vector<std::string> members);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  std::string what_;
  std::vector<std::string> members_;  // sorted, each once
};

// Decimal numbers without leading zeros.
class WholeNumber : public ValueSet {
 public:
  // `what` it says: "seconds since 1970".
  WholeNumber(std::string what, std::uint64_t least, std::uint64_t most);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  std::string what_;
  std::uint64_t least_;
  std::uint64_t most_;
};

// So many lower-case hexadecimal digits.
class HexDigits : public ValueSet {
 public:
  HexDigits(std::string what, std::size_t count);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  std::string what_;
  std::size_t count_;
};

// What one of several patterns (RE2) matches as a whole: at most so many of the letters, digits and _.,:-
class Patterns : public ValueSet {
 public:
  Patterns(std::vector<std::string> patterns, std::size_t most_bytes);
  // A value that no pattern matches is foreign from its first byte on.
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  std::vector<std::string> patterns_;
  std::vector<std::unique_ptr<const RE2>> compiled_;
  std::size_t most_bytes_;
};

// What is in one of several sets.
class Union : public ValueSet {
 public:
  using Parts = std::vector<std::pair<std::string, std::shared_ptr<const ValueSet>>>;
  explicit Union(Parts sets);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  Parts sets_;
};

// Values of Matomo's `date` with a day in it, and lastN and previousN; its key words are not among them.
class Dates : public ValueSet {
 public:
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;
};

// An ISO 639-1 code, alone or, if `regions`, with "-" and an ISO 3166-1 code.
class Languages : public ValueSet {
 public:
  explicit Languages(bool regions);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  Enumeration languages_;
  Enumeration regions_;
  bool has_regions_;
};

// Addresses of which only so many bits are left, in canonical text (RFC 5952).
class NetworkParts : public ValueSet {
 public:
  NetworkParts(int bits_v4, int bits_v6) : bits_v4_(bits_v4), bits_v6_(bits_v6) {}
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  int bits_v4_;
  int bits_v6_;
};

}  // namespace hushlog
