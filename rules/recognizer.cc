#include "rules/recognizer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "rules/language.h"
#include "rules/page_context_reader.h"
#include "rules/recognizer_caches.h"

namespace hushlog {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kMillisPerSecond = 1000;
constexpr std::int64_t kMicrosPerMilli = 1000;
constexpr std::int64_t kMaxRequestTimeUs =
    kSecondsPerDay * 1'000'000;  // no request takes longer; a larger value is no duration

std::int64_t FloorDivide(std::int64_t value, std::int64_t divisor) noexcept {
  const std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

struct LocalTime {
  std::int32_t day;
  std::uint8_t hour;
};

LocalTime LocalTimeOf(const Request& request) noexcept {
  const std::int64_t seconds = FloorDivide(request.time_ms, kMillisPerSecond) + request.utc_offset_s;
  const std::int64_t day = FloorDivide(seconds, kSecondsPerDay);
  return {static_cast<std::int32_t>(day), static_cast<std::uint8_t>((seconds - day * kSecondsPerDay) / 3600)};
}

bool IsOfProgram(ActionKind kind) noexcept { return kind == ActionKind::kApiClient || kind == ActionKind::kBulkApi; }

bool IsApiCall(ActionKind kind) noexcept {
  return kind == ActionKind::kUiApiCall || kind == ActionKind::kExport || IsOfProgram(kind);
}

// Not 499 (nginx): a client that did not wait says nothing about the call.
bool IsError(int status) noexcept { return status >= 400 && status != 499; }

}  // namespace

struct Recognizer::Impl {
  Impl(const RuleSet& rule_set, DayKeys& day_keys, LogFields log_fields, bool with_identified)
      : rules(rule_set),
        fields(log_fields),
        identified(with_identified),
        user_agents(rule_set.user_agents()),
        client_hints(rule_set.user_agents().client_hints()),
        keys(day_keys),
        clients(keys, rule_set.reduction().address),
        paths(rule_set.requests()),
        opt_out(rule_set.opt_out().fields(), log_fields.extra, log_fields.format),
        conditions(rule_set.requests().fields(), log_fields.extra, log_fields.format),
        values(rule_set.parameters()),
        pages(rule_set.requests(), rule_set.catalogue()),
        query(rule_set.catalogue()),
        inner_query(rule_set.catalogue()),
        urls(rule_set.catalogue().Find("urls")),
        embedded_module(rule_set.catalogue().Find("moduleToWidgetize")),
        embedded_action(rule_set.catalogue().Find("actionToWidgetize")),
        report_of_popover(rule_set.catalogue().Find("apiMethod")) {}

  DropReason Recognize(const Request& request, ActionBatch* batch);
  DropReason DropOptedOut(const Request& request) noexcept;
  // A request whose path says nothing. Fills *decision and `query`, and notes API calls that failed.
  DropReason Decide(const Request& request, const RequestTarget& target, const UserAgent& user_agent,
                    ActionBatch* batch, Decision* decision);
  // False, and nothing is appended, if something of it cannot be told.
  bool Append(const Request& request, const UserAgentCache::Entry& user_agent, const Decision& decision,
              ActionBatch* batch);
  bool AppendParameters(const Query& from, UiAction* action, ActionBatch* batch);
  void NameEmbedded(UiAction* action) const;
  void AppendInnerCalls(std::string_view query_text, const UiAction& bulk, ActionBatch* batch);
  void AppendInnerCall(std::string_view encoded, const UiAction& bulk, ActionBatch* batch);

  const RuleSet& rules;
  LogFields fields;
  bool identified;
  UserAgentCache user_agents;
  ClientHintCache client_hints;
  KeyCache keys;
  ClientCache clients;
  PathCache paths;
  FieldMatcher opt_out;
  FieldMatcher conditions;
  ValueCache values;
  PageContextReader pages;
  Query query;
  Query inner_query;                 // a query inside of urls[] of API.getBulkRequest
  std::optional<std::uint8_t> rule;  // Decision::rule of the last request
  std::vector<char> inner_text = std::vector<char>(kMaxInnerBytes);
  Name urls, embedded_module, embedded_action, report_of_popover;

  static constexpr std::size_t kMaxInnerBytes = 8192;
};

DropReason Recognizer::Impl::DropOptedOut(const Request& request) noexcept {
  Conditions met;
  return opt_out.Match(request, {}, &met) ? OptOut::Reason(met) : DropReason{RequestRules::kUndecidable};
}

// First whether the line may be looked at. Then the cheapest: most lines of a log are trackers and assets, which their
// path alone decides.
DropReason Recognizer::Impl::Recognize(const Request& request, ActionBatch* batch) {
  const RequestRules& requests = rules.requests();
  rule.reset();
  if (const DropReason drop = DropOptedOut(request); drop != kKept) return drop;
  const std::string_view path = PathOf(request.target);
  if (const DropReason drop = paths.Find(path); drop != kKept) return drop;
  // A log without methods is taken for one of GETs: what matters stands in the query.
  if (request.method != "POST" && request.method != "GET" && !request.method.empty()) return RequestRules::kBadMethod;
  const DropReason by_status = requests.DropByStatus(request.status);
  // Of errors that no rule keeps, only those are decided that may be API calls.
  const bool may_be_call = IsError(request.status) && request.target.find("method=") != std::string_view::npos;
  if (by_status != kKept && !may_be_call) return by_status;
  const UserAgentCache::Entry& client = user_agents.Find(request.user_agent);
  const RequestTarget target{path, QueryBehind(path, request.target)};
  Decision decision;
  const DropReason drop = Decide(request, target, client.user_agent, batch, &decision);
  // An error that no rule keeps: decided only to note the call that failed.
  if (by_status != kKept) return by_status;
  rule = decision.rule;
  if (drop != kKept) return drop;
  if (!Append(request, client, decision, batch)) return RequestRules::kUndecidable;
  if (decision.kind == ActionKind::kBulkApi) {
    const UiAction bulk = batch->actions.back();
    AppendInnerCalls(target.query, bulk, batch);
  }
  return kKept;
}

DropReason Recognizer::Impl::Decide(const Request& request, const RequestTarget& target, const UserAgent& user_agent,
                                    ActionBatch* batch, Decision* decision) {
  if (user_agent.is_bot) return RequestRules::kBot;
  RequestFacts facts;
  facts.post = request.method == "POST";
  facts.status = request.status;
  facts.from_page = fields.referer ? !request.referer.empty() : facts.post;
  facts.person = user_agent.is_browser || !fields.user_agent;
  if (!conditions.Match(request, target.path, &facts.fields)) return RequestRules::kUndecidable;
  *decision = rules.requests().Decide(facts, target.query, &query);
  if (decision->refused && IsError(request.status) && IsApiCall(decision->kind)) {
    batch->failed_calls.push_back(
        {LocalTimeOf(request).day, IsOfProgram(decision->kind), decision->call.module, decision->call.action});
  }
  return decision->drop;
}

bool Recognizer::Impl::Append(const Request& request, const UserAgentCache::Entry& user_agent, const Decision& decision,
                              ActionBatch* batch) {
  UiAction action;
  if (!AppendParameters(query, &action, batch)) {
    batch->parameters.resize(action.first_parameter);
    return false;
  }
  action.kind = decision.kind;
  action.status = static_cast<std::uint16_t>(request.status);
  action.post = request.method == "POST";
  action.timed = request.request_time_us >= 0 && request.request_time_us <= kMaxRequestTimeUs;
  action.module = decision.call.module;
  action.action = decision.call.action;
  action.request_time_us = action.timed ? request.request_time_us : 0;
  action.time_ms = request.time_ms - (request.time_is_start ? 0 : action.request_time_us / kMicrosPerMilli);
  const auto [day, hour] = LocalTimeOf(request);
  action.day = day;
  action.hour = hour;
  const ClientCache::Client client = clients.Find(request, user_agent.number, action.day);
  action.visitor = client.visitor;
  action.address = client.address;
  if (rules.reduction().user_agent) {
    action.user_agent = user_agent.user_agent;
    action.client_hints = client_hints.Find(request);
  }
  action.language = rules.reduction().Reduce(ReduceLanguage(request.accept_language));
  NameEmbedded(&action);
  if (!IsOfProgram(action.kind)) {
    action.page = pages.Read(keys.KeyFor(action.day), request.target, query, request.referer,
                             action.kind == ActionKind::kDocument);
  }
  if (identified) {
    const bool is_document = action.kind == ActionKind::kDocument || action.kind == ActionKind::kWidgetized;
    action.identified = &batch->identified.emplace_back(rules.identified().Read(request, is_document));
  }
  batch->actions.push_back(action);
  return true;
}

// False if a value was hidden because it cannot be told whether it may be shown.
bool Recognizer::Impl::AppendParameters(const Query& from, UiAction* action, ActionBatch* batch) {
  const ParameterRules& parameters = rules.parameters();
  bool failed = false;
  action->first_parameter = static_cast<std::uint32_t>(batch->parameters.size());
  for (const QueryParameter& parameter : from.parameters()) {
    if (!parameters.IsShown(parameter.name)) continue;
    batch->parameters.push_back(parameters.IsCostly(parameter.name) ? values.Find(parameter, &failed)
                                                                    : parameters.Sanitise(parameter));
  }
  action->parameter_count = static_cast<std::uint32_t>(batch->parameters.size()) - action->first_parameter;
  return !failed;
}

void Recognizer::Impl::NameEmbedded(UiAction* action) const {
  Call call;
  if (action->kind == ActionKind::kWidgetized) {
    call = rules.requests().ReadNames(query.Find(embedded_module), query.Find(embedded_action));
  } else if (action->kind == ActionKind::kPopover) {
    call = rules.requests().ReadMethod(query.Find(report_of_popover)).value_or(Call{});
  }
  action->embedded_module = call.module;
  action->embedded_action = call.action;
}

// urls[0]=method%3DVisitsSummary.get%26idSite%3D2&urls[1]=...
void Recognizer::Impl::AppendInnerCalls(std::string_view query_text, const UiAction& bulk, ActionBatch* batch) {
  ForEachPair(query_text, [&](const QueryPair& pair) {
    bool is_array = false;
    if (ParameterName(rules.catalogue(), pair.name, &is_array) == urls) AppendInnerCall(pair.value, bulk, batch);
    return true;
  });
}

void Recognizer::Impl::AppendInnerCall(std::string_view encoded, const UiAction& bulk, ActionBatch* batch) {
  if (!inner_query.Parse(DecodeInnerQuery(encoded, inner_text))) return;
  const std::optional<Call> call = rules.requests().ReadMethod(inner_query);
  if (!call) return;
  UiAction action = bulk;
  action.kind = ActionKind::kApiClient;
  action.timed = false;  // the duration is that of all calls together
  action.request_time_us = 0;
  action.module = call->module;
  action.action = call->action;
  (void)AppendParameters(inner_query, &action, batch);  // a hidden value is enough, for one call of many
  batch->actions.push_back(action);
}

LogFields FieldsOf(const LogFormat& format) {
  return {format.has_user_agent(), format.has_referer(), format.extra_fields(), &format};
}

Recognizer::Recognizer(const RuleSet& rules, DayKeys& keys, LogFields fields, bool identified)
    : impl_(std::make_unique<Impl>(rules, keys, fields, identified)) {}
Recognizer::~Recognizer() = default;
Recognizer::Recognizer(Recognizer&&) noexcept = default;

DropReason Recognizer::Recognize(const Request& request, ActionBatch* batch) {
  return impl_->Recognize(request, batch);
}

std::string_view Recognizer::rule() const noexcept {
  return impl_->rule ? std::string_view(impl_->rules.requests().rule_ids()[*impl_->rule]) : std::string_view();
}

}  // namespace hushlog
