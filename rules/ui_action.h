// What one request asked of the Matomo user interface, identified and sanitised.
//
// A UiAction holds catalogue names, bounded numbers, dates, a keyed pseudonym and reduced client facts: no byte of the
// log line, but for short values of which a rule says by a pattern what they look like, and for `identified`, which is
// only made for targets that ask for it. Actions live in an ActionBatch, which owns their parameters.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "rules/catalogue.h"
#include "rules/client_hints.h"
#include "rules/identified.h"
#include "rules/language.h"
#include "rules/masked_address.h"
#include "rules/page_context.h"
#include "rules/user_agent.h"

namespace hushlog {

// Classes of requests (which request is what: rules/requests.toml).
enum class ActionKind : std::uint8_t {
  kDocument,         // page load; in Matomo 2 also a page that the interface loads into itself (then `post` is true)
  kPageBoot,         // what the reporting page asks for when its scripts begin to run; no use by itself
  kReport,           // report of a report page: one of the widgets a page consists of
  kTable,            // a report asked for again by its reader: sorted, searched, paged, expanded, shown another way
  kDashboardWidget,  // widget on a dashboard
  kController,       // other controller call inside the UI
  kUiApiCall,        // API method called by the UI itself
  kExport,           // report exported by a person
  kWidgetized,       // embedded widget or dashboard (Widgetize.iframe); embedded_module and embedded_action are set
  kPopover,          // row evolution (embedded_* name the report), transitions, visitor profile, segmented visitor log
  kLogin,            // login form posted: status 302 = success, 200/403 = form shown again
  kLogout,
  kApiClient,  // API method called by a program
  kBulkApi,    // API.getBulkRequest; inner methods follow as kApiClient/kUiApiCall actions if the URL shows them
};

// A date or range as Matomo's `date` parameter takes it. Days are days since 1970-01-01.
struct DateValue {
  enum class Kind : std::uint8_t {
    kDay,
    kRange,
    kToday,
    kYesterday,
    kNow,
    kLast,
    kPrevious,
    kRangeToToday,
    kRangeToYesterday
  };
  Kind kind = Kind::kToday;
  std::int32_t first = 0;  // day, or the number N of lastN/previousN
  std::int32_t last = 0;   // second day of kRange
};

// A value that a pattern of a rule matches: letters, digits and _.,:-
struct ShortText {
  static constexpr std::size_t kMaxBytes = 31;
  std::uint8_t size = 0;
  std::array<char, kMaxBytes> bytes{};

  std::string_view view() const noexcept { return {bytes.data(), std::min<std::size_t>(size, kMaxBytes)}; }
};

// One parameter of the request's query that may be shown, in its place. module, action and method are not among them.
struct Parameter {
  enum class Kind : std::uint8_t {
    kHidden,  // known name, value not shown: "XYZ"
    kEmpty,   // known name, empty value
    kNumber,  // ids reduced to 1..20, or a small bounded number
    kName,    // a catalogue name (period, popover, pluginName, module, ...)
    kDate,
    kText,  // `text`; `number` is a hash of it, by which values can be compared
  };
  Name name = Name::kNone;
  Kind kind = Kind::kHidden;
  Name value = Name::kNone;
  std::uint32_t number = 0;
  DateValue date;
  ShortText text;
};

struct UiAction {
  ActionKind kind = ActionKind::kDocument;
  std::uint16_t status = 0;
  bool post = false;
  bool timed = false;                  // request_time_us is known
  Name module = Name::kNone;           // plugin; kNone for a document without `module`
  Name action = Name::kNone;           // controller action; for API calls the method
  Name embedded_module = Name::kNone;  // what a kWidgetized shows, or the report that a kPopover is about
  Name embedded_action = Name::kNone;
  std::uint32_t first_parameter = 0;  // in ActionBatch::parameters
  std::uint32_t parameter_count = 0;
  std::int64_t time_ms = 0;  // UTC; when the request began, as far as the log tells: nginx logs its end
  std::int64_t request_time_us = 0;
  std::int32_t day = 0;       // local calendar day of the log line, days since 1970-01-01
  std::uint8_t hour = 0;      // local hour of the log line, 0 to 23
  std::uint64_t visitor = 0;  // keyed hash of address and user agent, key of that day
  PageContext page;
  MaskedAddress address;
  UserAgent user_agent;
  ClientHints client_hints;
  Language language;
  const IdentifiedFacts* identified = nullptr;  // in ActionBatch::identified
};

// An API call that was answered with an error status. Its line is dropped for that; what it asked for is worth knowing.
struct FailedCall {
  std::int32_t day = 0;     // as UiAction::day
  bool of_program = false;  // else of the interface
  Name plugin = Name::kNone;
  Name method = Name::kNone;
};

// Actions in the order of their lines. Reused from chunk to chunk; clear() keeps the memory.
struct ActionBatch {
  std::vector<UiAction> actions;
  std::vector<Parameter> parameters;
  std::vector<FailedCall> failed_calls;
  std::deque<IdentifiedFacts> identified;  // empty unless the Recognizer makes it; stays in place if the batch is moved

  std::span<const Parameter> ParametersOf(const UiAction& action) const {
    return {parameters.data() + action.first_parameter, action.parameter_count};
  }
  void clear() {
    actions.clear();
    parameters.clear();
    failed_calls.clear();
    identified.clear();
  }
};

}  // namespace hushlog
