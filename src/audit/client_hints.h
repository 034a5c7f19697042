// Client hints, as a hit may carry them in `uadata`: JSON with names from rules/user_agents.toml and bounded numbers.
#pragma once

#include <string_view>

#include "src/audit/scanner.h"
#include "src/audit/value_set.h"

namespace hushlog {

// Reads the text of the rules itself, as data: it shares nothing with what writes client hints.
class ClientHintValues : public ValueSet {
 public:
  // `toml` is as rules/user_agents.toml describes itself. Throws ConfigError if it is no TOML.
  explicit ClientHintValues(std::string_view toml);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  bool TakeBrands(Scanner* scanner) const;

  Enumeration brands_;
  Enumeration platforms_;
};

}  // namespace hushlog
