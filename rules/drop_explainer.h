// Says for people what a line was dropped for: by which field, and by which rule.
#pragma once

#include <string>
#include <string_view>

#include "parsers/request.h"
#include "rules/field_conditions.h"
#include "rules/query.h"
#include "rules/recognizer.h"
#include "rules/request_rules.h"
#include "rules/rule_set.h"

namespace hushlog {

struct DropCause {
  std::string_view field;  // of Request, or "path" or "query"; lives as long as the rules
  std::string rule;  // "rule document", "bot bot_words, rules/user_agents.toml:59"; "" if what hushlog is for says it
};

// Looks at a dropped line again and takes its time for it, so that the Recognizer need not remember what nobody asks.
// What it says holds no byte of the line.
//
// Belongs to one thread.
class DropExplainer {
 public:
  // `rules` and what `fields` refers to must outlive the object.
  DropExplainer(const RuleSet& rules, const LogFields& fields);

  // `drop` is what a Recognizer with the same rules and fields said of `request`, and `rule` its rule().
  DropCause Find(const Request& request, DropReason drop, std::string_view rule);
  // Id of the [[path]] that decides the path of `target`; "" if none does.
  std::string_view PathRule(std::string_view target) const;

 private:
  DropCause FindBot(std::string_view user_agent) const;
  DropCause FindOptOut(const Request& request, std::string_view path);
  DropCause FindUndecidable(const Request& request, const RequestTarget& target);

  const RuleSet& rules_;
  FieldMatcher opt_out_;
  FieldMatcher conditions_;
  Query query_;
};

}  // namespace hushlog
