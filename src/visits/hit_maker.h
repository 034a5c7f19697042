// Makes hits from actions.
#pragma once

#include <span>
#include <string_view>

#include "rules/catalogue.h"
#include "rules/page_map.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/page_titles.h"
#include "src/visits/visit.h"

namespace hushlog {

// Time, visitor, access and client of the action; nothing else is set.
Hit MakeHit(Hit::Kind kind, const UiAction& action, const Visit& visit);

Hit MakePageView(const UiAction& action, PageName page, std::span<const Parameter> parameters, const Visit& visit,
                 const Catalogue& catalogue);

// Adds to the identified URL of the page view the fragment by which the browser shows this report page.
void AppendFragment(const UiAction& action, const ReportPage& page, Hit* hit);

}  // namespace hushlog
