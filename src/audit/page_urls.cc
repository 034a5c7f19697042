#include "src/audit/page_urls.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "src/audit/scanner.h"

namespace hushlog {
namespace {

constexpr std::uint64_t kMostIds = 20;

// They name the page itself, and so do those of the form kElsewhere: the path says it.
bool NamesThePage(std::string_view parameter) {
  static const std::set<std::string_view> kNames = {"module", "action", "category", "subcategory"};
  return kNames.contains(parameter);
}

std::shared_ptr<const ValueSet> List(std::string what, std::vector<std::string> members) {
  return std::make_shared<Enumeration>(std::move(what), std::move(members));
}

}  // namespace

PageUrls::PageUrls(const Catalogue& catalogue, const ParameterRules& rules, const CatalogueNames& names)
    : paths_("paths of pages", names.Paths()) {
  AddForms(names);
  for (std::size_t number = 2; number < catalogue.parameters_end(); ++number) {
    const auto name = static_cast<Name>(number);
    const std::string_view text = catalogue.Text(name);
    const Form form = rules.Form(name);
    if (NamesThePage(text) || form == Form::kElsewhere) continue;
    if (!forms_.contains(form)) throw std::logic_error("a form of parameters that the egress grammar lacks");
    parameters_.emplace(text, form);
  }
  std::vector<std::string> texts;
  for (const auto& [text, form] : parameters_) texts.push_back(text);
  parameter_names_ = std::make_unique<Enumeration>("names of parameters", std::move(texts));
}

void PageUrls::AddForms(const CatalogueNames& names) {
  const auto hidden = List("values: nothing, or XYZ for what is not shown", {"", std::string(kHiddenName)});
  const auto ids = std::make_shared<WholeNumber>("reduced", 1, kMostIds);
  const auto words = List("words of Matomo", names.Words());
  const auto add = [&](Form form, std::string name, std::vector<std::shared_ptr<const ValueSet>> sets) {
    std::vector<std::pair<std::string, std::shared_ptr<const ValueSet>>> parts = {{"hidden", hidden}};
    for (auto& set : sets) parts.emplace_back("shown", std::move(set));
    forms_[form] = {std::move(name), std::make_shared<Union>(std::move(parts))};
  };
  add(Form::kHidden, "{hidden}", {});
  add(Form::kId, "{id}", {ids, words});
  const auto key_words = List("key words", {"today", "yesterday", "now"});
  add(Form::kDate, "{date}", {std::make_shared<Dates>(), key_words, words});
  add(Form::kWord, "{word}", {words});
  add(Form::kPlugin, "{plugin}", {List("public plugins", names.plugins())});
  add(Form::kCategory, "{category}", {List("categories of the menu", names.Categories())});
  add(Form::kSubcategory, "{subcategory}", {ids, List("subcategories of the menu", names.Subcategories())});
  add(Form::kPopover, "{popover}", {List("names of popovers", names.Popovers())});
}

std::optional<std::size_t> PageUrls::FirstForeign(std::string_view value) const {
  Scanner scanner(value);
  if (!scanner.Take(kPublicHost)) return scanner.at();
  const std::string_view path = scanner.rest().substr(0, scanner.rest().find('?'));
  if (const auto foreign = paths_.FirstForeign(path)) return scanner.at() + *foreign;
  scanner.Take(path);
  if (!scanner.Take("?")) return scanner.at();
  std::set<std::string_view> seen;
  while (!scanner.done()) {
    const std::string_view pair = scanner.rest().substr(0, scanner.rest().find('&'));
    if (!seen.insert(pair.substr(0, pair.find('='))).second) return scanner.at();
    if (const auto foreign = FirstForeignOfPair(pair)) return scanner.at() + *foreign;
    scanner.Take(pair);
    // Nothing, or another pair, follows.
    if (scanner.Take("&") && scanner.done()) return scanner.at();
  }
  return std::nullopt;
}

std::optional<std::size_t> PageUrls::FirstForeignOfPair(std::string_view pair) const {
  const std::size_t equals = pair.find('=');
  if (const auto foreign = parameter_names_->FirstForeign(pair.substr(0, equals))) return foreign;
  if (equals == std::string_view::npos) return pair.size();
  const Form form = parameters_.find(pair.substr(0, equals))->second;
  const auto foreign = forms_.at(form).second->FirstForeign(pair.substr(equals + 1));
  return foreign ? std::optional(equals + 1 + *foreign) : std::nullopt;
}

SetDescription PageUrls::Describe() const {
  SetDescription description{
      fmt::format("{}{{path}}?{{parameters}}; these are name=value, joined by '&', each at most once", kPublicHost),
      {},
      {{"{path}", paths_.Describe()}}};
  for (const auto& [form, named_set] : forms_) {
    std::vector<std::string> names;
    for (const auto& [name, form_of_name] : parameters_) {
      if (form_of_name == form) names.push_back(name);
    }
    if (names.empty()) continue;
    description.parts.emplace_back(
        "name=" + named_set.first,
        SetDescription{
            fmt::format("{} names", names.size()), names, {{named_set.first, named_set.second->Describe()}}});
  }
  return description;
}

}  // namespace hushlog
