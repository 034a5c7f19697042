#include "src/audit/page_urls.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "src/audit/scanner.h"

namespace hushlog {
namespace {

constexpr std::uint64_t kMostIds = 20;
constexpr std::int64_t kMaxNumber = 0x7fffffff;

// They name the page itself, and so do those of the form kElsewhere: the path says it.
bool NamesThePage(std::string_view parameter) {
  static const std::set<std::string_view> kNames = {"module", "action", "category", "subcategory"};
  return kNames.contains(parameter);
}

std::vector<std::string> TextsAt(const toml::table& table, std::string_view key) {
  std::vector<std::string> texts;
  if (const toml::array* list = table[key].as_array()) {
    for (const toml::node& text : *list) texts.push_back(text.value_or(std::string()));
  }
  return texts;
}

std::shared_ptr<const ValueSet> List(std::string what, std::vector<std::string> members) {
  return std::make_shared<Enumeration>(std::move(what), std::move(members));
}

}  // namespace

PageUrls::PageUrls(const Catalogue& catalogue, RuleFiles& files, const CatalogueNames& names)
    : paths_("paths of pages", names.Paths()) {
  AddForms(names);
  AddParameters(catalogue, files);
  std::vector<std::string> texts;
  for (const auto& [text, form] : parameters_) texts.push_back(text);
  parameter_names_ = std::make_unique<Enumeration>("names of parameters", std::move(texts));
}

void PageUrls::AddForm(const std::string& form, std::vector<Set> shown) {
  Union::Parts parts = {
      {"hidden", List("values: nothing, or XYZ for what is not shown", {"", std::string(kHiddenName)})}};
  for (Set& set : shown) parts.emplace_back("shown", std::move(set));
  forms_.emplace(form, std::make_shared<Union>(std::move(parts)));
}

void PageUrls::AddForms(const CatalogueNames& names) {
  const auto ids = std::make_shared<WholeNumber>("reduced", 1, kMostIds);
  const auto words = List("words of Matomo", names.Words());
  AddForm("hidden", {});
  AddForm("secret", {});
  AddForm("id", {ids, words});
  AddForm("date", {std::make_shared<Dates>(), List("key words", {"today", "yesterday", "now"}), words});
  AddForm("word", {words});
  AddForm("plugin", {List("public plugins", names.plugins())});
  AddForm("category", {List("categories of the menu", names.Categories())});
  AddForm("subcategory", {ids, List("subcategories of the menu", names.Subcategories())});
  AddForm("popover", {List("names of popovers", names.Popovers())});
}

// Of several rules for a name the first counts. Names without a rule are hidden.
void PageUrls::AddParameters(const Catalogue& catalogue, RuleFiles& files) {
  std::set<std::string, std::less<>> elsewhere;
  files.ForEachRule("parameter", [&](const RuleFiles::Rule& rule) {
    const std::string form = FormOf(*rule.table, rule.id);
    for (const std::string& name : TextsAt(*rule.table, "names")) {
      if (elsewhere.contains(name) || parameters_.contains(name)) continue;
      if (form == "elsewhere") {
        elsewhere.insert(name);
      } else {
        parameters_.emplace(name, form);
      }
    }
  });
  for (std::size_t number = 2; number < catalogue.parameters_end(); ++number) {
    const std::string_view name = catalogue.Text(static_cast<Name>(number));
    if (!elsewhere.contains(name)) parameters_.emplace(name, "hidden");
  }
  std::erase_if(parameters_, [](const auto& entry) { return NamesThePage(entry.first); });
}

// The form that a rule calls by a name, or one of its own, which gets the name of the rule.
std::string PageUrls::FormOf(const toml::table& rule, const std::string& id) {
  const std::string form = rule["value"].value_or(std::string());
  if (form == "elsewhere" || forms_.contains(form)) return form;
  const auto number = [&](std::string_view key, std::int64_t otherwise) {
    return static_cast<std::uint64_t>(rule[key].value_or(otherwise));
  };
  if (form == "enumeration") {
    AddForm("of " + id, {List("values", TextsAt(rule, "values"))});
  } else if (form == "integer") {
    const std::uint64_t least = number("min", 0);
    const std::uint64_t most = number("max", kMaxNumber);
    const std::uint64_t modulo = number("modulo", 0);
    const bool reduced = modulo > 0 && modulo < most - least + 1;
    AddForm("of " + id, {std::make_shared<WholeNumber>(reduced ? "reduced" : "as it is", least,
                                                       reduced ? least + modulo - 1 : most)});
  } else if (form == "pattern") {
    AddForm("of " + id, {std::make_shared<Patterns>(TextsAt(rule, "patterns"), number("max_length", 0))});
  } else {
    throw std::logic_error("a form of parameters that the egress grammar lacks");
  }
  return "of " + id;
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
  const Set& form = forms_.at(parameters_.find(pair.substr(0, equals))->second);
  const auto foreign = form->FirstForeign(pair.substr(equals + 1));
  return foreign ? std::optional(equals + 1 + *foreign) : std::nullopt;
}

SetDescription PageUrls::Describe() const {
  SetDescription description{
      fmt::format("{}{{path}}?{{parameters}}; these are name=value, joined by '&', each at most once", kPublicHost),
      {},
      {{"{path}", paths_.Describe()}}};
  for (const auto& [form, values] : forms_) {
    std::vector<std::string> names;
    for (const auto& [name, form_of_name] : parameters_) {
      if (form_of_name == form) names.push_back(name);
    }
    if (names.empty()) continue;
    const std::string place = fmt::format("{{{}}}", form);
    description.parts.emplace_back(
        "name=" + place, SetDescription{fmt::format("{} names", names.size()), names, {{place, values->Describe()}}});
  }
  return description;
}

}  // namespace hushlog
