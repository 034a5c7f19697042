// Events and downloads, from single requests and from what changed with them (rules/events.toml).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/event_rules.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/page_views.h"
#include "src/visits/visit.h"
#include "src/visits/visit_trace.h"

namespace hushlog {

// Thread-safety: none.
class Events {
 public:
  // `rules` and `sink` must outlive the object. `report_use`: uses of reports become hits, too.
  Events(const RuleSet& rules, HitSink& sink, bool report_use, VisitTrace* trace);

  // `change` is what PageViews made of the action, `page` the parameters that the URL of the hit shows.
  void Consume(const UiAction& action, std::span<const Parameter> parameters, const PageChange& change,
               std::span<const Parameter> page, Visit& visit);

  // The request for the layout of a dashboard, which is part of opening it.
  bool IsDashboardLayout(const UiAction& action) const {
    return action.module == dashboard_ && action.action == layout_;
  }

 private:
  void Add(const EventNames* names, const UiAction& action, std::span<const Parameter> parameters,
           std::span<const Parameter> page, Visit& visit, Hit::Kind kind = Hit::Kind::kEvent);
  void UseReport(const UiAction& action, bool is_event, std::span<const Parameter> parameters,
                 std::span<const Parameter> page, Visit& visit);
  void AddDownload(const UiAction& action, std::span<const Parameter> parameters, std::span<const Parameter> page,
                   Visit& visit);
  std::string CallText(Name plugin, Name action) const;
  bool IsRefresh(const UiAction& action, Visit& visit) const;
  bool IsRepeatedChange(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) const;

  const Catalogue& catalogue_;
  HitSink& sink_;
  VisitTrace* trace_;  // may be null
  const EventRules& events_;
  bool report_use_;
  Name format_, id_report_, plugin_name_, core_home_, index_, dashboard_, layout_, embedded_index_, scheduled_reports_,
      generate_report_;
};

}  // namespace hushlog
