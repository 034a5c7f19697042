#include "src/cli/instance_pages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "rules/page_map.h"

namespace hushlog {
namespace {

bool IsKnown(const PageMap& map, const InstancePage& page) {
  for (std::int32_t number = 0; number < map.size(); ++number) {
    const ReportPage& known = map.page(number);
    if (known.category == page.category && known.subcategory == page.subcategory) return true;
  }
  return false;
}

bool HasPublicNames(const Catalogue& catalogue, const InstancePage& page) {
  const bool numbered = page.subcategory == "#";
  return catalogue.Category(page.category) > Name::kPlaceholder &&
         (numbered || catalogue.Subcategory(page.subcategory) > Name::kPlaceholder);
}

// "general_actions_customdimension3"; made of public names.
std::string IdOf(const InstancePage& page) {
  std::string id = page.category + "_" + page.subcategory;
  for (char& c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    else if (!plain)
      c = '_';
  }
  constexpr std::size_t kMostBytes = 64;
  return id.substr(0, kMostBytes);
}

void AppendRule(const InstancePage& page, const std::vector<std::string>& widgets, std::string* text) {
  fmt::format_to(std::back_inserter(*text),
                 "[[page]]\nid = \"{}\"\ncategory = \"{}\"\nsubcategory = \"{}\"\n"
                 "reason = \"The Matomo tells of it (API.getReportPagesMetadata).\"\nwidgets = [\n  \"{}\",\n]\n\n",
                 IdOf(page), page.category, page.subcategory, fmt::join(widgets, "\",\n  \""));
}

}  // namespace

PageRules RulesFor(const std::vector<InstancePage>& pages, const RuleSet& rules) {
  const PageMap& map = *rules.pages();
  PageRules result;
  std::set<std::string, std::less<>> taken;
  for (const InstancePage& page : pages) {
    if (IsKnown(map, page)) {
      ++result.known;
      continue;
    }
    std::vector<std::string> widgets;
    for (const std::string& widget : page.widgets) {
      if (map.IsFree(widget) && taken.insert(widget).second) widgets.push_back(widget);
    }
    if (!HasPublicNames(rules.catalogue(), page) || widgets.empty()) {
      ++result.hidden;
      continue;
    }
    AppendRule(page, widgets, &result.text);
    ++result.pages;
  }
  return result;
}

}  // namespace hushlog
