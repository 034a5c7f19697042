// Where in the user interface a request comes from, and what it asks about: what tells page loads apart.
#pragma once

#include <cstdint>

namespace hushlog {

// Hashes have the key of the log day, so that they say nothing without it; 0 means that there is nothing to hash.
struct PageContext {
  std::uint64_t document = 0;  // path and query of the document: its own for a document, its Referer's for others
  std::uint64_t opener = 0;    // path and query of a document's Referer
  std::uint64_t view = 0;      // site, period, date, segment and comparison
  std::uint64_t segment = 0;
  std::uint64_t comparison = 0;
  std::uint64_t item = 0;        // goal, custom dimension or dashboard
  bool all_goals = false;        // idGoal=0: not one goal, but all together
  bool in_reporting = false;     // the Referer is the document of the reporting pages, CoreHome.index
  bool in_widgetize = false;     // the Referer is an embedded widget
  bool from_other_site = false;  // the Referer is that document with another site

  bool operator==(const PageContext&) const = default;
};

}  // namespace hushlog
