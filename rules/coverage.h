// Which names in a log the rules do not let pass, so that somebody can decide which of them to whitelist.
//
// These are the only bytes of a log that hushlog shows: names, for the person who asks for them, never values, and
// only what has the form of a name and not of a key. They must not be stored or sent.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/request.h"
#include "rules/query.h"
#include "rules/rule_set.h"

namespace hushlog {

// Belongs to one thread. Memory is bounded: names beyond kMaxNames of a kind are counted only.
class Coverage {
 public:
  static constexpr std::size_t kMaxNames = 10'000;

  enum Kind : std::size_t {
    kPlugin,     // shown as XYZ
    kAction,     // controller action, "Plugin.action"; shown as XYZ
    kMethod,     // API method, "Plugin.method"; shown as XYZ
    kParameter,  // dropped
    kValue,      // parameter whose value is hidden
    kKinds
  };
  struct Name {
    std::string text;
    std::int64_t count = 0;  // of requests
  };
  struct Names {
    std::vector<Name> shown;  // most frequent first
    std::int64_t other = 0;   // names that are not shown
  };

  // `rules` must outlive the object.
  explicit Coverage(const RuleSet& rules);

  // A request that counts as usage.
  void Look(const Request& request);
  Names NamesOf(Kind kind) const;

 private:
  struct Requests {
    std::int64_t count = 0;
    std::int64_t last = 0;  // so that a request with a name twice counts once
  };
  struct Seen {
    std::map<std::string, Requests, std::less<>> names;
    std::set<std::uint64_t> other;  // hashes
  };

  std::string_view ValueOf(hushlog::Name name, std::span<char> scratch) const;
  void LookAtNames();
  void LookAtMethod(std::string_view method);
  void LookAtParameter(const QueryPair& pair);
  void Count(Kind kind, std::string_view name);

  const RuleSet& rules_;
  Query query_;  // the one that is being looked at
  std::vector<char> inner_text_;
  hushlog::Name module_, action_, method_, urls_, api_;
  std::int64_t requests_ = 0;
  std::array<Seen, kKinds> seen_;
};

}  // namespace hushlog
