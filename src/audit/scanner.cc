#include "src/audit/scanner.h"

#include <algorithm>

namespace hushlog {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool Scanner::Take(std::string_view literal) {
  const std::string_view text = rest();
  const auto [here, there] = std::mismatch(text.begin(), text.end(), literal.begin(), literal.end());
  at_ += static_cast<std::size_t>(here - text.begin());
  return there == literal.end();
}

std::optional<std::uint64_t> Scanner::TakeNumber(std::uint64_t most) {
  if (!IsDigit(next())) return std::nullopt;
  std::uint64_t number = 0;
  do {
    number = number * 10 + static_cast<std::uint64_t>(next() - '0');
    if (number > most) return std::nullopt;
    ++at_;
  } while (number != 0 && IsDigit(next()));
  return number;
}

std::optional<std::uint64_t> Scanner::TakeDigits(int count) {
  std::uint64_t number = 0;
  for (; count > 0; --count, ++at_) {
    if (!IsDigit(next())) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(next() - '0');
  }
  return number;
}

std::size_t Scanner::TakeAnyOf(std::string_view allowed, std::size_t most) {
  const std::size_t end = std::min(rest().find_first_not_of(allowed), rest().size());
  const std::size_t taken = std::min(end, most);
  at_ += taken;
  return taken;
}

}  // namespace hushlog
