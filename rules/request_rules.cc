#include "rules/request_rules.h"

#include <algorithm>
#include <bit>

#include "rules/percent.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

std::uint64_t CallKey(const Call& call) noexcept {
  return static_cast<std::uint64_t>(call.api) << 32 | static_cast<std::uint64_t>(call.module) << 16 |
         static_cast<std::uint64_t>(call.action);
}

DropReason ReasonForStatus(int status) noexcept {
  if (status >= 500) return RequestRules::kServerError;
  return status >= 400 ? RequestRules::kClientError : RequestRules::kRedirect;
}

// A name written as a value: decoded, and cut where no catalogue name would be as long.
class NameText {
 public:
  explicit NameText(const QueryParameter* parameter) noexcept {
    if (parameter != nullptr) text_ = DecodeFully(parameter->value.substr(0, kMaxNameBytes), scratch_);
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

DropReason RequestRules::DropByStatus(int status) const noexcept {
  if (status >= 0 && static_cast<std::size_t>(status) < kept_status_.size() &&
      kept_status_[static_cast<std::size_t>(status)]) {
    return kKept;
  }
  return ReasonForStatus(status);
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
  for (RuleSetBits left = Candidates(decision.call); left != 0; left &= left - 1) {
    const int index = std::countr_zero(left);
    const Rule& rule = rules_[static_cast<std::size_t>(index)];
    if ((conditions & (rule.need | rule.forbid)) != rule.need) continue;
    decision.rule = static_cast<std::uint8_t>(index);
    decision.kind = rule.kind;
    decision.drop = rule.drop;
    const bool keeps = rule.drop == kKept;
    if (keeps && std::find(rule.status.begin(), rule.status.end(), facts.status) == rule.status.end()) {
      decision.drop = ReasonForStatus(facts.status);
    }
    return decision;
  }
  decision.drop = kUnmatched;
  return decision;
}

RequestRules::Conditions RequestRules::ConditionsOf(const RequestFacts& facts, const Query& query) const noexcept {
  Conditions conditions = 0;
  if (facts.post) conditions |= kPost;
  if (facts.from_page) conditions |= kFromPage;
  if (facts.person) conditions |= kPerson;
  for (const QueryParameter& parameter : query.parameters()) {
    const ParameterConditions& known = parameters_[static_cast<std::size_t>(parameter.name)];
    conditions |= known.present;
    if (!parameter.value.empty()) conditions |= known.filled;
    if (known.has_values) conditions |= ValueConditions(parameter);
  }
  return conditions;
}

RequestRules::Conditions RequestRules::ValueConditions(const QueryParameter& parameter) const noexcept {
  const NameText value(&parameter);
  Conditions conditions = 0;
  for (const ValueCondition& known : values_) {
    if (known.parameter == parameter.name && known.value == value.text()) conditions |= known.condition;
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
      *conditions |= kApi;
      return true;
    }
  }
  const NameText action_text(action);
  for (const PrefixCondition& known : action_prefixes_) {
    if (action_text.text().starts_with(known.prefix)) *conditions |= known.condition;
  }
  return true;
}

void RequestRules::AddCall(const Call& call, RuleSetBits rules) { by_call_[CallKey(call)] |= rules; }

RequestRules::RuleSetBits RequestRules::Candidates(const Call& call) const noexcept {
  RuleSetBits candidates = any_call_ | by_plugin_[static_cast<std::size_t>(call.module)][call.api ? 1 : 0];
  const auto named = by_call_.find(CallKey(call));
  if (named != by_call_.end()) candidates |= named->second;
  return candidates;
}

}  // namespace hushlog
