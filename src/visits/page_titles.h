// Titles and URLs of pages, as the in-page plugin AnonymousPiwikUsageMeasurement writes them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/catalogue.h"
#include "rules/ui_action.h"

namespace hushlog {

// The host that the plugin puts in the place of the installation's own.
inline constexpr std::string_view kPageBase = "https://demo-anonymous.matomo.org";

// Where a page stands in the menu, or which controller action shows it.
struct PageName {
  std::string_view top;  // category, or module
  std::string_view sub;  // subcategory, or action; may be empty
};

// Name of a report page: the text up to the first '_' of a menu id is its translation prefix and goes; a numeric
// subcategory (goal, dashboard; "#" in the page map) names one installation's data and goes too.
PageName ReportPageName(std::string_view category, std::string_view subcategory);

// "Visitors Overview", "CoreHome Index", "Dashboard".
void AppendTitle(PageName page, std::string* out);

// "https://demo-anonymous.matomo.org/Visitors/Overview/?idSite=2&period=day". `parameters` that name the page itself
// (module, action, category, subcategory) are left out; the others keep their order.
void AppendPageUrl(PageName page, std::span<const Parameter> parameters, const Catalogue& catalogue, std::string* out);

}  // namespace hushlog
