#include "rules/drop_explainer.h"

#include <fmt/format.h>

namespace hushlog {
namespace {

std::string Named(std::string_view kind, std::string_view id) {
  return id.empty() ? std::string() : fmt::format("{} {}", kind, id);
}

}  // namespace

DropExplainer::DropExplainer(const RuleSet& rules, const LogFields& fields)
    : rules_(rules),
      opt_out_(rules.opt_out().fields(), fields.extra, fields.format),
      conditions_(rules.requests().fields(), fields.extra, fields.format),
      query_(rules.catalogue()) {}

std::string_view DropExplainer::PathRule(std::string_view target) const {
  return rules_.requests().PathRule(SplitTarget(target).path);
}

// In the order in which the Recognizer decides.
DropCause DropExplainer::Find(const Request& request, DropReason drop, std::string_view rule) {
  const RequestRules& requests = rules_.requests();
  const RequestTarget target = SplitTarget(request.target);
  if (drop == RequestRules::kOptOut || drop == RequestRules::kDnt) return FindOptOut(request, target.path);
  if (drop == RequestRules::kUndecidable) return FindUndecidable(request, target);
  if (!rule.empty()) return {"query", Named("rule", rule)};
  if (requests.DropByPath(target.path) != kKept) return {"path", Named("path", requests.PathRule(target.path))};
  if (drop == RequestRules::kBadMethod) return {"method", {}};
  if (drop == RequestRules::kBot) return FindBot(request.user_agent);
  if (requests.DropByStatus(request.status) != kKept) return {"status", {}};
  return {"query", {}};
}

DropCause DropExplainer::FindBot(std::string_view user_agent) const {
  const UserAgentRule bot = rules_.user_agents().Decide(user_agent).bot;
  return {"user_agent", fmt::format("{}, {}", Named("bot", bot.id), bot.place)};
}

DropCause DropExplainer::FindOptOut(const Request& request, std::string_view path) {
  Conditions met;
  if (!opt_out_.Match(request, path, &met)) return {};
  const OptOut::Key* key = rules_.opt_out().KeyOf(met);
  return key == nullptr ? DropCause{}
                        : DropCause{key->fields.empty() ? std::string_view() : key->fields.front(), key->Text()};
}

DropCause DropExplainer::FindUndecidable(const Request& request, const RequestTarget& target) {
  Conditions met;
  if (!opt_out_.Match(request, {}, &met)) {
    const std::string_view field = opt_out_.untold();
    const OptOut::Key* key = rules_.opt_out().KeyAsking(field);
    return {field, key == nullptr ? "[opt_out]" : key->Text()};
  }
  if (!conditions_.Match(request, target.path, &met)) {
    return {conditions_.untold(), Named("rule", rules_.requests().RuleAsking(conditions_.untold()))};
  }
  if (!query_.Parse(target.query)) return {"query", {}};
  for (const QueryParameter& parameter : query_.parameters()) {
    bool failed = false;
    if (rules_.parameters().IsCostly(parameter.name)) (void)rules_.parameters().Sanitise(parameter, &failed);
    if (failed) return {"query", Named("rule", rules_.parameters().RuleOf(parameter.name))};
  }
  return {};
}

}  // namespace hushlog
