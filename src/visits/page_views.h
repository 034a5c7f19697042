// Page views of a visitor, from the requests for documents and widgets. visit.h tells how one follows from the other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rules/page_map.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/page_titles.h"
#include "src/visits/visit.h"

namespace hushlog {

// What opened with a page, beside the page view itself.
struct PageChange {
  bool opened = false;              // a report page was opened
  bool segment_selected = false;    // with a segment that the page before it did not have
  bool comparison_started = false;  // likewise, with a comparison
};

// Thread-safety: none.
class PageViews {
 public:
  static constexpr std::int32_t kUnknownPage = -2;  // of a plugin that is not public: shown as XYZ

  // `rules` and `sink` must outlive the object.
  PageViews(const RuleSet& rules, HitSink& sink);

  void Document(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  PageChange Widget(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  PageChange DashboardLayout(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);

  // Decides what has waited long enough at `now_ms`, or (DecideAll) everything, as if nothing followed.
  void DecideOverdue(Visit& visit, std::int64_t now_ms);
  void DecideAll(Visit& visit);

  // What the URL of a report page shows of a widget's parameters, in the plugin's order. Valid until the next call.
  std::span<const Parameter> PageParameters(std::span<const Parameter> parameters);

 private:
  void LoadReportingDocument(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  PageChange OpenPage(const UiAction& action, std::span<const Parameter> parameters, std::int32_t page, Visit& visit);
  bool IsLandingPage(const UiAction& action, std::span<const Parameter> parameters, std::int32_t page,
                     const ReportingDocument& document) const;
  void NameForbidden(std::uint64_t document, bool landing, const Hit& first_page, Visit& visit);
  void Decide(ReportingDocument& document, bool happened, Visit& visit);
  PageName NameOf(std::int32_t page) const;

  const Catalogue& catalogue_;
  HitSink& sink_;
  std::shared_ptr<const PageMap> pages_;
  Name core_home_, index_;
  Name id_site_, period_, date_, segment_;
  std::vector<Parameter> page_parameters_;  // reused
};

}  // namespace hushlog
