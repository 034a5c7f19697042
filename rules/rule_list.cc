#include "rules/rule_list.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <map>

namespace hushlog {
namespace {

std::string Joined(const toml::table& table, std::string_view key) {
  std::string text;
  const toml::array* list = table[key].as_array();
  if (list == nullptr) return text;
  for (const toml::node& node : *list) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", node.value_or(std::string()));
  }
  return text;
}

// How values of a parameter are shown.
std::string FormOf(const toml::table& table) {
  const std::string value = table["value"].value_or(std::string());
  if (value == "id") return "number, reduced to 1..20, or a word";
  if (value == "elsewhere") return "names the request";
  if (value == "enumeration") return fmt::format("one of {}", Joined(table, "values"));
  if (value == "pattern") {
    return fmt::format("{}, at most {} bytes", Joined(table, "patterns"),
                       table["max_length"].value_or(std::int64_t{0}));
  }
  if (value != "integer") return value;
  const auto min = table["min"].value_or(std::int64_t{0});
  const toml::node* max = table.get("max");
  const auto modulo = table["modulo"].value_or(std::int64_t{0});
  std::string text = max == nullptr ? fmt::format("number from {}", min)
                                    : fmt::format("number {}..{}", min, max->value_or(std::int64_t{0}));
  if (modulo > 0) text += fmt::format(", reduced to {}..{}", min, min + modulo - 1);
  return text;
}

std::string VerdictOf(const toml::table& table) {
  if (table["front"].value_or(false)) return "decided by [[rule]]";
  const std::string kind = table["class"].value_or(std::string());
  return kind.empty() ? fmt::format("drop {}", table["drop"].value_or(std::string())) : kind;
}

// By what a bot or device is recognised.
std::string WordsOf(const toml::table& table) { return Joined(table, table.contains("names") ? "names" : "patterns"); }

class Lister {
 public:
  Lister(RuleFiles* files, bool site_only) : files_(*files), site_only_(site_only) {}

  std::string List() {
    ListPlugins();
    ListNames();
    ListParameters();
    ListRules("path", VerdictOf);
    ListRules("rule", VerdictOf);
    ListRules("event", [](const toml::table& table) { return Joined(table, "names"); });
    ListRules("page", [](const toml::table& table) {
      return fmt::format("{} / {}: {}", table["category"].value_or(std::string()),
                         table["subcategory"].value_or(std::string()), Joined(table, "widgets"));
    });
    ListRules("access", [](const toml::table& table) {
      return fmt::format("{}: {}, {}", table["level"].value_or(std::string()), Joined(table, "calls"),
                         Joined(table, "methods"));
    });
    ListSections();
    ListClients();
    return std::move(text_);
  }

 private:
  void Add(std::string_view kind, std::string_view name, std::string_view detail, const toml::node& at) {
    if (site_only_ && !files_.IsSite(at)) return;
    fmt::format_to(std::back_inserter(text_), "{:<11} {}{}{}  [{}]\n", kind, name, detail.empty() ? "" : ": ", detail,
                   RuleFiles::Place(at));
  }

  void ListPlugins() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kMembers = {
        {{"reports", "report"}, {"actions", "action"}, {"methods", "method"}}};
    files_.ForEachNamed("plugins", [&](const RuleFiles::Rule& plugin) {
      Add("plugin", plugin.id, plugin.reason, *plugin.table);
      for (const auto& [key, kind] : kMembers) {
        files_.ForEachText(*plugin.table, key, [&](const toml::node& node, std::string_view member) {
          Add(kind, fmt::format("{}.{}", plugin.id, member), "", node);
        });
      }
    });
  }

  void ListNames() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kLists = {
        {{"categories", "category"}, {"subcategories", "subcategory"}, {"popovers", "popover"}, {"words", "word"}}};
    files_.ForEachSection("names", [&](const toml::table& table) {
      for (const auto& [key, kind] : kLists) {
        files_.ForEachText(table, key, [&](const auto& node, auto name) { Add(kind, name, "", node); });
      }
    });
  }

  // Those with a rule, then those that are hidden because they have none.
  void ListParameters() {
    std::map<std::string, const toml::node*, std::less<>> ruled;
    files_.ForEachRule("parameter", [&](const RuleFiles::Rule& rule) {
      files_.ForEachText(*rule.table, "names", [&](const toml::node& node, std::string_view name) {
        if (ruled.emplace(name, &node).second) Add("parameter", name, FormOf(*rule.table), node);
      });
    });
    files_.ForEachSection("names", [&](const toml::table& table) {
      files_.ForEachText(table, "parameters", [&](const toml::node& node, std::string_view name) {
        if (ruled.emplace(name, &node).second) Add("parameter", name, "hidden", node);
      });
    });
    ListRules("parameter", FormOf, "values");
  }

  template <typename Detail>
  void ListRules(std::string_view key, Detail detail, std::string_view kind = {}) {
    for (const RuleFiles::Rule& rule : files_.AllRules(key)) {
      const toml::table& table = *rule.table;
      std::string state;
      if (rule.replaced_by != nullptr) {
        state = fmt::format("(replaced by {}) ", RuleFiles::Place(*rule.replaced_by));
      } else if (!rule.enabled) {
        state = "(switched off) ";
      }
      const std::string what = table.contains("enabled") && !rule.enabled ? "" : detail(table) + ". ";
      Add(kind.empty() ? key : kind, rule.id, state + what + rule.reason, table);
    }
  }

  void ListSections() {
    for (const std::string_view key : {"opt_out", "reduce", "secrets", "no_reports"}) {
      files_.ForEachSection(key, [&](const toml::table& table) {
        for (const auto& [name, node] : table) {
          std::string value = Joined(table, name.str());
          node.visit([&](const auto& element) {
            if constexpr (toml::is_string<decltype(element)> || toml::is_integer<decltype(element)> ||
                          toml::is_boolean<decltype(element)>) {
              value = fmt::format("{}", element.get());
            }
          });
          Add(key, name.str(), value, node);
        }
      });
    }
  }

  // The rules, then the families of those that have many.
  void ListClients() {
    ListRules("bot", [](const toml::table& table) {
      return fmt::format("{}: {}", table["bot"].value_or(true) ? "a bot" : "no bot", WordsOf(table));
    });
    ListRules("device", [](const toml::table& table) {
      return fmt::format("{}: {}", table["device"].value_or(std::string()), WordsOf(table));
    });
    for (const std::string_view key : {"system", "browser"}) {
      ListRules(key, [](const toml::table& table) { return table["name"].value_or(std::string("several")); });
      files_.ForEachRule(key, [&](const RuleFiles::Rule& rule) {
        files_.ForEachText(*rule.table, "tokens",
                           [&](const auto& node, auto token) { Add(key, token, rule.id, node); });
      });
    }
  }

  RuleFiles& files_;
  bool site_only_;
  std::string text_;
};

}  // namespace

std::string ListRules(RuleFiles* files, bool site_only) { return Lister(files, site_only).List(); }

}  // namespace hushlog
