// Documents of the reporting pages (CoreHome.index): which of them count, and under which name.
//
// The in-page plugin counts the document if its URL has no fragment, and then the page that it shows; with a fragment
// (bookmark, reload, site selector) only the page. No log has fragments, so a document waits for what it shows first.
#pragma once

#include <cstdint>
#include <span>

#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/visits/hit.h"
#include "src/visits/visit.h"
#include "src/visits/visit_trace.h"

namespace hushlog {

// What came with a page, beside the page view itself.
struct PageChange {
  bool opened = false;              // a report page was opened
  bool first = false;               // it is the first one that its document shows
  bool drawn_again = false;         // the page that is shown asked once more for what it shows already
  bool reloaded = false;            // a document was loaded again: nothing new was chosen
  bool segment_selected = false;    // with a segment that the page before it did not have
  bool comparison_started = false;  // likewise, with a comparison
};

// Thread-safety: none.
class ReportingDocuments {
 public:
  // `rules` and `sink` must outlive the object, and `trace`, which may be null.
  ReportingDocuments(const RuleSet& rules, HitSink& sink, VisitTrace* trace);

  // A document of the reporting pages was loaded.
  PageChange Load(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  // Any other document was loaded.
  void LeaveFor(const UiAction& action, Visit& visit);
  // The scripts of a document run: ActionKind::kPageBoot.
  void Boot(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  // A report page opens, and `hit` will count it. Decides the document that shows it.
  PageChange Show(const UiAction& action, std::span<const Parameter> parameters, bool dashboard, const Hit& hit,
                  Visit& visit);

  // Decides what has waited long enough at `now_ms`, or (DecideAll) everything, as if nothing followed.
  void DecideOverdue(Visit& visit, std::int64_t now_ms);
  void DecideAll(Visit& visit);

 private:
  void LoadForbidden(const UiAction& action, std::span<const Parameter> parameters, Visit& visit);
  void Hold(const UiAction& action, std::span<const Parameter> parameters, ReportingDocument document, Visit& visit);
  bool IsLanding(const UiAction& action, std::span<const Parameter> parameters,
                 const ReportingDocument& document) const;
  void NameForbidden(std::uint64_t document, bool landing, const Hit& first_page, Visit& visit);
  void Decide(ReportingDocument& document, bool happened, Visit& visit);
  void Note(VisitNote note, const Hit* hit) const;

  const Catalogue& catalogue_;
  HitSink& sink_;
  VisitTrace* trace_;
  Name core_home_, index_;
  Name id_site_, period_, date_;
  Name range_;
};

}  // namespace hushlog
