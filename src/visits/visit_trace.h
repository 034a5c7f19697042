// Tells what became of each action, and why, to somebody who wants to know (`hushlog explain`).
#pragma once

#include <cstdint>
#include <string_view>

namespace hushlog {

enum class VisitNote : std::uint8_t {
  kCounted,           // a page view of its own
  kHeld,              // a page view, unless what follows shows that its URL had a fragment
  kOpened,            // the first request of a report page
  kJoined,            // a further one of a report page that is open
  kDrawnAgain,        // a report page asked once more for what it shows: no other view
  kNoPage,            // on no report page, or on several
  kReload,            // loaded again: the fragment stayed, the page counts and not the document
  kSiteSelector,      // likewise, another site was chosen
  kSamePageAsBefore,  // the login form in the place of a page that was open before
  kReleased,          // what was held counts: no fragment
  kWithdrawn,         // what was held does not count: a fragment, or it was left before it was shown
  kRenamed,           // the login form counts under the name of the page that is seen after the login
  kEvent,             // something else that counts
};

// Thread-safety: none.
class VisitTrace {
 public:
  virtual ~VisitTrace() = default;
  // `what` is the title of the page view, or the names of the event and its rule: no byte of a line, valid during the
  // call; `time_ms` when the page view began. Both are empty where the note is of no page view.
  virtual void OnNote(VisitNote note, std::string_view what, std::int64_t time_ms) = 0;
};

}  // namespace hushlog
