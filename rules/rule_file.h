// A TOML rule file whose errors are collected and reported together, each with its line.
#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

class RuleFile {
 public:
  // `name` is shown in errors. Throws ConfigError if `text` is no TOML.
  RuleFile(std::string_view name, std::string_view text);

  const toml::table& root() const { return root_; }

  // Notes what is wrong at a node. `what` says what to do about it.
  void Error(const toml::node& at, std::string_view what);
  // Throws ConfigError with all noted errors, if any.
  void Check() const;

  // Complains about keys of `table` that are not in `known`.
  void CheckKeys(const toml::table& table, std::initializer_list<std::string_view> known);
  // The text at `key`; notes an error and returns "" if there is none.
  std::string Text(const toml::table& table, std::string_view key);
  // Calls `take` for each text of the list at `key`, which may be missing.
  void ForEachText(const toml::table& table, std::string_view key,
                   const std::function<void(const toml::node& node, std::string_view text)>& take);
  // Calls `take` for each table of the array of tables at `key`, which may be missing.
  void ForEachTable(std::string_view key, const std::function<void(const toml::table& table)>& take);

 private:
  std::string name_;
  toml::table root_;
  std::vector<std::string> errors_;
};

}  // namespace hushlog
