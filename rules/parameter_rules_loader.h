// Reads [[parameter]]. Private to rules/parameter_rules*.cc.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "rules/parameter_rules.h"

namespace hushlog {

class ParameterRulesLoader {
 public:
  ParameterRulesLoader(ParameterRules* rules, RuleFiles* files) : rules_(*rules), files_(*files) {}

  void Load();

 private:
  using Form = ParameterRules::ValueForm;

  void LoadRule(const toml::table& table, const std::string& id);
  bool ReadForm(const toml::table& table, Form* form);
  ParameterRules::Rule ReadDetail(const toml::table& table, Form form);
  std::size_t AddEnumeration(const toml::table& table);
  std::size_t AddInteger(const toml::table& table);
  std::size_t AddPatterns(const toml::table& table);
  std::int64_t Number(const toml::table& table, std::string_view key, std::int64_t fallback);

  ParameterRules& rules_;
  RuleFiles& files_;
  std::set<std::string> secrets_;  // names that shipped rules call so
  std::map<Name, bool> ruled_;     // whether by one of the site
};

}  // namespace hushlog
