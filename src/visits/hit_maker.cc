#include "src/visits/hit_maker.h"

namespace hushlog {

Hit MakeHit(Hit::Kind kind, const UiAction& action, const Visit& visit) {
  Hit hit;
  hit.kind = kind;
  hit.time_ms = action.time_ms;
  hit.day = action.day;
  hit.visitor = action.visitor;
  hit.access = visit.access;
  hit.address = action.address;
  hit.user_agent = action.user_agent;
  hit.client_hints = action.client_hints;
  hit.language = action.language;
  return hit;
}

Hit MakePageView(const UiAction& action, PageName page, std::span<const Parameter> parameters, const Visit& visit,
                 const Catalogue& catalogue) {
  Hit hit = MakeHit(Hit::Kind::kPageView, action, visit);
  // A page without a module is the login form: everybody else is redirected to one with a module.
  AppendTitle(page.top.empty() ? PageName{"Login", ""} : page, &hit.title);
  AppendPageUrl(page, parameters, catalogue, &hit.url);
  return hit;
}

}  // namespace hushlog
