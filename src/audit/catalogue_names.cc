#include "src/audit/catalogue_names.h"

#include <cctype>

namespace hushlog {
namespace {

Name NameAt(std::size_t number) { return static_cast<Name>(number); }

bool IsPublic(Name name) { return name > Name::kPlaceholder; }

std::string Capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// "General_Visitors" is shown as "Visitors": what is before the first '_' names a file of translations.
std::string MenuText(const std::string& id) {
  const std::size_t underscore = id.find('_');
  return underscore == std::string::npos ? id : id.substr(underscore + 1);
}

bool IsNumbered(const std::string& menu_text) {
  return menu_text == "#" || (!menu_text.empty() && menu_text.find_first_not_of("0123456789") == std::string::npos);
}

}  // namespace

CatalogueNames::CatalogueNames(const Catalogue& catalogue, const PageMap& pages)
    : catalogue_(catalogue), plugins_(WithRole(&Catalogue::Plugin)) {
  pages_ = {{"Login", ""}, {std::string(kHiddenName), ""}, {std::string(kHiddenName), std::string(kHiddenName)}};
  calls_ = {pages_[1], pages_[2]};
  AddMembers();
  AddReportPages(pages);
}

void CatalogueNames::AddMembers() {
  for (const std::string& text : plugins_) {
    const Name plugin = catalogue_.Plugin(text);
    const std::string hidden(kHiddenName);
    for (std::vector<Pair>* pairs : {&pages_, &calls_}) pairs->insert(pairs->end(), {{text, ""}, {text, hidden}});
    for (std::size_t number = 0; number < catalogue_.size(); ++number) {
      const std::string_view member = catalogue_.Text(NameAt(number));
      const bool is_action = IsPublic(catalogue_.Action(plugin, member));
      if (is_action) pages_.push_back({text, std::string(member)});
      if (is_action || IsPublic(catalogue_.ApiMethod(plugin, member))) calls_.push_back({text, std::string(member)});
    }
  }
}

void CatalogueNames::AddReportPages(const PageMap& pages) {
  for (std::int32_t number = 0; number < pages.size(); ++number) {
    const std::string sub = MenuText(pages.page(number).subcategory);
    pages_.push_back({MenuText(pages.page(number).category), IsNumbered(sub) ? "" : sub});
  }
}

std::vector<std::string> CatalogueNames::Titles() const {
  std::vector<std::string> titles;
  for (const Pair& page : pages_) {
    titles.push_back(Capitalised(page.first) + (page.second.empty() ? "" : " " + Capitalised(page.second)));
  }
  return titles;
}

std::vector<std::string> CatalogueNames::Paths() const {
  std::vector<std::string> paths = {"/"};
  for (const Pair& page : pages_) {
    paths.push_back("/" + page.first + "/" + (page.second.empty() ? "default" : page.second) + "/");
  }
  return paths;
}

std::vector<std::string> CatalogueNames::Calls() const {
  std::vector<std::string> calls;
  for (const Pair& call : calls_) calls.push_back(call.first + "." + call.second);
  return calls;
}

std::vector<std::string> CatalogueNames::Words() const { return WithRole(&Catalogue::Word); }
std::vector<std::string> CatalogueNames::Categories() const { return WithRole(&Catalogue::Category); }
std::vector<std::string> CatalogueNames::Subcategories() const { return WithRole(&Catalogue::Subcategory); }
std::vector<std::string> CatalogueNames::Popovers() const { return WithRole(&Catalogue::Popover); }

std::vector<std::string> CatalogueNames::WithRole(Role role) const {
  std::vector<std::string> texts;
  for (std::size_t number = 0; number < catalogue_.size(); ++number) {
    const std::string_view text = catalogue_.Text(NameAt(number));
    if (IsPublic((catalogue_.*role)(text))) texts.emplace_back(text);
  }
  return texts;
}

}  // namespace hushlog
