// Recognises what a request asked of Matomo, and removes everything that may not leave the machine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/request.h"
#include "rules/catalogue.h"
#include "rules/event_rules.h"
#include "rules/parameter_rules.h"
#include "rules/pseudonym.h"
#include "rules/request_rules.h"
#include "rules/ui_action.h"
#include "rules/user_agent.h"

namespace hushlog {

// All shipped rules and data. Immutable; shared by the Recognizers of all threads.
class RuleSet {
 public:
  // Throws ConfigError with file, line and reason if a rule is broken or one of its samples fails (of user agents,
  // whose many samples the tests check: if a rule is broken).
  static std::shared_ptr<const RuleSet> Shipped();

  const Catalogue& catalogue() const noexcept { return *catalogue_; }
  const UserAgentRules& user_agents() const noexcept { return *user_agents_; }
  const RequestRules& requests() const noexcept { return requests_; }
  const ParameterRules& parameters() const noexcept { return parameters_; }
  const EventRules& events() const noexcept { return *events_; }
  // Differs between programs whose rules or catalogues differ: numbers of names may then mean other names.
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  // Stable words for counters: [0] = "kept", then "bot", "tracker", "asset", ...
  const std::vector<std::string>& drop_reasons() const noexcept { return requests_.drop_reasons(); }

 private:
  RuleSet();

  std::shared_ptr<const Catalogue> catalogue_;
  std::shared_ptr<const UserAgentRules> user_agents_;
  RequestRules requests_;
  ParameterRules parameters_;
  std::shared_ptr<const EventRules> events_;
  std::uint64_t fingerprint_ = 0;
};

// Which of the fields that the rules look at a log has at all (LogFormat tells). Without user agents everybody is taken
// for a person with a browser; without Referers a POST is taken for one of a page and an API call by GET for one of a
// program.
struct LogFields {
  bool user_agent = true;
  bool referer = true;
};

// Belongs to one thread: keeps scratch memory and verdicts of values it has seen.
class Recognizer {
 public:
  // `rules` and `keys` must outlive the Recognizer.
  Recognizer(const RuleSet& rules, DayKeys& keys, LogFields fields = {});
  ~Recognizer();
  Recognizer(Recognizer&&) noexcept;

  // Appends the action(s) of `request` to *batch and returns kKept, or returns why there are none.
  // Throws only what DayKeys::KeyFor throws.
  [[nodiscard]] DropReason Recognize(const Request& request, ActionBatch* batch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
