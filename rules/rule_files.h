// The rule files of one rule set: shipped ones and those of the site. Mistakes are collected and reported together,
// each with its file and line.
//
// All files have one syntax; tables are told apart by their names (rules/README.md). Order: shipped files as given,
// then site files as given. What the site says comes first: its rules are tried before the shipped ones, and its lists
// add to the shipped ones.
//
// Thread-safety: none. Nodes and texts handed out live as long as the object.
#pragma once

#include <toml++/toml.h>

#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

struct RuleSource {
  std::string_view name;  // shown in errors and lists
  std::string_view text;
  bool site = false;
};

// A rule file of the site, in memory.
struct SiteRules {
  std::string name;
  std::string text;
};

class RuleFiles {
 public:
  // Notes what is no TOML, and tables that no rule file has.
  explicit RuleFiles(std::span<const RuleSource> sources);
  // One shipped file.
  RuleFiles(std::string_view name, std::string_view text);

  // Notes what is wrong at a node. `what` says what to do about it.
  void Error(const toml::node& at, std::string_view what);
  // Throws ConfigError with all noted errors, if any.
  void Check() const;

  // A table with a name of its own. All arrays of tables hold rules; site files can put another in the place of one, or
  // switch it off.
  struct Rule {
    const toml::table* table;
    std::string id;
    std::string reason;
    bool enabled = true;
    const toml::table* replaced_by = nullptr;  // by one of a later file
  };
  // The rules in effect of the array of tables at `key`, in the order in which they are tried: new ones of site files,
  // then shipped ones, each in the place of which a site file may have put its own.
  void ForEachRule(std::string_view key, const std::function<void(const Rule&)>& take);
  // Those in effect and those that are not.
  const std::vector<Rule>& AllRules(std::string_view key);

  // Calls `take` for each table [key], the last file's last.
  void ForEachSection(std::string_view key, const std::function<void(const toml::table&)>& take) const;
  // Calls `take` for each table [key.name]: the name is the id; the reason may also be one for all of a file, in [key].
  void ForEachNamed(std::string_view key, const std::function<void(const Rule&)>& take);

  // Complains about keys of `table` that are not in `known`.
  void CheckKeys(const toml::table& table, std::span<const std::string_view> known);
  void CheckKeys(const toml::table& table, std::initializer_list<std::string_view> known) {
    CheckKeys(table, std::span(known.begin(), known.size()));
  }
  // The text at `key`; notes an error and returns "" if there is none.
  std::string Text(const toml::table& table, std::string_view key);
  // Calls `take` for each text of the list at `key`, which may be missing.
  void ForEachText(const toml::table& table, std::string_view key,
                   const std::function<void(const toml::node& node, std::string_view text)>& take);

  // Notes an error if there are no samples that the rule must decide, or none that it must not.
  void NeedSamples(const toml::table& table) {
    for (const std::string_view key : {"accept", "reject"}) NeedList(table, key, "samples");
  }
  // Notes an error if there is no list at `key`, or an empty one. `what` says what it is for: "samples".
  void NeedList(const toml::table& table, std::string_view key, std::string_view what);

  // What stands at `key` of the first file that has it; null if none has.
  const toml::node* Find(std::string_view key) const;
  // Of the last file, which is one of the site if there is any: the place of mistakes that have no other.
  const toml::table& last() const { return files_.back().root; }

  bool IsSite(const toml::node& node) const;
  bool has_site_files() const { return has_site_files_; }
  // Samples of shipped rules are checked where they stand alone: a site may want other results.
  bool ChecksSamplesOf(const toml::table& table) const { return !has_site_files_ || IsSite(table); }
  // Samples for which this is true.
  std::size_t CountSamples();
  // "file:line"
  static std::string Place(const toml::node& node);

 private:
  struct File {
    toml::table root;
    bool site = false;
  };

  using Versions = std::vector<Rule>;  // a rule, and those of later files that took its place, the last in effect
  struct Places {
    std::deque<Versions> own, shipped;  // in the order in which they are tried
    std::map<std::string, Versions*, std::less<>> by_id;
  };

  void CheckTables(const File& file);
  std::vector<Rule> Resolve(std::string_view key);
  void AddRule(const toml::table& table, Places* places);

  std::vector<File> files_;
  bool has_site_files_ = false;
  std::map<std::string, std::vector<Rule>, std::less<>> rules_;
  std::vector<std::string> errors_;
};

// True for a name as PHP's are: at most 64 letters, digits and _, not beginning with a digit.
bool IsIdentifier(std::string_view text);
// True for text that may stand in titles, URLs and events: at most 64 letters, digits, blanks and _.:,!-
bool IsPlainText(std::string_view text);

}  // namespace hushlog
