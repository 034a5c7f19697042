// URLs of pages, as a hit may carry them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "rules/parameter_rules.h"
#include "src/audit/catalogue_names.h"
#include "src/audit/value_set.h"

namespace hushlog {

// The host that stands for every installation.
inline constexpr std::string_view kPublicHost = "https://demo-anonymous.matomo.org";

// {host}{path}?{parameters}: name=value, joined by '&', each name at most once.
class PageUrls : public ValueSet {
 public:
  // Throws std::logic_error if a rule has a form that is not known here.
  PageUrls(const Catalogue& catalogue, const ParameterRules& rules, const CatalogueNames& names);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  using Form = ParameterRules::ValueForm;
  void AddForms(const CatalogueNames& names);
  std::optional<std::size_t> FirstForeignOfPair(std::string_view pair) const;

  Enumeration paths_;
  std::map<Form, std::pair<std::string, std::shared_ptr<const ValueSet>>> forms_;  // with a word for each
  std::map<std::string, Form, std::less<>> parameters_;
  std::unique_ptr<const Enumeration> parameter_names_;
};

}  // namespace hushlog
