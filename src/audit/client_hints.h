// Client hints, as a hit may carry them in `uadata`: JSON with names from rules/user_agents.toml and bounded numbers.
#pragma once

#include <string_view>

#include "rules/rule_files.h"
#include "src/audit/scanner.h"
#include "src/audit/value_set.h"

namespace hushlog {

// Reads the rules itself, as data: it shares nothing with what writes client hints.
class ClientHintValues : public ValueSet {
 public:
  explicit ClientHintValues(const RuleFiles& files);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  bool TakeBrands(Scanner* scanner) const;

  Enumeration brands_;
  Enumeration platforms_;
};

}  // namespace hushlog
