// Page views of a visitor, from the requests for documents and widgets. visit.h tells how one follows from the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/page_map.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/page_titles.h"
#include "src/visits/reporting_documents.h"
#include "src/visits/visit.h"
#include "src/visits/visit_trace.h"

namespace hushlog {

// Thread-safety: none.
class PageViews {
 public:
  static constexpr std::int32_t kUnknownPage = -2;  // of a plugin that is not public: shown as XYZ

  // `rules` and `sink` must outlive the object, and `trace`, which may be null.
  PageViews(const RuleSet& rules, HitSink& sink, VisitTrace* trace = nullptr);

  PageChange Document(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  PageChange Widget(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  PageChange DashboardLayout(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  void Boot(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
    documents_.Boot(action, parameters, visit);
  }

  // Decides what has waited long enough at `now_ms`, or (DecideAll) everything, as if nothing followed.
  void DecideOverdue(Visit& visit, std::int64_t now_ms) { documents_.DecideOverdue(visit, now_ms); }
  void DecideAll(Visit& visit) { documents_.DecideAll(visit); }

  // What the URL of a report page shows of a widget's parameters, in the plugin's order. Valid until the next call.
  std::span<const Parameter> PageParameters(std::span<const Parameter> parameters);

 private:
  std::int32_t PageOf(const UiAction& action, std::span<const Parameter> parameters) const;
  std::optional<PageChange> Join(const PageLoad& asked, bool post, Visit& visit) const;
  PageChange OpenPage(const UiAction& action, std::span<const Parameter> parameters, PageLoad load, Visit& visit);
  PageName NameOf(std::int32_t page) const;
  void Note(VisitNote note, const PageLoad& load) const;

  const Catalogue& catalogue_;
  HitSink& sink_;
  VisitTrace* trace_;
  std::shared_ptr<const PageMap> pages_;
  ReportingDocuments documents_;
  Name core_home_, index_;
  Name dashboard_, embedded_index_;
  Name id_site_, period_, date_, segment_;
  std::vector<Parameter> page_parameters_;  // reused
};

}  // namespace hushlog
