#include "rules/request_rules.h"

#include <algorithm>
#include <bit>

#include "rules/percent.h"
#include "rules/text_hash.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

DropReason ReasonForStatus(int status) noexcept {
  if (status >= 500) return RequestRules::kServerError;
  return status >= 400 ? RequestRules::kClientError : RequestRules::kRedirect;
}

// A name written as a value: decoded, and cut where no catalogue name would be as long.
class NameText {
 public:
  explicit NameText(const QueryParameter* parameter) noexcept {
    if (parameter == nullptr) return;
    text_ = parameter->value.substr(0, kMaxNameBytes);
    if (parameter->escaped) text_ = DecodeFully(text_, scratch_);
  }
  NameText(const NameText&) = delete;
  NameText& operator=(const NameText&) = delete;

  std::string_view text() const noexcept { return text_; }

 private:
  std::array<char, kMaxNameBytes> scratch_;
  std::string_view text_;
};

bool IsArray(const QueryParameter* parameter) noexcept { return parameter != nullptr && parameter->is_array; }

}  // namespace

std::uint64_t RequestRules::CallKey(const Call& call) noexcept {
  return static_cast<std::uint64_t>(call.api) << 32 | static_cast<std::uint64_t>(call.module) << 16 |
         static_cast<std::uint64_t>(call.action);
}

DropReason RequestRules::DropByStatus(int status) const noexcept {
  if (status >= 0 && static_cast<std::size_t>(status) < kept_status_.size() &&
      kept_status_[static_cast<std::size_t>(status)]) {
    return kKept;
  }
  return ReasonForStatus(status);
}

std::string_view RequestRules::PathRule(std::string_view path) const noexcept {
  const std::uint8_t rule = path_rules_.Find(path);
  return rule == PathRules::kUnknown ? std::string_view() : path_ids_[rule];
}

std::string_view RequestRules::RuleAsking(std::string_view field) const {
  const Conditions untellable = fields_.UntellableOf(field);
  const auto rule = std::ranges::find_if(rules_, [&](const Rule& asks) { return (asks.asked & untellable).any(); });
  return rule == rules_.end() ? std::string_view() : rule_ids_[static_cast<std::size_t>(rule - rules_.begin())];
}

Decision RequestRules::Decide(const RequestFacts& facts, std::string_view query_text, Query* query) const noexcept {
  Decision decision;
  if (!query->Parse(query_text)) {
    decision.drop = kTooManyNames;
    return decision;
  }
  Conditions conditions = ConditionsOf(facts, *query);
  if (!ReadCall(*query, &decision.call, &conditions)) {
    decision.drop = kMalformed;
    return decision;
  }
  const RuleBits candidates = Candidates(decision.call);
  for (std::size_t word = 0; word < candidates.words.size(); ++word) {
    for (std::uint64_t left = candidates.words[word]; left != 0; left &= left - 1) {
      const std::size_t index = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
      const Rule& rule = rules_[index];
      if ((conditions & rule.asked) != rule.need) continue;
      decision.rule = static_cast<std::uint8_t>(index);
      decision.kind = rule.kind;
      decision.refused =
          rule.drop == kKept && std::find(rule.status.begin(), rule.status.end(), facts.status) == rule.status.end();
      decision.drop = decision.refused ? ReasonForStatus(facts.status) : rule.drop;
      return decision;
    }
  }
  decision.drop = kUnmatched;
  return decision;
}

Conditions RequestRules::ConditionsOf(const RequestFacts& facts, const Query& query) const noexcept {
  Conditions conditions = facts.fields;
  conditions[kPost] = facts.post;
  conditions[kFromPage] = facts.from_page;
  conditions[kPerson] = facts.person;
  for (const auto& [status, condition] : statuses_) {
    if (status == facts.status) conditions |= condition;
  }
  for (const QueryParameter& parameter : query.parameters()) {
    const ParameterConditions& known = parameters_[static_cast<std::size_t>(parameter.name)];
    if (!known.asked) continue;
    conditions |= known.present;
    if (!parameter.value.empty()) conditions |= known.filled;
    if (known.values.empty()) continue;
    const NameText text(&parameter);
    for (const auto& [value, condition] : known.values) {
      if (EqualTexts(value, text.text())) conditions |= condition;
    }
  }
  return conditions;
}

Call RequestRules::ReadNames(const QueryParameter* module, const QueryParameter* action) const noexcept {
  Call call;
  call.module = catalogue_.Plugin(NameText(module).text());
  call.action = catalogue_.Action(call.module, NameText(action).text());
  return call;
}

std::optional<Call> RequestRules::ReadMethod(const QueryParameter* method) const noexcept {
  if (method == nullptr || method->value.empty()) return std::nullopt;
  const NameText value(method);
  const std::string_view text = value.text();
  const std::size_t dot = std::min(text.find('.'), text.size());
  Call call;
  call.api = true;
  call.module = catalogue_.Plugin(text.substr(0, dot));
  call.action = catalogue_.ApiMethod(call.module, text.substr(std::min(dot + 1, text.size())));
  // A half of a name ("Actions", ".get") names nothing public.
  if (call.module == Name::kNone) call.module = Name::kPlaceholder;
  if (call.action == Name::kNone) call.action = Name::kPlaceholder;
  return call;
}

bool RequestRules::ReadCall(const Query& query, Call* call, Conditions* conditions) const noexcept {
  const QueryParameter* module = query.Find(module_name_);
  const QueryParameter* action = query.Find(action_name_);
  if (IsArray(module) || IsArray(action) || IsArray(query.Find(method_name_))) return false;
  *call = ReadNames(module, action);
  if (call->module == api_plugin_) {
    if (const std::optional<Call> method = ReadMethod(query)) {
      *call = *method;
      conditions->set(kApi);
      return true;
    }
  }
  const NameText action_text(action);
  for (const PrefixCondition& known : action_prefixes_) {
    if (action_text.text().starts_with(known.prefix)) *conditions |= known.condition;
  }
  return true;
}

RequestRules::RuleBits RequestRules::Candidates(const Call& call) const noexcept {
  RuleBits candidates = any_call_;
  candidates |= by_plugin_[static_cast<std::size_t>(call.module)][call.api ? 1 : 0];
  const auto named = by_call_.find(CallKey(call));
  if (named != by_call_.end()) candidates |= named->second;
  return candidates;
}

}  // namespace hushlog
