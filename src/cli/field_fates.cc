#include "src/cli/field_fates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "src/visits/hit_encoder.h"

namespace hushlog {
namespace {

struct TextField {
  std::string_view name;
  std::string_view Request::*member;
};
// What the client sent of itself, which is reduced, and what is dropped whatever it says.
constexpr TextField kClientHints[] = {
    {"sec_ch_ua", &Request::sec_ch_ua},
    {"sec_ch_ua_mobile", &Request::sec_ch_ua_mobile},
    {"sec_ch_ua_platform", &Request::sec_ch_ua_platform},
    {"sec_ch_ua_platform_version", &Request::sec_ch_ua_platform_version},
    {"sec_ch_ua_full_version_list", &Request::sec_ch_ua_full_version_list},
};
constexpr TextField kOthers[] = {
    {"remote_user", &Request::remote_user}, {"host", &Request::host}, {"protocol", &Request::protocol},
    {"referer", &Request::referer},         {"dnt", &Request::dnt},   {"sec_gpc", &Request::sec_gpc},
};

std::string By(std::string_view kind, std::string_view id) {
  return id.empty() ? std::string() : fmt::format("({} {})", kind, id);
}

std::string WithRule(std::string_view text, std::string_view id) {
  return id.empty() ? std::string(text) : fmt::format("{} (rule {})", text, id);
}

}  // namespace

FieldFates::FieldFates(const RuleSet& rules, std::span<const std::string> extra, bool identified)
    : rules_(rules),
      extra_(extra),
      unless_(identified ? "but for targets with anonymize = false" : ""),
      query_(rules.catalogue()) {}

void FieldFates::Add(std::string name, std::string_view fate, std::string detail) {
  fates_.push_back({std::move(name), fate, std::move(detail)});
}

// Fields of which nothing is ever sent. `detail` says why, by name.
template <typename Detail>
void FieldFates::AddDropped(const Request& request, Detail detail) {
  const auto add = [&](std::string_view name, bool given) {
    if (given) Add(std::string(name), "dropped", detail(name));
  };
  for (const auto& [name, member] : kOthers) add(name, !(request.*member).empty());
  add("method", !request.method.empty());
  add("path", !request.target.empty());
  add("status", request.status >= 0);
  add("body_bytes_sent", request.body_bytes_sent >= 0);
  add("request_time", request.request_time_us >= 0);
  for (std::size_t i = 0; i < std::min(extra_.size(), request.extra.size()); ++i) {
    add(extra_[i], !request.extra[i].empty());
  }
}

std::vector<FieldFate> FieldFates::OfDropped(const Request& request, const DropCause& cause) {
  fates_.clear();
  const auto detail = [&](std::string_view name) {
    if (name != cause.field) return std::string();
    return cause.rule.empty() ? std::string("decides") : fmt::format("decides ({})", cause.rule);
  };
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) Add(std::string(name), "dropped", detail(name));
  };
  add("remote_addr", request.remote_addr);
  Add("time", "dropped", {});
  AddDropped(request, detail);
  add("user_agent", request.user_agent);
  add("accept_language", request.accept_language);
  for (const auto& [name, member] : kClientHints) add(name, request.*member);
  ForEachParameter(request.target,
                   [&](std::string name, const QueryParameter*) { Add(std::move(name), "dropped", {}); });
  return std::exchange(fates_, {});
}

std::vector<FieldFate> FieldFates::OfKept(const Request& request, const UiAction& action,
                                          std::span<const Parameter> parameters, std::string_view rule,
                                          std::string_view path) {
  fates_.clear();
  AddClient(request, action);
  Add("time", "kept", fmt::format("{} (cdt: seconds)", action.time_ms / 1000));
  AddDropped(request, [&](std::string_view name) -> std::string {
    if (name == "path") return fmt::format("only tells that Matomo is asked {}", By("path", path));
    if (name == "method" || name == "status") return fmt::format("only tells what is asked for {}", By("rule", rule));
    if (name == "request_time") return "only tells the beginning; of API methods also for the usage report";
    if (name == "referer" && unless_.empty()) return "only tells page loads apart, as a keyed hash";
    if (name == "dnt" || name == "sec_gpc") return "only tells who is not measured ([opt_out])";
    return std::string(name == "remote_user" || name == "host" || name == "referer" ? unless_ : "");
  });
  AddParameters(request.target, parameters);
  Add("all other fields", "dropped", "never read");
  return std::exchange(fates_, {});
}

// The rules that tell the families; nothing if there are none, or nothing of the user agent is shown.
std::string FieldFates::RulesOfClient(std::string_view user_agent) const {
  if (!rules_.reduction().user_agent) return " ([reduce])";
  const UserAgentRules::Decision rules = rules_.user_agents().Decide(user_agent);
  std::vector<std::string> named;
  const auto add = [&](std::string_view kind, const UserAgentRule& rule) {
    if (!rule.id.empty()) named.push_back(fmt::format("{} {}", kind, rule.id));
  };
  add("browser", rules.browser);
  add("system", rules.system);
  add("device", rules.device);
  return named.empty() ? "" : fmt::format(" ({})", fmt::join(named, ", "));
}

void FieldFates::AddClient(const Request& request, const UiAction& action) {
  const UserAgentRules& user_agents = rules_.user_agents();
  const std::string address = action.address.ToString();
  Add("remote_addr", address.empty() ? "dropped" : "reduced",
      fmt::format("{}{}([reduce])", address, address.empty() ? "" : " "));
  Add("remote_addr, user_agent", "replaced",
      fmt::format("pseudonym {}, of which each target gets another one", VisitorId(action.visitor)));
  if (!request.user_agent.empty()) {
    Add("user_agent", "reduced",
        fmt::format("{}{}", user_agents.ToString(action.user_agent), RulesOfClient(request.user_agent)));
  }
  const std::string hints = user_agents.client_hints().ToJson(action.client_hints);
  for (const auto& [name, member] : kClientHints) {
    if ((request.*member).empty()) continue;
    Add(std::string(name), hints.empty() ? "dropped" : "reduced",
        hints.empty() ? "([client_hints])" : fmt::format("with the others to {} ([client_hints])", hints));
  }
  if (request.accept_language.empty()) return;
  const std::string language = action.language.ToString();
  Add("accept_language", language.empty() ? "dropped" : "reduced",
      fmt::format("{}{}([reduce])", language, language.empty() ? "" : " "));
}

// In the order of the line, with null for one whose name is not public.
template <typename Take>
void FieldFates::ForEachParameter(std::string_view target, Take take) {
  const std::string_view query = SplitTarget(target).query;
  if (!query_.Parse(query)) return take("all parameters", nullptr);
  int place = 0;
  ForEachPair(query, [&](const QueryPair& pair) {
    ++place;
    QueryParameter parameter{.value = pair.value};
    parameter.name = ParameterName(rules_.catalogue(), pair.name, &parameter.is_array);
    if (parameter.name <= Name::kPlaceholder) {
      take(fmt::format("parameter {}", place), nullptr);
    } else {
      take(std::string(rules_.catalogue().Text(parameter.name)), &parameter);
    }
    return true;
  });
}

void FieldFates::AddParameters(std::string_view target, std::span<const Parameter> parameters) {
  ForEachParameter(target, [&](std::string name, const QueryParameter* parameter) {
    if (parameter != nullptr) return fates_.push_back(ParameterFate(*parameter, parameters));
    Add(std::move(name), "dropped",
        unless_.empty() ? "its name is not public (hushlog rules coverage)" : std::string(unless_));
  });
}

FieldFate FieldFates::ParameterFate(const QueryParameter& parameter, std::span<const Parameter> parameters) const {
  std::string name(rules_.catalogue().Text(parameter.name));
  if (query_.Find(parameter.name)->value.data() != parameter.value.data()) {
    return {std::move(name), "dropped", "is given again behind it"};
  }
  const auto shown = std::ranges::find(parameters, parameter.name, &Parameter::name);
  if (shown != parameters.end()) return Shown(*shown);
  const std::string text = CalledName(parameter);
  const bool hidden = text.empty() || text.find(rules_.catalogue().Text(Name::kPlaceholder)) != std::string::npos;
  return {std::move(name), hidden ? "replaced" : "kept",
          WithRule(text.empty() ? "nothing" : text, rules_.parameters().RuleOf(parameter.name))};
}

// What module, action and method name.
std::string FieldFates::CalledName(const QueryParameter& parameter) const {
  const Catalogue& catalogue = rules_.catalogue();
  const RequestRules& requests = rules_.requests();
  const auto is = [&](std::string_view name) { return catalogue.Text(parameter.name) == name; };
  if (is("method")) {
    const Call call = requests.ReadMethod(&parameter).value_or(Call{});
    return call.action == Name::kNone ? std::string(catalogue.Text(call.module))
                                      : fmt::format("{}.{}", catalogue.Text(call.module), catalogue.Text(call.action));
  }
  const Call call = is("module") ? requests.ReadNames(&parameter, nullptr)
                                 : requests.ReadNames(query_.Find(catalogue.Find("module")), &parameter);
  return std::string(catalogue.Text(is("module") ? call.module : call.action));
}

FieldFate FieldFates::Shown(const Parameter& parameter) const {
  const std::string_view fate = parameter.kind == Parameter::Kind::kHidden   ? "replaced"
                                : parameter.kind == Parameter::Kind::kNumber ? "reduced"
                                                                             : "kept";
  const std::string text = ToString(parameter, rules_.catalogue());  // "period=day"
  const std::string value = text.substr(text.find('=') + 1);
  return {std::string(rules_.catalogue().Text(parameter.name)), fate,
          WithRule(value.empty() ? "nothing" : value, rules_.parameters().RuleOf(parameter.name))};
}

std::vector<FieldFate> FieldFates::OfInner(std::span<const Parameter> parameters) const {
  std::vector<FieldFate> fates;
  for (const Parameter& parameter : parameters) fates.push_back(Shown(parameter));
  return fates;
}

}  // namespace hushlog
