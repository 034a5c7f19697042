// Which request is what ([[path]] and [[rule]], rules/requests.toml): the class of a request, or the reason why it is
// no usage.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/catalogue.h"
#include "rules/field_conditions.h"
#include "rules/path_rules.h"
#include "rules/query.h"
#include "rules/rule_files.h"
#include "rules/ui_action.h"

namespace hushlog {

// Why a request does not count as usage: an index into RequestRules::drop_reasons(). 0 = it counts.
using DropReason = std::uint8_t;
inline constexpr DropReason kKept = 0;

// What the rules look at, beside the query.
struct RequestFacts {
  bool post = false;
  int status = 0;
  bool from_page = true;  // the Referer says that a page asked for it; assumed where the log has no Referer
  bool person = true;     // the user agent is a browser; assumed where the log has no user agent
  Conditions fields;      // of RequestRules::fields() that the line meets
};

// The names in a query that say what was asked for.
struct Call {
  bool api = false;           // API method
  Name module = Name::kNone;  // plugin; for an API method the plugin it belongs to
  Name action = Name::kNone;  // controller action or API method
};

struct Decision {
  DropReason drop = kKept;
  bool refused = false;                     // dropped for nothing but its status
  ActionKind kind = ActionKind::kDocument;  // if kept or refused
  Call call;
  std::optional<std::uint8_t> rule;  // that decided: an index into RequestRules::rule_ids()
};

// Immutable; may be shared by threads.
class RequestRules {
 public:
  // Notes what is broken. `catalogue` must outlive the object.
  RequestRules(RuleFiles* files, const Catalogue& catalogue);
  // Notes samples that are decided otherwise; only if nothing is broken.
  void CheckPathSamples(RuleFiles* files) const;

  // Stable words for counters: [0] = "kept", then the built-in reasons below, then those of the file.
  const std::vector<std::string>& drop_reasons() const { return drop_reasons_; }
  enum BuiltIn : DropReason {
    kBot = 1,       // a crawler, a monitor
    kBadMethod,     // neither GET nor POST
    kRedirect,      // 1xx, 3xx
    kClientError,   // 4xx
    kServerError,   // 5xx
    kTooManyNames,  // more than kMaxQueryParameters
    kMalformed,     // an array in the place of module, action or method
    kOtherPath,     // not a path of Matomo's
    kUnmatched,     // no rule matches
    kOptOut,        // of somebody who is not to be measured
    kDnt,           // sent with DNT or Sec-GPC
    kUndecidable,   // a rule asks for something that cannot be told (FieldMatcher)
    kBuiltInEnd
  };

  // kKept if the path is that of Matomo's front controller, which only the query can decide.
  DropReason DropByPath(std::string_view path) const noexcept {
    const std::uint8_t verdict = paths_.Find(path);
    return verdict == PathRules::kUnknown ? DropReason{kOtherPath} : verdict;
  }
  // Id of the [[path]] that decides; "" if none does.
  std::string_view PathRule(std::string_view path) const noexcept;
  // Id of the first [[rule]] that asks for a range or a pattern of this field (FieldMatcher::untold); "" if none does.
  std::string_view RuleAsking(std::string_view field) const;
  // The reason for a status that no rule keeps, or kKept.
  DropReason DropByStatus(int status) const noexcept;
  // Decides a request of the front controller. `*query` is filled.
  Decision Decide(const RequestFacts& facts, std::string_view query_text, Query* query) const noexcept;

  // Plugin and controller action as these parameters (null if missing) name them.
  Call ReadNames(const QueryParameter* module, const QueryParameter* action) const noexcept;
  // The API method that a parameter like `method` names; nothing if it is missing (null) or empty.
  std::optional<Call> ReadMethod(const QueryParameter* method) const noexcept;
  std::optional<Call> ReadMethod(const Query& query) const noexcept { return ReadMethod(query.Find(method_name_)); }

  const std::vector<std::string>& rule_ids() const { return rule_ids_; }
  // What rules ask of fields beside the query.
  const FieldConditions& fields() const noexcept { return fields_; }

 private:
  friend class RequestRulesLoader;

  static constexpr std::size_t kMaxRules = 128;
  // One bit for each rule; rules are tried from bit 0 of word 0 on.
  struct RuleBits {
    std::array<std::uint64_t, kMaxRules / 64> words{};
    void Set(std::size_t rule) { words[rule / 64] |= std::uint64_t{1} << rule % 64; }
    RuleBits& operator|=(const RuleBits& other) noexcept {
      for (std::size_t i = 0; i < words.size(); ++i) words[i] |= other.words[i];
      return *this;
    }
  };

  // Bits of Conditions; those of the rules follow.
  enum FixedCondition : std::size_t { kPost, kFromPage, kPerson, kApi, kFirstFree };
  struct ParameterConditions {
    bool asked = false;  // there are any
    Conditions present;
    Conditions filled;                                       // present and not empty
    std::vector<std::pair<std::string, Conditions>> values;  // what holds if it has one of these
  };
  struct PrefixCondition {
    std::string prefix;
    Conditions condition;
  };
  struct Rule {
    Conditions asked;  // those that it needs or forbids
    Conditions need;
    DropReason drop = kKept;
    ActionKind kind = ActionKind::kDocument;
    std::vector<int> status;  // for kept requests
  };

  ParameterConditions* AskedOf(Name name) {
    ParameterConditions* const conditions = &parameters_[static_cast<std::size_t>(name)];
    conditions->asked = true;
    return conditions;
  }
  Conditions ConditionsOf(const RequestFacts& facts, const Query& query) const noexcept;
  bool ReadCall(const Query& query, Call* call, Conditions* conditions) const noexcept;
  RuleBits Candidates(const Call& call) const noexcept;
  static std::uint64_t CallKey(const Call& call) noexcept;

  const Catalogue& catalogue_;
  Name module_name_, action_name_, method_name_, api_plugin_;
  PathRules paths_;
  PathRules path_rules_;  // the same paths, with indices of path_ids_ as verdicts
  std::vector<std::string> path_ids_;
  std::vector<std::string> drop_reasons_;
  std::vector<std::string> rule_ids_;
  std::vector<Rule> rules_;
  std::vector<ParameterConditions> parameters_;  // by Name
  std::vector<PrefixCondition> action_prefixes_;
  std::vector<std::pair<int, Conditions>> statuses_;  // that rules which drop ask for
  FieldConditions fields_;
  RuleBits any_call_;                                    // rules that name no call
  std::vector<std::array<RuleBits, 2>> by_plugin_;       // [Name][api]
  std::unordered_map<std::uint64_t, RuleBits> by_call_;  // see CallKey
  std::array<bool, 600> kept_status_{};                  // some rule keeps requests of this status
};

}  // namespace hushlog
