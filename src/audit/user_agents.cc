#include "src/audit/user_agents.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "src/audit/scanner.h"

namespace hushlog {
namespace {

constexpr std::array<std::string_view, 6> kDevices = {"desktop", "mobile", "tablet", "tv", "console", "other"};
constexpr std::int64_t kLargestMajor = 999;
constexpr std::string_view kToken = "{token}";

std::string TextAt(const toml::table& table, std::string_view key) { return table[key].value_or(std::string()); }

// What a table gives to each family of it: its name and its text.
std::vector<std::pair<std::string, std::string>> FamiliesOf(const toml::table& table) {
  const std::string text = TextAt(table, "text");
  const toml::array* tokens = table["tokens"].as_array();
  if (tokens == nullptr) return {{TextAt(table, "name"), text}};
  std::vector<std::pair<std::string, std::string>> families;
  for (const toml::node& node : *tokens) {
    const std::string entry = node.value_or(std::string());  // "Name" or "Name = Token"
    const std::size_t equals = entry.find(" = ");
    std::string with_token = text;
    if (const std::size_t at = text.find(kToken); at != std::string::npos) {
      with_token.replace(at, kToken.size(), equals == std::string::npos ? entry : entry.substr(equals + 3));
    }
    families.emplace_back(entry.substr(0, equals), with_token);
  }
  return families;
}

}  // namespace

UserAgents::UserAgents(RuleFiles& files) {
  const toml::node* bot_text = files.Find("bot_text");
  whole_ = {"-", bot_text == nullptr ? "" : bot_text->value_or(std::string())};
  // A browser without a name, and a program without one.
  browsers_ = {{"Mozilla/5.0 ({system})", 0, false}, {"Unknown ({system})", 0, false}};
  systems_ = {{"Unknown", 0, false}};
  std::set<std::pair<std::string, std::string>> seen;  // the first of a name and text decides
  const auto largest = [](const toml::table& table) {
    return static_cast<std::uint64_t>(table["largest_major"].value_or(kLargestMajor));
  };
  files.ForEachRule("browser", [&](const RuleFiles::Rule& rule) {
    const toml::table& table = *rule.table;
    for (const auto& [name, text] : FamiliesOf(table)) {
      if (seen.emplace(name, text).second) browsers_.push_back({text, largest(table), false});
    }
  });
  seen.clear();
  const toml::node* marks = files.Find("marks");
  const auto mark = [&](std::string_view device) {
    return marks == nullptr || !marks->is_table() ? "" : TextAt(*marks->as_table(), device);
  };
  for (const std::string_view device : kDevices) systems_.push_back({"Unknown" + mark(device), 0, device == "mobile"});
  files.ForEachRule("system", [&](const RuleFiles::Rule& rule) {
    const toml::table& table = *rule.table;
    for (const auto& [name, text] : FamiliesOf(table)) {
      if (!seen.emplace(name, text).second) continue;
      for (const std::string_view device : kDevices) {
        const std::string own = TextAt(table, device);
        const bool usual = TextAt(table, "device") == device;
        systems_.push_back(
            {own.empty() ? text + (usual ? "" : mark(device)) : own, largest(table), device == "mobile"});
      }
    }
  });
}

// Finds out how far templates go along with one value.
class UserAgents::Matcher {
 public:
  Matcher(const UserAgents& set, std::string_view value) : set_(set), value_(value) {}

  bool MatchesABrowser() {
    return std::ranges::any_of(set_.browsers_, [&](const Template& browser) {
      const auto whole = [&](std::size_t end) { return end == value_.size(); };
      return Any([&](bool major, bool mobile) {
        return Match(browser.text, 0, {major, mobile, browser.largest_major}, whole);
      });
    });
  }
  std::size_t furthest() const { return furthest_; }

 private:
  struct Given {
    bool major, mobile;
    std::uint64_t largest_major;
  };
  using Then = std::function<bool(std::size_t)>;

  template <typename F>
  static bool Any(F matches) {
    return matches(true, false) || matches(false, false) || matches(true, true) || matches(false, true);
  }

  // Whether the template fits from `at` on, and `then` holds for where it ends.
  bool Match(std::string_view pattern, std::size_t at, const Given& given, const Then& then) {
    while (!pattern.empty()) {
      const char c = pattern.front();
      if (c == '{') {
        const std::size_t close = pattern.find('}');
        const std::string_view name = pattern.substr(1, close - 1);
        pattern.remove_prefix(close + 1);
        if (name == "system") return MatchSystem(pattern, at, given, then);
        if (!TakePlaceholder(name, given, &at)) return false;
        continue;
      }
      pattern.remove_prefix(c == '[' && !given.major ? pattern.find(']') + 1 : 1);
      if (c == '[' || c == ']') continue;
      if (at == value_.size() || value_[at] != c) return false;
      furthest_ = std::max(furthest_, ++at);
    }
    return then(at);
  }

  bool TakePlaceholder(std::string_view name, const Given& given, std::size_t* at) {
    Scanner scanner(value_.substr(*at));
    bool taken = true;
    if (name == "mobile" && given.mobile) taken = scanner.Take("Mobile ");
    if (name == "major" && given.major) taken = scanner.TakeNumber(given.largest_major).has_value();
    *at += scanner.at();
    furthest_ = std::max(furthest_, *at);
    return taken;
  }

  bool MatchSystem(std::string_view rest, std::size_t at, const Given& given, const Then& then) {
    return std::ranges::any_of(SystemsAt(at), [&](const Place& place) {
      return place.mobile == given.mobile && Match(rest, place.end, given, then);
    });
  }

  // Many browsers have the system at the same place.
  const std::vector<Place>& SystemsAt(std::size_t at) {
    const auto [entry, is_new] = systems_at_.try_emplace(at);
    if (!is_new) return entry->second;
    std::vector<Place> places;
    for (const Template& system : set_.systems_) {
      for (const bool major : {true, false}) {
        (void)Match(system.text, at, {major, system.mobile, system.largest_major}, [&](std::size_t end) {
          places.push_back({end, system.mobile});
          return true;
        });
      }
    }
    return entry->second = std::move(places);
  }

  const UserAgents& set_;
  std::string_view value_;
  std::size_t furthest_ = 0;
  std::map<std::size_t, std::vector<Place>> systems_at_;
};

std::optional<std::size_t> UserAgents::FirstForeign(std::string_view value) const {
  if (std::ranges::find(whole_, value) != whole_.end()) return std::nullopt;
  Matcher matcher(*this, value);
  if (matcher.MatchesABrowser()) return std::nullopt;
  return matcher.furthest();
}

SetDescription UserAgents::Describe() const {
  const auto texts = [](const std::vector<Template>& templates) {
    std::vector<std::string> list;
    for (const Template& one : templates) list.push_back(one.text);
    std::ranges::sort(list);
    const auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
    return list;
  };
  const std::vector<std::string> browsers = texts(browsers_);
  const std::vector<std::string> systems = texts(systems_);
  return {fmt::format("\"{}\", or a {{browser}}; {{major}} is a whole number of up to {} or left out with what is in "
                      "brackets, {{mobile}} is \"Mobile \" or nothing",
                      fmt::join(whole_, "\", \""), kLargestMajor),
          {},
          {{"{browser}", {fmt::format("{} templates", browsers.size()), browsers, {}}},
           {"{system}", {fmt::format("{} templates", systems.size()), systems, {}}}}};
}

}  // namespace hushlog
