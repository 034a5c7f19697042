// Compiles [[path]] and [[rule]].
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "rules/request_rules.h"

namespace hushlog {
namespace {

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

constexpr std::string_view kRuleKeys[] = {
    "id",     "enabled", "reason",     "class",   "drop",   "status",          "http",      "from_page",
    "person", "api",     "calls",      "present", "absent", "filled",          "empty",     "any_present",
    "values", "unless",  "accept",     "reject",  "hosts",  "action_prefixes", "addresses", "users",
    "paths",  "fields",  "user_agents"};
// Without an entry they would ask for nothing.
constexpr std::string_view kLists[] = {"calls",       "present", "absent",          "filled",    "empty",
                                       "any_present", "values",  "action_prefixes", "addresses", "hosts",
                                       "users",       "paths",   "user_agents"};
constexpr std::string_view kFieldKeys[] = {"addresses", "hosts", "users", "paths", "fields", "user_agents"};

}  // namespace

class RequestRulesLoader {
 public:
  RequestRulesLoader(RequestRules* rules, RuleFiles* files) : rules_(*rules), files_(*files) {}

  void Load() {
    rules_.drop_reasons_ = {
        "kept",      "bot",        "method",    "redirect", "client_error", "server_error", "too_many_parameters",
        "malformed", "not_matomo", "unmatched", "opt_out",  "dnt",          "undecidable"};
    rules_.parameters_.resize(rules_.catalogue_.parameters_end());
    rules_.by_plugin_.resize(rules_.catalogue_.size());
    files_.ForEachRule("path", [&](const RuleFiles::Rule& rule) { LoadPath(*rule.table, rule.id); });
    files_.ForEachRule("rule", [&](const RuleFiles::Rule& rule) { LoadRule(*rule.table, rule.id); });
    if (!rules_.fields_.Compile()) files_.Error(files_.last(), "the patterns of [[rule]] need too much memory");
  }

 private:
  // "drop" of a table as a number; the first use of a word makes it one.
  DropReason Drop(const toml::table& table) {
    const std::string word = files_.Text(table, "drop");
    auto& words = rules_.drop_reasons_;
    const auto known = std::find(words.begin() + 1, words.end(), word);
    if (known != words.end()) return static_cast<DropReason>(known - words.begin());
    if (word == words[kKept] || !IsIdentifier(word)) files_.Error(table, "'drop' is a word other than kept");
    if (words.size() >= PathRules::kUnknown) files_.Error(table, "too many reasons");
    words.push_back(word);
    return static_cast<DropReason>(words.size() - 1);
  }

  void LoadPath(const toml::table& table, const std::string& id) {
    files_.CheckKeys(
        table, {"id", "enabled", "front", "drop", "reason", "files", "extensions", "directories", "accept", "reject"});
    files_.NeedSamples(table);
    const std::uint8_t verdict = table["front"].value_or(false) ? kKept : Drop(table);
    if (rules_.path_ids_.size() == PathRules::kUnknown) {
      return files_.Error(table, fmt::format("more than {} tables [[path]]; merge some", PathRules::kUnknown));
    }
    const auto number = static_cast<std::uint8_t>(rules_.path_ids_.size());
    rules_.path_ids_.push_back(id);
    // What a site file says of a path counts, also if a shipped one says something else.
    const auto add = [&](std::string_view key, auto method) {
      files_.ForEachText(table, key, [&](const toml::node& node, std::string_view text) {
        const std::string entry = fmt::format("{} {}", key, text);
        (void)(rules_.path_rules_.*method)(text, number);
        if ((rules_.paths_.*method)(text, verdict)) {
          if (files_.IsSite(node)) site_paths_.insert(entry);
        } else if (files_.IsSite(node) || !site_paths_.contains(entry)) {
          files_.Error(node, fmt::format("'{}' is listed twice", text));
        }
      });
    };
    add("files", &PathRules::AddFile);
    add("extensions", &PathRules::AddExtension);
    add("directories", &PathRules::AddDirectory);
  }

  void NoEmptyLists(const toml::table& table) {
    for (const std::string_view key : kLists) {
      const toml::array* list = table[key].as_array();
      if (list != nullptr && list->empty()) files_.Error(table, fmt::format("'{}' lists nothing", key));
    }
  }

  void LoadRule(const toml::table& table, const std::string& id) {
    files_.CheckKeys(table, kRuleKeys);
    files_.NeedSamples(table);
    NoEmptyLists(table);
    const std::size_t number = rules_.rules_.size();
    if (number == RequestRules::kMaxRules) {
      return files_.Error(table, fmt::format("more than {} rules; merge some", RequestRules::kMaxRules));
    }
    rules_.rule_ids_.push_back(id);
    RequestRules::Rule& rule = rules_.rules_.emplace_back();
    Asked asked;
    LoadVerdict(table, &rule, &asked);
    LoadFacts(table, &asked);
    LoadParameters(table, &asked);
    asked.need |= Fields(table);
    LoadUnless(table, &asked);
    LoadCalls(table, number);
    if ((asked.need & asked.forbid).any()) files_.Error(table, "asks for something and its contrary");
    rule.need = asked.need;
    rule.asked = asked.need | asked.forbid;
  }

  struct Asked {
    Conditions need;
    Conditions forbid;
  };

  void LoadVerdict(const toml::table& table, RequestRules::Rule* rule, Asked* asked) {
    if (table.contains("class") && table.contains("drop")) files_.Error(table, "either 'class' or 'drop', not both");
    if (!table.contains("class")) {
      rule->drop = Drop(table);
      if (table.contains("status")) asked->need |= Status(table);
      return;
    }
    const std::string word = files_.Text(table, "class");
    const auto known = std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& c) { return c.first == word; });
    if (known == kClasses.end()) return files_.Error(table, fmt::format("there is no class '{}'", word));
    rule->kind = known->second;
    for (const int status : Statuses(table)) {
      rule->status.push_back(status);
      rules_.kept_status_[static_cast<std::size_t>(status)] = true;
    }
  }

  std::vector<int> Statuses(const toml::table& table) {
    std::vector<int> statuses;
    const toml::array* list = table["status"].as_array();
    if (list == nullptr || list->empty()) {
      files_.Error(table, "needs a list 'status'");
      return statuses;
    }
    for (const toml::node& node : *list) {
      const auto status = node.value<std::int64_t>().value_or(0);
      if (status < 100 || status > 599) {
        files_.Error(node, "a status is a number from 100 to 599");
      } else {
        statuses.push_back(static_cast<int>(status));
      }
    }
    return statuses;
  }

  // One of these statuses, of a rule that drops.
  Conditions Status(const toml::table& table) {
    const std::vector<int> statuses = Statuses(table);
    bool is_new = false;
    const Conditions condition = Condition(table, fmt::format("status {}", fmt::join(statuses, " ")), &is_new);
    for (const int status : statuses) {
      if (is_new) rules_.statuses_.emplace_back(status, condition);
    }
    return condition;
  }

  void LoadFacts(const toml::table& table, Asked* asked) {
    const auto flag = [&](std::string_view key, std::size_t bit) {
      const toml::node* node = table.get(key);
      if (node == nullptr) return;
      if (!node->is_boolean()) return files_.Error(*node, fmt::format("'{}' is true or false", key));
      (node->value_or(false) ? asked->need : asked->forbid).set(bit);
    };
    flag("from_page", RequestRules::kFromPage);
    flag("person", RequestRules::kPerson);
    flag("api", RequestRules::kApi);
    const toml::node* http = table.get("http");
    if (http == nullptr) return;
    const std::string_view method = http->value_or(std::string_view());
    if (method != "GET" && method != "POST") return files_.Error(*http, "http is \"GET\" or \"POST\"");
    (method == "POST" ? asked->need : asked->forbid).set(RequestRules::kPost);
  }

  void LoadParameters(const toml::table& table, Asked* asked) {
    const auto each = [&](std::string_view key, auto take) {
      files_.ForEachText(table, key, [&](const toml::node& node, std::string_view text) { take(node, text); });
    };
    each("present", [&](const auto& node, auto text) { asked->need |= Present(node, text); });
    each("absent", [&](const auto& node, auto text) { asked->forbid |= Present(node, text); });
    each("filled", [&](const auto& node, auto text) { asked->need |= Filled(node, text); });
    each("empty", [&](const auto& node, auto text) { asked->forbid |= Filled(node, text); });
    each("values", [&](const auto& node, auto text) { asked->need |= Value(node, text); });
    if (table.contains("any_present")) asked->need |= AnyPresent(table);
    if (table.contains("action_prefixes")) asked->need |= ActionPrefix(table);
  }

  void LoadUnless(const toml::table& table, Asked* asked) {
    const toml::node* node = table.get("unless");
    if (node == nullptr) return;
    if (!node->is_table()) return files_.Error(*node, "write unless = { hosts = [...] }");
    files_.CheckKeys(*node->as_table(), kFieldKeys);
    NoEmptyLists(*node->as_table());
    asked->forbid |= Fields(*node->as_table());
  }

  // The conditions on fields of the line that stand in a table; each list is one, and so is each of `fields`.
  Conditions Fields(const toml::table& table) {
    Conditions all;
    FieldConditions& fields = rules_.fields_;
    const auto each = [&](std::string_view key, std::string_view field, auto add) {
      if (!table.contains(key)) return;
      all |= FieldList(table, key, add);
      if (files_.IsSite(table)) fields.AskedBySite(field);
    };
    each("hosts", "host", [&](auto&, auto text, auto& bit) { fields.AddText("host", text, bit); });
    each("users", "remote_user", [&](auto&, auto text, auto& bit) { fields.AddText("remote_user", text, bit); });
    each("addresses", "remote_addr", [&](auto& node, auto text, auto& bit) { AddRange(node, text, bit); });
    each("paths", "path", [&](auto& node, auto text, auto& bit) { AddPattern(node, "path", text, bit); });
    each("user_agents", "user_agent",
         [&](auto& node, auto text, auto& bit) { AddPattern(node, "user_agent", text, bit); });
    const toml::node* named = table.get("fields");
    if (named == nullptr) return all;
    if (!named->is_table()) files_.Error(*named, "write fields = { name = \"pattern\" }");
    if (const toml::table* patterns = named->as_table()) {
      for (const auto& [key, node] : *patterns) all |= NamedField(key.str(), node);
    }
    return all;
  }

  // One of the entries of a list.
  template <typename Add>
  Conditions FieldList(const toml::table& table, std::string_view key, Add add) {
    std::string what(key);
    files_.ForEachText(table, key, [&](const auto&, std::string_view text) { (what += '\n') += text; });
    bool is_new = false;
    const Conditions condition = Condition(table, what, &is_new);
    if (!is_new) return condition;
    files_.ForEachText(table, key, [&](const toml::node& node, std::string_view text) { add(node, text, condition); });
    return condition;
  }

  Conditions NamedField(std::string_view name, const toml::node& node) {
    const std::string_view pattern = node.value_or(std::string_view());
    if (!node.is_string()) files_.Error(node, "a field has a pattern, in quotes");
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("field {}\n{}", name, pattern), &is_new);
    if (!FieldConditions::IsField(name)) {
      files_.Error(node, fmt::format("'{}' is no field that a rule can look at; see rules/README.md", name));
      return condition;
    }
    if (is_new) AddPattern(node, name, pattern, condition);
    if (files_.IsSite(node)) rules_.fields_.AskedBySite(name);
    return condition;
  }

  void AddRange(const toml::node& node, std::string_view text, const Conditions& bit) {
    const auto range = ParseIpRange(text);
    if (!range)
      return files_.Error(node, fmt::format("'{}' is neither an address nor a range like 192.0.2.0/24", text));
    rules_.fields_.AddRange(*range, bit);
  }

  void AddPattern(const toml::node& node, std::string_view field, std::string_view pattern, const Conditions& bit) {
    const std::string error = rules_.fields_.AddPattern(field, pattern, bit);
    if (!error.empty()) files_.Error(node, fmt::format("pattern '{}': {}", pattern, error));
  }

  // The bit of a condition, a new one unless another rule asks for the same.
  Conditions Condition(const toml::node& node, const std::string& what, bool* is_new) {
    const auto [known, added] = conditions_.try_emplace(what);
    *is_new = added;
    if (!added) return known->second;
    if (next_condition_ == kMaxConditions) {
      files_.Error(node, fmt::format("more than {} different conditions; drop some", kMaxConditions));
    } else {
      known->second.set(next_condition_++);
    }
    return known->second;
  }

  RequestRules::ParameterConditions* ParameterAt(const toml::node& node, std::string_view text) {
    const Name name = rules_.catalogue_.Parameter(text);
    if (name > Name::kPlaceholder) return rules_.AskedOf(name);
    files_.Error(node, fmt::format("parameter '{}' is not in the catalogue", text));
    return nullptr;
  }

  Conditions Present(const toml::node& node, std::string_view text) {
    RequestRules::ParameterConditions* parameter = ParameterAt(node, text);
    if (parameter == nullptr) return {};
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("present {}", text), &is_new);
    parameter->present |= condition;
    return condition;
  }

  Conditions Filled(const toml::node& node, std::string_view text) {
    RequestRules::ParameterConditions* parameter = ParameterAt(node, text);
    if (parameter == nullptr) return {};
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("filled {}", text), &is_new);
    parameter->filled |= condition;
    return condition;
  }

  // "viewDataTable=sparkline"
  Conditions Value(const toml::node& node, std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      files_.Error(node, "a value is written name=value");
      return {};
    }
    const std::string_view name = text.substr(0, equals);
    RequestRules::ParameterConditions* parameter = ParameterAt(node, name);
    if (parameter == nullptr) return {};
    bool is_new = false;
    const Conditions condition = Condition(node, fmt::format("value {}", text), &is_new);
    if (is_new) parameter->values.emplace_back(text.substr(equals + 1), condition);
    return condition;
  }

  Conditions AnyPresent(const toml::table& table) {
    std::string what = "any";
    files_.ForEachText(table, "any_present", [&](const auto&, std::string_view text) { (what += ' ') += text; });
    bool is_new = false;
    const Conditions condition = Condition(table, what, &is_new);
    files_.ForEachText(table, "any_present", [&](const toml::node& node, std::string_view text) {
      if (auto* parameter = ParameterAt(node, text)) parameter->present |= condition;
    });
    return condition;
  }

  Conditions ActionPrefix(const toml::table& table) {
    std::string what = "action prefix";
    files_.ForEachText(table, "action_prefixes", [&](const auto&, std::string_view text) { (what += ' ') += text; });
    bool is_new = false;
    const Conditions condition = Condition(table, what, &is_new);
    if (!is_new) return condition;
    files_.ForEachText(table, "action_prefixes", [&](const toml::node&, std::string_view text) {
      rules_.action_prefixes_.push_back({std::string(text), condition});
    });
    return condition;
  }

  // "Plugin.action", "Plugin.*", or "Plugin" for a request without action; API methods in rules with api = true.
  void LoadCalls(const toml::table& table, std::size_t number) {
    if (!table.contains("calls")) return rules_.any_call_.Set(number);
    const bool api = table["api"].value_or(false);
    files_.ForEachText(table, "calls", [&](const toml::node& node, std::string_view text) {
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
        return files_.Error(node, fmt::format("'{}' is not in the catalogue", text));
      }
      if (all) {
        rules_.by_plugin_[static_cast<std::size_t>(call.module)][api ? 1 : 0].Set(number);
      } else {
        rules_.by_call_[RequestRules::CallKey(call)].Set(number);
      }
    });
  }

  RequestRules& rules_;
  RuleFiles& files_;
  std::map<std::string, Conditions> conditions_;
  std::size_t next_condition_ = RequestRules::kFirstFree;
  std::set<std::string> site_paths_;
};

RequestRules::RequestRules(RuleFiles* files, const Catalogue& catalogue)
    : catalogue_(catalogue),
      module_name_(catalogue.Find("module")),
      action_name_(catalogue.Find("action")),
      method_name_(catalogue.Find("method")),
      api_plugin_(catalogue.Find("API")) {
  RequestRulesLoader(this, files).Load();
}

}  // namespace hushlog
