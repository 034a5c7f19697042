// Makes hits from actions.
#pragma once

#include <span>
#include <string_view>

#include "rules/catalogue.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/page_titles.h"

namespace hushlog {

// Time, visitor and client of the action; nothing else is set. A hit happens when its request was sent: nginx logs the
// end of a request, so its duration is taken off where the log has it.
Hit MakeHit(Hit::Kind kind, const UiAction& action);

Hit MakePageView(const UiAction& action, PageName page, std::span<const Parameter> parameters,
                 const Catalogue& catalogue);

}  // namespace hushlog
