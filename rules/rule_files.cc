#include "rules/rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "rules/config_error.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxRules = 10'000;  // of a kind

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

enum class Shape { kArrayOfTables, kTable, kText };
struct TableName {
  std::string_view name;
  Shape shape;
  bool only_shipped = false;
};
constexpr TableName kTables[] = {
    {"rule", Shape::kArrayOfTables},   {"path", Shape::kArrayOfTables},   {"parameter", Shape::kArrayOfTables},
    {"event", Shape::kArrayOfTables},  {"page", Shape::kArrayOfTables},   {"access", Shape::kArrayOfTables, true},
    {"no_reports", Shape::kTable},     {"reduce", Shape::kTable},         {"opt_out", Shape::kTable},
    {"secrets", Shape::kTable},        {"plugins", Shape::kTable},        {"names", Shape::kTable},
    {"bot", Shape::kArrayOfTables},    {"system", Shape::kArrayOfTables}, {"browser", Shape::kArrayOfTables},
    {"device", Shape::kArrayOfTables}, {"marks", Shape::kTable, true},    {"client_hints", Shape::kTable, true},
    {"bot_text", Shape::kText, true},
};

std::string PlaceOf(const toml::source_region& source) {
  return fmt::format("{}:{}", source.path == nullptr ? "" : *source.path, source.begin.line);
}

bool HasShape(const toml::node& node, Shape shape) {
  switch (shape) {
    case Shape::kArrayOfTables:
      return node.is_array_of_tables();
    case Shape::kTable:
      return node.is_table();
    case Shape::kText:
      return node.is_string();
  }
  return false;
}

std::string Written(const TableName& table) {
  switch (table.shape) {
    case Shape::kArrayOfTables:
      return fmt::format("[[{}]]", table.name);
    case Shape::kTable:
      return fmt::format("[{}]", table.name);
    case Shape::kText:
      return fmt::format("{} = \"...\"", table.name);
  }
  return "";
}

bool IsId(std::string_view text) {
  const auto is_id_byte = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kMaxNameBytes && std::all_of(text.begin(), text.end(), is_id_byte);
}

}  // namespace

RuleFiles::RuleFiles(std::span<const RuleSource> sources) {
  for (const RuleSource& source : sources) {
    has_site_files_ |= source.site;
    File& file = files_.emplace_back(toml::table(), source.site);
    try {
      file.root = toml::parse(source.text, source.name);
      CheckTables(file);
    } catch (const toml::parse_error& error) {
      errors_.push_back(fmt::format("{}: {}", PlaceOf(error.source()), error.description()));
    }
  }
}

RuleFiles::RuleFiles(std::string_view name, std::string_view text)
    : RuleFiles(std::array<RuleSource, 1>{{{name, text}}}) {}

void RuleFiles::CheckTables(const File& file) {
  for (const auto& [key, node] : file.root) {
    const auto* known = std::ranges::find(kTables, key.str(), &TableName::name);
    if (known == std::end(kTables)) {
      Error(node, fmt::format("no rule file has a table '{}'; see rules/README.md", key.str()));
    } else if (file.site && known->only_shipped) {
      Error(node, fmt::format("'{}' is not for a site to change", key.str()));
    } else if (!HasShape(node, known->shape)) {
      Error(node, fmt::format("write {}", Written(*known)));
    }
  }
}

void RuleFiles::Error(const toml::node& at, std::string_view what) {
  errors_.push_back(fmt::format("{}: {}", Place(at), what));
}

void RuleFiles::Check() const {
  if (!errors_.empty()) throw ConfigError(fmt::format("{}", fmt::join(errors_, "\n")));
}

std::string RuleFiles::Place(const toml::node& node) { return PlaceOf(node.source()); }

bool RuleFiles::IsSite(const toml::node& node) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&](const File& file) { return file.site && file.root.source().path == node.source().path; });
}

void RuleFiles::ForEachRule(std::string_view key, const std::function<void(const Rule&)>& take) {
  for (const Rule& rule : AllRules(key)) {
    if (rule.enabled) take(rule);
  }
}

const std::vector<RuleFiles::Rule>& RuleFiles::AllRules(std::string_view key) {
  auto known = rules_.find(key);
  if (known == rules_.end()) known = rules_.emplace(std::string(key), Resolve(key)).first;
  return known->second;
}

std::vector<RuleFiles::Rule> RuleFiles::Resolve(std::string_view key) {
  Places places;
  std::size_t count = 0;
  for (const File& file : files_) {
    const toml::array* tables = file.root[key].as_array();
    if (tables == nullptr || tables->empty()) continue;
    count += tables->size();
    if (count > kMaxRules) {
      Error(tables->front(), fmt::format("more than {} tables [[{}]]", kMaxRules, key));
      break;
    }
    for (const toml::node& node : *tables) {
      if (node.is_table()) AddRule(*node.as_table(), &places);
    }
  }
  std::vector<Rule> rules;
  for (std::deque<Versions>* list : {&places.own, &places.shipped}) {
    for (Versions& place : *list) std::ranges::move(place, std::back_inserter(rules));
  }
  return rules;
}

void RuleFiles::AddRule(const toml::table& table, Places* places) {
  Rule rule{&table, Text(table, "id"), Text(table, "reason"), table["enabled"].value_or(true), nullptr};
  if (!rule.id.empty() && !IsId(rule.id)) Error(table, "an id is made of at most 64 of a-z, 0-9 and _");
  if (!rule.enabled) CheckKeys(table, {"id", "enabled", "reason"});
  const toml::node* enabled = table.get("enabled");
  if (enabled != nullptr && !enabled->is_boolean()) Error(*enabled, "'enabled' is true or false");
  if (rule.id.empty()) return;
  if (const auto known = places->by_id.find(rule.id); known != places->by_id.end()) {
    Rule& same = known->second->back();
    if (same.table->source().path == table.source().path || !IsSite(table)) {
      return Error(table, fmt::format("two rules have the id '{}'", rule.id));
    }
    same.replaced_by = &table;
    same.enabled = false;
    return known->second->push_back(std::move(rule));
  }
  if (!rule.enabled) return Error(table, fmt::format("there is no rule '{}' to switch off", rule.id));
  Versions& place = (IsSite(table) ? places->own : places->shipped).emplace_back();
  places->by_id.emplace(rule.id, &place);
  place.push_back(std::move(rule));
}

void RuleFiles::ForEachSection(std::string_view key, const std::function<void(const toml::table&)>& take) const {
  for (const File& file : files_) {
    if (const toml::table* table = file.root[key].as_table()) take(*table);
  }
}

void RuleFiles::ForEachNamed(std::string_view key, const std::function<void(const Rule&)>& take) {
  ForEachSection(key, [&](const toml::table& section) {
    for (const auto& [name, node] : section) {
      if (const toml::table* table = node.as_table()) {
        const bool shared = !table->contains("reason") && section["reason"].is_string();
        take({table, std::string(name.str()), Text(shared ? section : *table, "reason")});
      } else if (name != "reason" || !node.is_string()) {
        Error(node, fmt::format("write [{}.{}]", key, name.str()));
      }
    }
  });
}

const toml::node* RuleFiles::Find(std::string_view key) const {
  for (const File& file : files_) {
    if (const toml::node* node = file.root.get(key)) return node;
  }
  return nullptr;
}

std::size_t RuleFiles::CountSamples() {
  std::size_t count = 0;
  for (const TableName& table : kTables) {
    if (table.shape != Shape::kArrayOfTables) continue;
    ForEachRule(table.name, [&](const Rule& rule) {
      if (!ChecksSamplesOf(*rule.table)) return;
      for (const std::string_view key : {"accept", "reject", "samples"}) {
        if (const toml::array* list = (*rule.table)[key].as_array()) count += list->size();
      }
    });
  }
  return count;
}

void RuleFiles::CheckKeys(const toml::table& table, std::span<const std::string_view> known) {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      Error(node, fmt::format("unknown key '{}'; known here: {}", key.str(), fmt::join(known, ", ")));
    }
  }
}

std::string RuleFiles::Text(const toml::table& table, std::string_view key) {
  const auto* value = table.get_as<std::string>(key);
  if (value == nullptr || value->get().empty()) {
    Error(table, fmt::format("needs a text '{}'", key));
    return "";
  }
  return value->get();
}

void RuleFiles::ForEachText(const toml::table& table, std::string_view key,
                            const std::function<void(const toml::node&, std::string_view)>& take) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr) return Error(*node, fmt::format("'{}' must be a list of texts", key));
  for (const toml::node& entry : *list) {
    const auto* text = entry.as_string();
    if (text == nullptr) {
      Error(entry, fmt::format("'{}' must hold texts only", key));
    } else {
      take(entry, text->get());
    }
  }
}

void RuleFiles::NeedList(const toml::table& table, std::string_view key, std::string_view what) {
  const toml::array* list = table[key].as_array();
  if (list == nullptr || list->empty()) Error(table, fmt::format("needs {} in '{}'", what, key));
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && (text[0] < '0' || text[0] > '9') &&
         std::all_of(text.begin(), text.end(), IsLetterOrDigit);
}

bool IsPlainText(std::string_view text) {
  const auto is_plain = [](char c) {
    return IsLetterOrDigit(c) || std::string_view(" .:,!-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxNameBytes && std::all_of(text.begin(), text.end(), is_plain);
}

}  // namespace hushlog
