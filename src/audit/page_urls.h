// URLs of pages, as a hit may carry them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "rules/rule_files.h"
#include "src/audit/catalogue_names.h"
#include "src/audit/value_set.h"

namespace hushlog {

// The host that stands for every installation.
inline constexpr std::string_view kPublicHost = "https://demo-anonymous.matomo.org";

// {host}{path}?{parameters}: name=value, joined by '&', each name at most once.
class PageUrls : public ValueSet {
 public:
  // Reads [[parameter]] itself, as data. Throws std::logic_error if a rule has a form that is not known here. `files`
  // holds good rules, and is only used here.
  PageUrls(const Catalogue& catalogue, RuleFiles& files, const CatalogueNames& names);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  using Set = std::shared_ptr<const ValueSet>;
  void AddForms(const CatalogueNames& names);
  void AddForm(const std::string& form, std::vector<Set> shown);
  void AddParameters(const Catalogue& catalogue, RuleFiles& files);
  std::string FormOf(const toml::table& rule, const std::string& id);
  std::optional<std::size_t> FirstForeignOfPair(std::string_view pair) const;

  Enumeration paths_;
  std::map<std::string, Set> forms_;                            // by what a rule calls them, or by id for its own
  std::map<std::string, std::string, std::less<>> parameters_;  // with the form of their values
  std::unique_ptr<const Enumeration> parameter_names_;
};

}  // namespace hushlog
