// What one visitor has open.
//
// The in-page plugin sees the fragment of the URL, which names the report page; the server sees widgets being asked
// for. How one follows from the other, for the interface of Matomo 3 to 5:
//
// - The document CoreHome.index shows a report page as soon as it is loaded. If its URL has no fragment, the plugin
//   counts the document (`CoreHome Index`) and then the page; with a fragment (bookmark, reload, site selector) only
//   the page. The page that is loaded first tells which it was (ReportingDocuments). A document whose scripts never ran
//   was left before it was shown.
// - The widgets of a report page share document, site, period, date, segment and comparison; so a widget joins the
//   newest page load that still lacks it, and otherwise opens a page view. They are asked for within seconds, but
//   answers may take long, and some follow when the reader scrolls or chooses another dimension.
// - Loading a document again ends what it had open.
// - Every other document is one page view.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/access_rules.h"
#include "rules/ui_action.h"
#include "src/visits/hit_queue.h"

namespace hushlog {

// A document of the reporting pages that the visitor loaded, or got the login form instead of (`forbidden`).
struct ReportingDocument {
  std::uint64_t document = 0;  // PageContext::document
  std::int64_t time_ms = 0;
  Parameter site, period, date;    // of its URL; Name::kNone where it has none
  HitQueue::Ticket index_hit = 0;  // its `CoreHome Index`, while it is undecided whether it was one
  bool undecided = false;
  bool forbidden = false;
  bool left = false;                // another document was loaded soon after
  bool alive = false;               // its scripts ran
  std::uint64_t segment = 0;        // of the page last shown in it
  std::uint64_t comparison = 0;     // likewise
  bool last_was_dashboard = false;  // likewise
  std::string last_title;           // likewise; empty if none was
  std::string last_url;
};

// A report page whose widgets are being asked for.
struct PageLoad {
  struct Widget {
    std::uint64_t id = 0;
    std::int64_t time_ms = 0;
    bool aborted = false;  // the browser did not wait for it
  };
  std::uint64_t document = 0;
  std::uint64_t view = 0;
  std::uint64_t item = 0;  // of numbered pages (goals, dashboards)
  std::int32_t page = 0;   // PageMap number, or PageViews::kUnknownPage
  std::int64_t time_ms = 0;
  bool has_layout = false;  // dashboards: their layout was asked for
  bool first = false;       // the first page that its document showed
  std::vector<Widget> widgets;
};

struct Visit {
  std::int64_t last_ms = 0;
  bool live = false;                             // the last action was read when it happened
  std::int32_t day = 0;                          // of the log, whose key the hashes have
  std::uint64_t last_document = 0;               // the document loaded last, of whatever page
  std::uint64_t last_opener = 0;                 // its PageContext::opener
  std::vector<ReportingDocument> documents;      // oldest first
  std::vector<PageLoad> loads;                   // oldest first
  std::uint64_t last_change = 0;                 // of a plugin: Events::IsRepeatedChange
  std::int64_t last_change_ms = 0;               // likewise
  std::vector<std::uint64_t> dashboard_widgets;  // that the dashboard last opened has asked for
  Access access = Access::kUnknown;              // as far as the log has proved it
  HitQueue hits;
};

}  // namespace hushlog
