#include "src/visits/hit_maker.h"

namespace hushlog {

Hit MakeHit(Hit::Kind kind, const UiAction& action, const Visit& visit) {
  Hit hit;
  hit.kind = kind;
  hit.time_ms = action.time_ms;
  hit.day = action.day;
  hit.hour = action.hour;
  hit.visitor = action.visitor;
  hit.access = visit.access;
  hit.address = action.address;
  hit.user_agent = action.user_agent;
  hit.client_hints = action.client_hints;
  hit.language = action.language;
  if (action.identified != nullptr) {
    hit.user = action.identified->user;
    const std::string& page = action.identified->page;
    hit.identified_url = page.starts_with('/') ? std::string(kPageBase) + page : page;
  }
  return hit;
}

Hit MakePageView(const UiAction& action, PageName page, std::span<const Parameter> parameters, const Visit& visit,
                 const Catalogue& catalogue) {
  Hit hit = MakeHit(Hit::Kind::kPageView, action, visit);
  // A page without a module is the login form: everybody else is redirected to one with a module.
  AppendTitle(page.top.empty() ? PageName{"Login", ""} : page, &hit.title);
  AppendPageUrl(page, parameters, catalogue, &hit.url);
  if (action.identified != nullptr && !action.identified->plugin.empty()) {
    AppendTitle({action.identified->plugin, action.identified->action}, &hit.identified_title);
  }
  return hit;
}

namespace {

void AppendMenuId(std::string_view name, std::string_view id, std::string* url) {
  url->append(name);
  for (const char c : id) c == ' ' ? url->append("%20") : url->append(1, c);
}

// Which dashboard or goal the request asked for, as it stands in its query ("?idSite=2&idDashboard=3"); "" if none.
std::string_view ItemOf(std::string_view query) {
  while (!query.empty()) {
    query.remove_prefix(1);  // '?' or '&'
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::string_view name = pair.substr(0, pair.find('='));
    if (name == "idDashboard" || name == "idGoal") return pair.substr(std::min(name.size() + 1, pair.size()));
    query.remove_prefix(pair.size());
  }
  return {};
}

}  // namespace

// "#?idSite=2&period=day&date=today&category=General_Visitors&subcategory=General_Overview", as Matomo 4 and 5 write
// it; a dashboard or goal is a subcategory of its own.
void AppendFragment(const UiAction& action, const ReportPage& page, Hit* hit) {
  if (hit->identified_url.empty()) return;
  hit->identified_url.append("#").append(action.identified->query.empty() ? "?" : action.identified->query + "&");
  AppendMenuId("category=", page.category, &hit->identified_url);
  const std::string_view subcategory =
      page.subcategory == "#" ? ItemOf(action.identified->query) : std::string_view(page.subcategory);
  if (!subcategory.empty()) AppendMenuId("&subcategory=", subcategory, &hit->identified_url);
}

}  // namespace hushlog
