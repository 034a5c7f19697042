// What is counted as an event, and under which names ([[event]], rules/events.toml).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "rules/catalogue.h"
#include "rules/rule_files.h"
#include "rules/ui_action.h"

namespace hushlog {

// The three names of an event. `{call}`, `{report}` and `{format}` are filled in by who makes the hit.
struct EventNames {
  std::string category, action, name;
  std::string rule;  // id of the rule that gives them
};

// What an event is told by. The first four are requests, the others follow from what a visitor had open.
enum class EventSource : std::uint8_t {
  kApi,         // API method called by the interface
  kController,  // controller action
  kDocument,    // document that is shown (status 200)
  kPopover,
  kExport,
  kTable,  // change of a table, told by a parameter
  kSegment,
  kComparison,
  kSite,
  kWidgetAgain,
  kReportView,
  kReportInteraction,
};

// What an action is to a report: its reader was shown it, or did something with it.
struct ReportUse {
  enum class Kind : std::uint8_t { kNone, kView, kInteraction };
  Kind kind = Kind::kNone;
  Name plugin = Name::kNone;
  Name report = Name::kNone;
};

// Immutable; may be shared by threads. Results live as long as the object.
class EventRules {
 public:
  // Notes what is broken.
  EventRules(RuleFiles* files, const Catalogue& catalogue);
  // Whether what the rule of that `on` counts shows in a single request, so that it can have samples.
  static bool HasSamples(std::string_view on);

  // Null if the action is no event.
  const EventNames* Find(const UiAction& action, std::span<const Parameter> parameters) const noexcept;
  // Null if this is not counted.
  const EventNames* Find(EventSource source) const noexcept;
  // Everything that Find may return, in no order, repeated where rules repeat it.
  std::vector<EventNames> All() const;
  // A view is a report on a report page, on a dashboard or embedded in another page that the browser waited for. An
  // interaction is a table that is changed, an export or row evolution, whether waited for or not.
  ReportUse UseOf(const UiAction& action) const noexcept;
  // Whether the widget shows figures of a site: only the use of those is counted.
  bool IsReport(Name plugin, Name action) const noexcept;

 private:
  struct TableRule {
    Name parameter;
    EventNames names;
  };
  void LoadNoReports(RuleFiles* files, const Catalogue& catalogue);

  std::unordered_map<std::uint64_t, EventNames> calls_;     // by source, plugin and action or method
  std::unordered_map<std::uint8_t, EventNames> by_source_;  // without calls
  std::vector<TableRule> tables_;                           // the first that fits
  std::unordered_set<std::uint32_t> no_reports_;            // by plugin and action, Name::kNone for all actions
};

}  // namespace hushlog
