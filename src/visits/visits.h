// Turns actions into the hits that the in-page plugin would have sent: page views, events, downloads.
//
// What one request shows is turned at once: documents, and report pages by the one widget that every load of the page
// asks for (rules/catalogue/pages.toml). No state is kept from action to action yet, so that two requests of one page
// load can never be told from two loads; rebuilding visits from bursts of widgets belongs here.
//
// Thread-safety: none; belongs to the thread that consumes actions in the order of their lines.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "rules/page_map.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/page_titles.h"

namespace hushlog {

class Visits {
 public:
  // `rules` and `sink` must outlive the object.
  Visits(const RuleSet& rules, HitSink& sink);

  void Consume(const UiAction& action, std::span<const Parameter> parameters);

 private:
  void StartHit(const UiAction& action, Hit::Kind kind);
  void PageView(const UiAction& action, PageName page, std::span<const Parameter> parameters);
  void Document(const UiAction& action, std::span<const Parameter> parameters);
  void Report(const UiAction& action, std::span<const Parameter> parameters);
  void Export(const UiAction& action, std::span<const Parameter> parameters);
  void ApiCall(const UiAction& action, std::span<const Parameter> parameters);
  void Login(const UiAction& action, std::span<const Parameter> parameters);
  // What the URL of a report page shows of a widget's parameters, in the plugin's order.
  std::span<const Parameter> PageParameters(std::span<const Parameter> parameters);

  const Catalogue& catalogue_;
  HitSink& sink_;
  std::shared_ptr<const PageMap> pages_;
  Name id_site_, period_, date_, segment_, format_, id_report_;
  Name scheduled_reports_, generate_report_;
  Hit hit_;                                 // reused
  std::vector<Parameter> page_parameters_;  // reused
};

}  // namespace hushlog
