// Reads rules/user_agents.toml, whose head explains the grammar, and checks the rules with the samples in it.
#include <algorithm>
#include <optional>
#include <utility>

#include "embedded/hushlog_rules.h"
#include "rules/config_error.h"
#include "rules/rule_files.h"
#include "rules/user_agent.h"
#include "rules/user_agent_tables.h"

namespace hushlog {
namespace {

using Device = UserAgent::Device;

// What stands behind a token.
constexpr std::string_view kVersion = "(?:/v?\\.?([0-9]{1,9})?| v?([0-9]{1,9}))";
constexpr std::string_view kEndOfWord = "(?:[^A-Za-z0-9]|$)";
constexpr std::string_view kVersionOrEndOfWord = "(?:[/ -]v?([0-9]{1,9})|[^A-Za-z0-9]|$)";

// Keys of devices: the text for such a device.
constexpr std::string_view kSystemKeys[] = {"id",     "enabled", "name",   "label",   "device", "patterns",
                                            "text",   "tokens",  "reason", "accept",  "reject", "desktop",
                                            "mobile", "tablet",  "tv",     "console", "other",  "largest_major"};
constexpr std::string_view kBrowserKeys[] = {"id",     "enabled", "name",         "label",    "patterns",
                                             "text",   "tokens",  "reason",       "versions", "person",
                                             "accept", "reject",  "largest_major"};

std::optional<Device> DeviceNamed(std::string_view name) {
  for (std::size_t i = 1; i < kDevices; ++i) {
    if (ToString(static_cast<Device>(i)) == name) return static_cast<Device>(i);
  }
  return std::nullopt;
}

// Printable ASCII, known placeholders, closed brackets.
bool IsTemplate(std::string_view text) {
  static const RE2 kTemplate(R"((?:[ -Z\\^-z|~]|\{(?:system|major|mobile)\}|\[(?:[ -Z\\^-z|~]|\{major\})*\])+)");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kTemplate);
}

std::uint16_t MajorAt(const toml::node& node, std::string_view key, std::uint16_t otherwise) {
  const toml::table* table = node.as_table();
  return table == nullptr ? otherwise : (*table)[key].value_or(otherwise);
}

// A sample or pattern is a text, or a table with the text at `key`.
std::string TextAt(const toml::node& node, std::string_view key) {
  const toml::table* table = node.as_table();
  return (table == nullptr ? toml::node_view<const toml::node>(node) : (*table)[key]).value_or(std::string());
}

// Index of the family of that name and text, which is appended if there is none.
std::uint16_t IndexOf(Family family, std::vector<Family>* families) {
  const auto same = std::find_if(families->begin(), families->end(), [&](const Family& other) {
    return other.name == family.name && other.text == family.text;
  });
  const auto index = static_cast<std::uint16_t>(same - families->begin());
  if (same == families->end()) families->push_back(std::move(family));
  return index;
}

}  // namespace

class UserAgentLoader {
 public:
  UserAgentLoader(RuleFiles* files, UserAgentRules::Samples samples) : file_(*files), samples_(samples) {}

  std::shared_ptr<const UserAgentRules> Load() {
    ReadMarks();
    ReadSystems();
    ReadBrowsers();
    ReadDevices();
    ReadBots();
    ReadClientHints();
    file_.Check();
    Compile();
    std::shared_ptr<const UserAgentRules> rules(new UserAgentRules(std::move(tables_)));
    for (const auto& check : checks_) check(*rules);
    return rules;
  }

 private:
  using Tables = UserAgentRules::Tables;

  std::string Template(const toml::node& at, std::string text) {
    if (!IsTemplate(text)) file_.Error(at, "not a template: " + text);
    return text;
  }

  void AddPattern(const toml::node& at, const std::string& pattern, PatternList* list, std::uint16_t owner,
                  std::uint16_t major = UserAgent::kNoMajor) {
    const std::string error = list->Add(pattern, owner, major);
    if (!error.empty()) file_.Error(at, "pattern " + pattern + ": " + error);
  }

  void ReadPatterns(const toml::table& table, PatternList* list, std::uint16_t owner) {
    const toml::array* patterns = table["patterns"].as_array();
    if (patterns == nullptr) return file_.Error(table, "needs a list 'patterns'");
    for (const toml::node& node : *patterns) {
      AddPattern(node, TextAt(node, "pattern"), list, owner, MajorAt(node, "major", UserAgent::kNoMajor));
    }
  }

  // An accepted sample is decided by the rule it stands with, of all of its kind; a rejected one is not.
  void ReadSamples(const RuleFiles::Rule& rule, PatternList Tables::*list) {
    for (const std::string_view key : {"accept", "reject"}) {
      const toml::array* samples = (*rule.table)[key].as_array();
      if (samples == nullptr || !ChecksSamplesOf(*rule.table)) continue;
      for (const toml::node& sample : *samples) {
        checks_.push_back([this, &sample, list, id = rule.id, accept = key == "accept"](const UserAgentRules& rules) {
          CheckSample(sample, (*rules.tables_).*list, id, accept);
        });
      }
    }
  }

  void CheckSample(const toml::node& sample, const PatternList& list, const std::string& id, bool accept) {
    const PatternList::Found found = list.Match(TextAt(sample, "text"));
    const std::string decides = list.RuleOf(found).id;
    if ((decides == id) != accept) {
      file_.Error(sample,
                  decides.empty() ? "the sample matches no rule" : "the sample is decided by '" + decides + "'");
    } else if (accept && found.major != MajorAt(sample, "major", UserAgent::kNoMajor)) {
      file_.Error(sample, "the sample has another major version");
    }
  }

  // What a browser is rendered as must be recognised as that browser.
  void CheckRoundTrip(const toml::node& at, std::uint16_t browser) {
    if (!ChecksSamplesOf(at)) return;
    checks_.push_back([this, &at, browser](const UserAgentRules& rules) {
      const Family& family = rules.tables_->browsers[browser];
      UserAgent user_agent{.browser = browser, .is_browser = family.is_browser};
      if (family.text.find("{major}") != std::string::npos) user_agent.browser_major = 7;
      const std::string text = rules.ToString(user_agent);
      const UserAgent again = rules.Reduce(text);
      if (again.browser != browser || again.browser_major != user_agent.browser_major) {
        file_.Error(at, "rendered as \"" + text + "\", which is " + rules.BrowserLabel(again));
      }
    });
  }

  // Those of the site are always checked.
  bool ChecksSamplesOf(const toml::node& node) const {
    return samples_ == UserAgentRules::Samples::kCheck || file_.IsSite(node);
  }

  Device ReadDevice(const toml::table& table) {
    const std::optional<Device> device = DeviceNamed(file_.Text(table, "device"));
    if (!device) file_.Error(table, "'device' is none of desktop, mobile, tablet, tv, console, other");
    return device.value_or(Device::kUnknown);
  }

  Family ReadFamily(const toml::table& table) {
    Family family;
    family.name = file_.Text(table, "name");
    family.label = Template(table, table["label"].value_or(family.name + "[ {major}]"));
    family.text = Template(table, file_.Text(table, "text"));
    ReadCommon(table, &family);
    return family;
  }

  void ReadCommon(const toml::table& table, Family* family) {
    family->largest_major = table["largest_major"].value_or(family->largest_major);
    family->is_browser = table["person"].value_or(true);
  }

  // Families of a table with `tokens`. Calls `take` with each family's place and index.
  template <typename Take>
  void ReadTokens(const toml::table& table, Device device, std::string_view after, PatternList* list,
                  std::vector<Family>* families, Take take) {
    const std::string text = file_.Text(table, "text");
    PatternList::Tokens tokens;
    file_.ForEachText(table, "tokens", [&](const toml::node& node, std::string_view entry) {
      const std::size_t equals = entry.find(" = ");
      const std::string token(equals == std::string_view::npos ? entry : entry.substr(equals + 3));
      Family family{.name = std::string(entry.substr(0, equals)), .text = text, .device = device};
      family.label = Template(node, family.name + "[ {major}]");
      if (const std::size_t at = text.find("{token}"); at != std::string::npos) family.text.replace(at, 7, token);
      Template(node, family.text);
      ReadCommon(table, &family);
      const std::uint16_t index = IndexOf(std::move(family), families);
      if (!tokens.emplace(LowerCase(token), index).second) file_.Error(node, "this token stands here twice");
      take(node, index);
    });
    const std::string error = list->AddTokens(tokens, std::string(after));
    if (!error.empty()) file_.Error(table, error);
  }

  void ReadMarks() {
    const toml::node* marks = file_.Find("marks");
    if (marks == nullptr || !marks->is_table()) return file_.Error(file_.last(), "needs [marks]");
    for (const auto& [key, value] : *marks->as_table()) {
      const std::optional<Device> device = DeviceNamed(key.str());
      if (!device) file_.Error(value, "no device type: " + std::string(key.str()));
      tables_->marks[device ? static_cast<std::size_t>(*device) : 0] = Template(value, value.value_or(std::string()));
    }
  }

  // Calls `take` for the rules in effect, which are then those that are added to *list.
  void ForEachRule(std::string_view kind, PatternList* list, const std::function<void(const RuleFiles::Rule&)>& take) {
    file_.ForEachRule(kind, [&](const RuleFiles::Rule& rule) {
      list->BeginRule({rule.id, RuleFiles::Place(*rule.table)});
      take(rule);
    });
  }

  void ReadSystems() {
    tables_->systems.push_back({.name = "Unknown", .label = "Unknown", .text = "Unknown"});
    ForEachRule("system", &tables_->system_patterns, [this](const RuleFiles::Rule& rule) {
      const toml::table& table = *rule.table;
      file_.CheckKeys(table, kSystemKeys);
      ReadSamples(rule, &Tables::system_patterns);
      const Device device = ReadDevice(table);
      if (table.contains("tokens")) {
        return ReadTokens(table, device, kVersionOrEndOfWord, &tables_->system_patterns, &tables_->systems,
                          [](const toml::node&, std::uint16_t) {});
      }
      Family family = ReadFamily(table);
      family.device = device;
      for (std::size_t i = 1; i < kDevices; ++i) {
        const std::string own = table[ToString(static_cast<Device>(i))].value_or(std::string());
        if (!own.empty()) family.device_texts[i] = Template(table, own);
      }
      const std::uint16_t index = IndexOf(std::move(family), &tables_->systems);
      ReadPatterns(table, &tables_->system_patterns, index);
      file_.NeedList(table, "accept", "samples");
    });
  }

  void ReadBrowsers() {
    tables_->browsers.push_back({.name = "Unknown", .label = "Unknown", .text = "Mozilla/5.0 ({system})"});
    ForEachRule("browser", &tables_->browser_patterns, [this](const RuleFiles::Rule& rule) {
      const toml::table& table = *rule.table;
      file_.CheckKeys(table, kBrowserKeys);
      ReadSamples(rule, &Tables::browser_patterns);
      if (table.contains("tokens")) {
        return ReadTokens(table, Device::kUnknown, table["versions"].value_or(true) ? kVersion : kEndOfWord,
                          &tables_->browser_patterns, &tables_->browsers,
                          [this](const toml::node& node, std::uint16_t index) { CheckRoundTrip(node, index); });
      }
      const std::uint16_t index = IndexOf(ReadFamily(table), &tables_->browsers);
      ReadPatterns(table, &tables_->browser_patterns, index);
      file_.NeedList(table, "accept", "samples");
      CheckRoundTrip(table, index);
    });
  }

  void ReadDevices() {
    ForEachRule("device", &tables_->device_patterns, [this](const RuleFiles::Rule& rule) {
      file_.CheckKeys(*rule.table, {"id", "enabled", "device", "patterns", "reason", "accept", "reject"});
      const auto device = static_cast<std::uint16_t>(ReadDevice(*rule.table));
      ReadPatterns(*rule.table, &tables_->device_patterns, device);
      file_.NeedSamples(*rule.table);
      ReadSamples(rule, &Tables::device_patterns);
    });
  }

  // Matched wherever a word begins, whatever stands behind them.
  void ReadBotNames(const toml::table& table, std::uint16_t is_bot) {
    PatternList::Tokens names;
    file_.ForEachText(table, "names",
                      [&](const toml::node&, std::string_view name) { names.emplace(LowerCase(name), is_bot); });
    const std::string error = tables_->bot_patterns.AddTokens(names, "");
    if (!error.empty()) file_.Error(table, error);
  }

  void ReadBots() {
    const toml::node* text = file_.Find("bot_text");
    if (text == nullptr) file_.Error(file_.last(), "needs a text 'bot_text'");
    if (text != nullptr) tables_->bot_text = Template(*text, text->value_or(std::string()));
    ForEachRule("bot", &tables_->bot_patterns, [this](const RuleFiles::Rule& rule) {
      const toml::table& table = *rule.table;
      file_.CheckKeys(table, {"id", "enabled", "bot", "names", "patterns", "reason", "accept", "reject"});
      const std::uint16_t is_bot = table["bot"].value_or(true) ? 1 : 0;
      if (table.contains("names")) {
        ReadBotNames(table, is_bot);
      } else {
        ReadPatterns(table, &tables_->bot_patterns, is_bot);
      }
      file_.NeedSamples(table);
      ReadSamples(rule, &Tables::bot_patterns);
    });
  }

  // The words of the list at `key` of `table`.
  std::vector<std::string> ReadWords(const toml::table& table, std::string_view key) {
    static const RE2 kWord("[ !#-\\[\\]-~]+");
    std::vector<std::string> words;
    file_.ForEachText(table, key, [&](const toml::node& node, std::string_view word) {
      if (!RE2::FullMatch(re2::StringPiece(word.data(), word.size()), kWord))
        file_.Error(node, "no name of a client hint");
      words.emplace_back(word);
    });
    if (words.size() > ClientHintRules::kMaxNames) file_.Error(table, "more than 255 names");
    return words;
  }

  void ReadClientHints() {
    file_.ForEachSection("client_hints", [this](const toml::table& table) {
      tables_->client_hints = ClientHintRules(ReadWords(table, "brands"), ReadWords(table, "platforms"));
    });
  }

  void Compile() {
    for (PatternList Tables::*list :
         {&Tables::browser_patterns, &Tables::system_patterns, &Tables::bot_patterns, &Tables::device_patterns}) {
      PatternList& patterns = (*tables_).*list;
      const bool all = samples_ == UserAgentRules::Samples::kCheck;
      if (!patterns.Compile() || (all && !patterns.CompileAll())) {
        file_.Error(file_.last(), "the patterns need too much memory");
      }
    }
    file_.Check();
  }

  RuleFiles& file_;
  UserAgentRules::Samples samples_;
  std::unique_ptr<Tables> tables_ = std::make_unique<Tables>();
  std::vector<std::function<void(const UserAgentRules&)>> checks_;
};

std::shared_ptr<const UserAgentRules> UserAgentRules::Load(RuleFiles* files, Samples samples) {
  return UserAgentLoader(files, samples).Load();
}

std::shared_ptr<const UserAgentRules> UserAgentRules::Parse(std::string_view toml, std::string_view file,
                                                            Samples samples) {
  RuleFiles files(file, toml);
  files.Check();
  auto rules = Load(&files, samples);
  files.Check();
  return rules;
}

std::string_view UserAgentRules::ShippedText() noexcept { return embedded::user_agents_toml(); }

std::shared_ptr<const UserAgentRules> UserAgentRules::Shipped() {
  static const std::shared_ptr<const UserAgentRules> rules =
      Parse(ShippedText(), "rules/user_agents.toml", Samples::kTrust);
  return rules;
}

}  // namespace hushlog
