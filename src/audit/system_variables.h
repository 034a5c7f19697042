// Custom variables of a system report: {"1":["Matomo Version","5.2.0"],"3":["Num Users",5]}
#pragma once

#include <optional>
#include <string>

#include "src/audit/value_set.h"

namespace hushlog {

class SystemVariables : public ValueSet {
 public:
  SystemVariables();
  // A value that is none is foreign from its first byte on.
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  std::string pattern_;
  RE2 compiled_;
};

}  // namespace hushlog
