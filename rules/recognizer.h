// Recognises what a request asked of Matomo, and removes everything that may not leave the machine.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "parsers/request.h"
#include "rules/pseudonym.h"
#include "rules/request_rules.h"
#include "rules/rule_set.h"
#include "rules/ui_action.h"

namespace hushlog {

// Which of the fields that the rules look at a log has at all (LogFormat tells). Without user agents everybody is taken
// for a person with a browser; without Referers a POST is taken for one of a page and an API call by GET for one of a
// program.
struct LogFields {
  bool user_agent = true;
  bool referer = true;
  std::span<const std::string> extra{};  // names of Request::extra
  const LogFormat* format = nullptr;     // which other fields there are; all without it
};
// What the format tells; it must outlive the result.
LogFields FieldsOf(const LogFormat& format);

// Belongs to one thread: keeps scratch memory and verdicts of values it has seen.
class Recognizer {
 public:
  // `rules` and `keys` must outlive the Recognizer; what `fields` refers to need not. `identified`: make
  // UiAction::identified.
  Recognizer(const RuleSet& rules, DayKeys& keys, LogFields fields = {}, bool identified = false);
  ~Recognizer();
  Recognizer(Recognizer&&) noexcept;

  // Appends the action(s) of `request` to *batch and returns kKept, or returns why there are none.
  // Throws only what DayKeys::KeyFor throws.
  [[nodiscard]] DropReason Recognize(const Request& request, ActionBatch* batch);
  // Id of the [[rule]] that decided the last request; "" if something else did, like its path or its user agent.
  std::string_view rule() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
