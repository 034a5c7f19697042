// User agents, as a hit may carry them: what the templates of rules/user_agents.toml can say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_files.h"
#include "src/audit/value_set.h"

namespace hushlog {

// Reads the rules itself, as data: it shares nothing with what writes user agents.
class UserAgents : public ValueSet {
 public:
  explicit UserAgents(RuleFiles& files);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  // Literal text with {system}, {major}, {mobile} and [parts that are left out if there is no major version].
  struct Template {
    std::string text;
    std::uint64_t largest_major = 0;
    bool mobile = false;  // systems: of a mobile device
  };
  struct Place {
    std::size_t end = 0;
    bool mobile = false;
  };
  class Matcher;

  std::vector<Template> browsers_;
  std::vector<Template> systems_;  // for each kind of device
  std::vector<std::string> whole_;
};

}  // namespace hushlog
