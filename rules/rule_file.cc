#include "rules/rule_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/config_error.h"

namespace hushlog {
namespace {

std::string Place(std::string_view file, const toml::source_region& source) {
  return fmt::format("{}:{}: ", file, source.begin.line);
}

toml::table Parse(std::string_view name, std::string_view text) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw ConfigError(Place(name, error.source()) + std::string(error.description()));
  }
}

}  // namespace

RuleFile::RuleFile(std::string_view name, std::string_view text) : name_(name), root_(Parse(name, text)) {}

void RuleFile::Error(const toml::node& at, std::string_view what) {
  errors_.push_back(Place(name_, at.source()) + std::string(what));
}

void RuleFile::Check() const {
  if (errors_.empty()) return;
  std::string all;
  for (const std::string& error : errors_) {
    if (!all.empty()) all += '\n';
    all += error;
  }
  throw ConfigError(all);
}

void RuleFile::CheckKeys(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      Error(node, fmt::format("unknown key '{}'; see rules/README.md", key.str()));
    }
  }
}

std::string RuleFile::Text(const toml::table& table, std::string_view key) {
  const auto* value = table.get_as<std::string>(key);
  if (value == nullptr || value->get().empty()) {
    Error(table, fmt::format("needs a text '{}'", key));
    return "";
  }
  return value->get();
}

void RuleFile::ForEachText(const toml::table& table, std::string_view key,
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

void RuleFile::ForEachTable(std::string_view key, const std::function<void(const toml::table&)>& take) {
  const toml::node* node = root_.get(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr) return Error(*node, fmt::format("write [[{}]]", key));
  for (const toml::node& entry : *list) {
    if (entry.is_table()) {
      take(*entry.as_table());
    } else {
      Error(entry, fmt::format("write [[{}]]", key));
    }
  }
}

}  // namespace hushlog
