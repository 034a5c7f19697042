// Walks over a value from its beginning and remembers how far it fitted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hushlog {

class Scanner {
 public:
  // The text must outlive the object.
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  std::string_view rest() const { return text_.substr(at_); }
  bool done() const { return at_ == text_.size(); }
  char next() const { return done() ? '\0' : text_[at_]; }

  // Takes `literal`, or as much of it as is there; false if that was not all.
  bool Take(std::string_view literal);
  // Takes a decimal number of up to `most`, written without leading zeros; or as much of it as fits.
  std::optional<std::uint64_t> TakeNumber(std::uint64_t most);
  // Takes exactly `count` decimal digits.
  std::optional<std::uint64_t> TakeDigits(int count);
  // Takes up to `most` of the bytes that `allowed` holds; returns how many there were.
  std::size_t TakeAnyOf(std::string_view allowed, std::size_t most);

  // What a ValueSet answers: nothing if everything was taken and `fits`, else the first byte that was not.
  std::optional<std::size_t> Verdict(bool fits) const {
    return fits && done() ? std::nullopt : std::optional<std::size_t>(at_);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace hushlog
