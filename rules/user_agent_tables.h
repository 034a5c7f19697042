// What rules/user_agents.toml becomes. Private to user_agent.cc and user_agent_loader.cc.
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rules/user_agent.h"

namespace hushlog {

inline constexpr std::size_t kDevices = 7;  // values of UserAgent::Device

// `text` with its ASCII letters in lower case.
std::string LowerCase(std::string_view text);

// Rules in order of precedence. They have patterns, of which all are tried at once in one linear pass over the text,
// and lists of product tokens, which are looked up where a word begins.
class PatternList {
 public:
  using Tokens = std::map<std::string, std::uint16_t, std::less<>>;  // in lower case, with their owners

  PatternList();

  // What is added from here on is of this rule.
  void BeginRule(UserAgentRule rule) { rules_.push_back(std::move(rule)); }
  // Appends a pattern of the family `owner`, which means version `major` if that is not kNoMajor.
  // Returns "" or what is wrong with the pattern.
  std::string Add(const std::string& pattern, std::uint16_t owner, std::uint16_t major = UserAgent::kNoMajor);
  // Appends a list of tokens, matched in any case if the pattern `after` matches behind them. The first token in the
  // text decides, of those that start at the same place the longest one.
  std::string AddTokens(const Tokens& tokens, const std::string& after);
  // After the last Add, before the first Match. False if the patterns need too much memory.
  bool Compile() { return set_.Compile(); }
  // Compiles what is else compiled when it is first needed. False if a pattern needs too much memory.
  bool CompileAll() const;

  struct Found {
    bool matched = false;     // false also if RE2 ran out of memory
    std::uint16_t owner = 0;  // of the first rule that matches
    std::uint16_t major = UserAgent::kNoMajor;
    std::uint16_t rule = 0;
  };
  // The major version is the pattern's own, or what its first capturing group that took part holds.
  Found Match(std::string_view text) const;
  // The rule that this was found by; an empty one if nothing was.
  UserAgentRule RuleOf(const Found& found) const { return found.matched ? rules_[found.rule] : UserAgentRule(); }

 private:
  struct Pattern {
    std::string text;
    std::uint16_t rule = 0;
    std::uint16_t owner = 0;
    std::uint16_t major = UserAgent::kNoMajor;
    // For the capturing groups, which a set does not tell. Most are never needed, and compiling them all takes a while.
    mutable std::once_flag compiled{};
    mutable std::unique_ptr<RE2> regexp{};

    const RE2& Regexp() const;
    Found Match(std::string_view text) const;
  };
  struct TokenList {
    std::size_t position;  // index of the pattern that follows
    std::uint16_t rule = 0;
    std::array<std::vector<Tokens::value_type>, 256> by_first_byte;  // longer ones before their beginnings
    std::unique_ptr<RE2> after;

    Found Match(std::string_view text) const;
    Found MatchAt(std::string_view text) const;
  };
  RE2::Set set_;
  std::deque<Pattern> patterns_;  // as in set_
  std::vector<TokenList> token_lists_;
  std::vector<UserAgentRule> rules_;
};

// A template is literal text and
//   {system} {major} {mobile}   the system's text, the major version, "Mobile " on mobile devices and else nothing
//   [...]                       left out if the major version is unknown
struct Family {
  std::string name;
  std::string label;                                       // template
  std::string text;                                        // template
  std::array<std::string, kDevices> device_texts{};        // systems: template for a device; empty = text and a mark
  UserAgent::Device device = UserAgent::Device::kUnknown;  // systems: what a device is if nothing else tells
  bool is_browser = false;                                 // browsers: false for API clients
  std::uint16_t largest_major = 999;                       // a larger one counts as unknown
};

struct UserAgentRules::Tables {
  std::vector<Family> browsers;             // [0] = unknown
  std::vector<Family> systems;              // [0] = unknown
  PatternList browser_patterns;             // owner = index in browsers
  PatternList system_patterns;              // owner = index in systems
  PatternList device_patterns;              // owner = Device
  PatternList bot_patterns;                 // owner = 1, or 0 for what only looks like a bot
  std::array<std::string, kDevices> marks;  // appended to a system's text for a device that is not its usual one
  std::string bot_text;                     // what a bot is rendered as
  ClientHintRules client_hints{{}, {}};
};

}  // namespace hushlog
