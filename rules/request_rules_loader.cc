// Compiles rules/requests.toml and checks its samples.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "rules/request_rules.h"
#include "rules/rule_file.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxRules = 64;

constexpr std::array<std::pair<std::string_view, ActionKind>, 14> kClasses = {{
    {"document", ActionKind::kDocument},
    {"report", ActionKind::kReport},
    {"table", ActionKind::kTable},
    {"dashboard_widget", ActionKind::kDashboardWidget},
    {"controller", ActionKind::kController},
    {"ui_api_call", ActionKind::kUiApiCall},
    {"export", ActionKind::kExport},
    {"widgetized", ActionKind::kWidgetized},
    {"popover", ActionKind::kPopover},
    {"login", ActionKind::kLogin},
    {"logout", ActionKind::kLogout},
    {"api_client", ActionKind::kApiClient},
    {"bulk_api", ActionKind::kBulkApi},
    {"page_boot", ActionKind::kPageBoot},
}};

// "POST /index.php?module=Login 302 no-referer"
struct Sample {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  RequestFacts facts;
};

std::string_view NextWord(std::string_view* text) {
  const std::size_t end = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return word;
}

std::optional<Sample> ParseSample(std::string_view text) {
  Sample sample;
  sample.method = NextWord(&text);
  const std::string_view target = NextWord(&text);
  const std::size_t mark = std::min(target.find('?'), target.size());
  sample.path = target.substr(0, mark);
  sample.query = target.substr(std::min(mark + 1, target.size()));
  sample.facts.post = sample.method == "POST";
  const std::string_view status = NextWord(&text);
  const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), sample.facts.status);
  if (error != std::errc() || status.size() != 3 || end != status.data() + 3 || !sample.path.starts_with('/')) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const std::string_view flag = NextWord(&text);
    if (flag == "no-referer") {
      sample.facts.from_page = false;
    } else if (flag == "program") {
      sample.facts.person = false;
    } else {
      return std::nullopt;
    }
  }
  return sample;
}

}  // namespace

class RequestRulesLoader {
 public:
  RequestRulesLoader(RequestRules* rules, std::string_view name, std::string_view text)
      : rules_(*rules), file_(name, text) {}

  void Load() {
    rules_.drop_reasons_ = {
        "kept",      "bot",        "method",   "redirect", "client_error", "server_error", "too_many_parameters",
        "malformed", "not_matomo", "unmatched"};
    rules_.parameters_.resize(rules_.catalogue_.parameters_end());
    rules_.by_plugin_.resize(rules_.catalogue_.size());
    file_.CheckKeys(file_.root(), {"path", "rule"});
    file_.ForEachTable("path", [&](const toml::table& table) { LoadPath(table); });
    file_.ForEachTable("rule", [&](const toml::table& table) { LoadRule(table); });
    file_.Check();  // samples of broken rules would only confuse
    file_.ForEachTable("path", [&](const toml::table& table) { CheckPathSamples(table); });
    std::uint8_t index = 0;
    file_.ForEachTable("rule", [&](const toml::table& table) { CheckRuleSamples(table, index++); });
    file_.Check();
  }

 private:
  using Conditions = RequestRules::Conditions;

  // "drop" of a table as a number; the first use of a word makes it one.
  DropReason Drop(const toml::table& table) {
    const std::string word = file_.Text(table, "drop");
    auto& words = rules_.drop_reasons_;
    const auto known = std::find(words.begin(), words.end(), word);
    if (known != words.end()) return static_cast<DropReason>(known - words.begin());
    if (words.size() >= PathRules::kUnknown) file_.Error(table, "too many reasons");
    words.push_back(word);
    return static_cast<DropReason>(words.size() - 1);
  }

  void LoadPath(const toml::table& table) {
    file_.CheckKeys(table, {"front", "drop", "reason", "files", "extensions", "directories", "accept", "reject"});
    file_.Text(table, "reason");
    const std::uint8_t verdict = table["front"].value_or(false) ? kKept : Drop(table);
    const auto add = [&](std::string_view key, auto method) {
      file_.ForEachText(table, key, [&](const toml::node& node, std::string_view text) {
        if (!(rules_.paths_.*method)(text, verdict)) file_.Error(node, fmt::format("'{}' is listed twice", text));
      });
    };
    add("files", &PathRules::AddFile);
    add("extensions", &PathRules::AddExtension);
    add("directories", &PathRules::AddDirectory);
  }

  void LoadRule(const toml::table& table) {
    file_.CheckKeys(
        table, {"id", "class", "drop", "reason", "status", "http", "from_page", "person", "api", "calls", "present",
                "absent", "filled", "empty", "any_present", "values", "action_prefixes", "accept", "reject"});
    if (rules_.rules_.size() == kMaxRules) return file_.Error(table, "more than 64 rules; merge some");
    rules_.rule_ids_.push_back(file_.Text(table, "id"));
    file_.Text(table, "reason");
    RequestRules::Rule rule;
    LoadVerdict(table, &rule);
    LoadFacts(table, &rule);
    LoadParameters(table, &rule);
    LoadCalls(table, std::uint64_t{1} << rules_.rules_.size());
    rules_.rules_.push_back(std::move(rule));
  }

  void LoadVerdict(const toml::table& table, RequestRules::Rule* rule) {
    if (!table.contains("class")) {
      rule->drop = Drop(table);
      return;
    }
    const std::string word = file_.Text(table, "class");
    const auto known = std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& c) { return c.first == word; });
    if (known == kClasses.end()) return file_.Error(table, fmt::format("there is no class '{}'", word));
    rule->kind = known->second;
    const toml::array* list = table["status"].as_array();
    if (list == nullptr || list->empty()) return file_.Error(table, "a class needs a list 'status'");
    for (const toml::node& node : *list) {
      const auto status = node.value<std::int64_t>().value_or(0);
      if (status < 100 || status > 599) {
        file_.Error(node, "a status is a number from 100 to 599");
      } else {
        rule->status.push_back(static_cast<int>(status));
        rules_.kept_status_[static_cast<std::size_t>(status)] = true;
      }
    }
  }

  void LoadFacts(const toml::table& table, RequestRules::Rule* rule) {
    const auto flag = [&](std::string_view key, Conditions condition) {
      const toml::node* node = table.get(key);
      if (node == nullptr) return;
      if (!node->is_boolean()) return file_.Error(*node, fmt::format("'{}' is true or false", key));
      (node->value_or(false) ? rule->need : rule->forbid) |= condition;
    };
    flag("from_page", RequestRules::kFromPage);
    flag("person", RequestRules::kPerson);
    flag("api", RequestRules::kApi);
    const toml::node* http = table.get("http");
    if (http == nullptr) return;
    const std::string_view method = http->value_or(std::string_view());
    if (method != "GET" && method != "POST") return file_.Error(*http, "http is \"GET\" or \"POST\"");
    (method == "POST" ? rule->need : rule->forbid) |= RequestRules::kPost;
  }

  void LoadParameters(const toml::table& table, RequestRules::Rule* rule) {
    const auto each = [&](std::string_view key, auto take) {
      file_.ForEachText(table, key, [&](const toml::node& node, std::string_view text) { take(node, text); });
    };
    each("present", [&](const auto& node, auto text) { rule->need |= Present(node, text); });
    each("absent", [&](const auto& node, auto text) { rule->forbid |= Present(node, text); });
    each("filled", [&](const auto& node, auto text) { rule->need |= Filled(node, text); });
    each("empty", [&](const auto& node, auto text) { rule->forbid |= Filled(node, text); });
    each("values", [&](const auto& node, auto text) { rule->need |= Value(node, text); });
    if (table.contains("any_present")) rule->need |= AnyPresent(table);
    if (table.contains("action_prefixes")) rule->need |= ActionPrefix(table);
  }

  // The bit of a condition, a new one unless another rule asks for the same.
  Conditions Condition(const toml::node& node, const std::string& what, bool* is_new) {
    const auto [known, added] = conditions_.try_emplace(what, next_condition_);
    *is_new = added;
    if (!added) return known->second;
    if (next_condition_ == 0) file_.Error(node, "more than 64 different conditions; drop some");
    next_condition_ <<= 1;
    return known->second;
  }

  RequestRules::ParameterConditions* ParameterAt(const toml::node& node, std::string_view text) {
    const Name name = rules_.catalogue_.Parameter(text);
    if (name > Name::kPlaceholder) return &rules_.parameters_[static_cast<std::size_t>(name)];
    file_.Error(node, fmt::format("parameter '{}' is not in rules/catalogue/names.toml", text));
    return nullptr;
  }

  Conditions Present(const toml::node& node, std::string_view text) {
    RequestRules::ParameterConditions* parameter = ParameterAt(node, text);
    if (parameter == nullptr) return 0;
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("present {}", text), &is_new);
    parameter->present |= condition;
    return condition;
  }

  Conditions Filled(const toml::node& node, std::string_view text) {
    RequestRules::ParameterConditions* parameter = ParameterAt(node, text);
    if (parameter == nullptr) return 0;
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("filled {}", text), &is_new);
    parameter->filled |= condition;
    return condition;
  }

  // "viewDataTable=sparkline"
  Conditions Value(const toml::node& node, std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      file_.Error(node, "a value is written name=value");
      return 0;
    }
    const std::string_view name = text.substr(0, equals);
    RequestRules::ParameterConditions* parameter = ParameterAt(node, name);
    if (parameter == nullptr) return 0;
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("value {}", text), &is_new);
    parameter->has_values = true;
    if (is_new) {
      rules_.values_.push_back({rules_.catalogue_.Parameter(name), std::string(text.substr(equals + 1)), condition});
    }
    return condition;
  }

  Conditions AnyPresent(const toml::table& table) {
    std::string what = "any";
    file_.ForEachText(table, "any_present", [&](const auto&, std::string_view text) { (what += ' ') += text; });
    bool is_new = false;
    const Conditions condition = Condition(table, what, &is_new);
    file_.ForEachText(table, "any_present", [&](const toml::node& node, std::string_view text) {
      if (auto* parameter = ParameterAt(node, text)) parameter->present |= condition;
    });
    return condition;
  }

  Conditions ActionPrefix(const toml::table& table) {
    std::string what = "action prefix";
    file_.ForEachText(table, "action_prefixes", [&](const auto&, std::string_view text) { (what += ' ') += text; });
    bool is_new = false;
    const Conditions condition = Condition(table, what, &is_new);
    if (!is_new) return condition;
    file_.ForEachText(table, "action_prefixes", [&](const toml::node&, std::string_view text) {
      rules_.action_prefixes_.push_back({std::string(text), condition});
    });
    return condition;
  }

  // "Plugin.action", "Plugin.*", or "Plugin" for a request without action; API methods in rules with api = true.
  void LoadCalls(const toml::table& table, RequestRules::RuleSetBits bit) {
    if (!table.contains("calls")) {
      rules_.any_call_ |= bit;
      return;
    }
    const bool api = table["api"].value_or(false);
    file_.ForEachText(table, "calls", [&](const toml::node& node, std::string_view text) {
      const std::size_t dot = std::min(text.find('.'), text.size());
      const std::string_view member = text.substr(std::min(dot + 1, text.size()));
      Call call;
      call.api = api;
      call.module = rules_.catalogue_.Plugin(text.substr(0, dot));
      const bool all = member == "*";
      if (!all) {
        call.action =
            api ? rules_.catalogue_.ApiMethod(call.module, member) : rules_.catalogue_.Action(call.module, member);
      }
      if (call.module <= Name::kPlaceholder || call.action == Name::kPlaceholder) {
        return file_.Error(node, fmt::format("'{}' is not in rules/catalogue", text));
      }
      if (all) {
        rules_.by_plugin_[static_cast<std::size_t>(call.module)][api ? 1 : 0] |= bit;
      } else {
        rules_.AddCall(call, bit);
      }
    });
  }

  void CheckPathSamples(const toml::table& table) {
    const std::uint8_t verdict = table["front"].value_or(false) ? kKept : Drop(table);
    const auto check = [&](std::string_view key, bool expected) {
      file_.ForEachText(table, key, [&](const toml::node& node, std::string_view path) {
        const DropReason found = rules_.DropByPath(path);
        if ((found == verdict) == expected) return;
        file_.Error(node, fmt::format("sample '{}' is decided as '{}'", path, rules_.drop_reasons_[found]));
      });
    };
    check("accept", true);
    check("reject", false);
  }

  void CheckRuleSamples(const toml::table& table, std::uint8_t index) {
    if (table["accept"].as_array() == nullptr) file_.Error(table, "needs samples in 'accept'");
    file_.ForEachText(table, "accept", [&](const auto& node, auto text) { CheckRuleSample(node, text, index, true); });
    file_.ForEachText(table, "reject", [&](const auto& node, auto text) { CheckRuleSample(node, text, index, false); });
  }

  // An accepted sample is decided, and where the rule has a class also kept, by the rule it stands with.
  void CheckRuleSample(const toml::node& node, std::string_view text, std::uint8_t index, bool expected) {
    const std::optional<Sample> sample = ParseSample(text);
    if (!sample) {
      return file_.Error(node, "a sample is written \"GET /index.php?query 200\", then no-referer or program");
    }
    const DropReason by_path = rules_.DropByPath(sample->path);
    Query query(rules_.catalogue_);
    const Decision decision = rules_.Decide(sample->facts, sample->query, &query);
    const bool matches = by_path == kKept && decision.drop != RequestRules::kUnmatched && decision.rule == index;
    const bool decided = matches && decision.drop == rules_.rules_[index].drop;
    if (decided == expected) return;
    const DropReason drop = by_path != kKept ? by_path : decision.drop;
    const bool no_rule = by_path != kKept || decision.drop == RequestRules::kUnmatched;
    file_.Error(node, fmt::format("sample '{}' is decided by {}: {}", text,
                                  no_rule ? "no rule" : fmt::format("rule '{}'", rules_.rule_ids_[decision.rule]),
                                  rules_.drop_reasons_[drop]));
  }

  RequestRules& rules_;
  RuleFile file_;
  std::map<std::string, Conditions> conditions_;
  Conditions next_condition_ = RequestRules::kFirstFree;
};

RequestRules::RequestRules(std::string_view file_name, std::string_view text, const Catalogue& catalogue)
    : catalogue_(catalogue),
      module_name_(catalogue.Find("module")),
      action_name_(catalogue.Find("action")),
      method_name_(catalogue.Find("method")),
      api_plugin_(catalogue.Find("API")) {
  RequestRulesLoader(this, file_name, text).Load();
}

}  // namespace hushlog
