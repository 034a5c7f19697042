// The egress grammar: every parameter of an outgoing tracking request, with the set of its possible values.
//
// Derived from the catalogue and the rule files as data. Nothing here writes hits, and nothing that writes hits is used
// here: a mistake there shows as a value that the grammar does not have.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"
#include "src/audit/value_set.h"

namespace hushlog {

// Stands for the token_auth in copies of what was sent.
inline constexpr std::string_view kTokenInCopies = "removed";

// What a hit is. Each has parameters that others lack.
enum class HitKind : std::uint8_t { kPageView, kEvent, kDownload };
inline constexpr std::size_t kHitKinds = 3;

struct GrammarParameter {
  enum class Of : std::uint8_t {
    kEveryHit,
    kPageView,  // the next three: of each hit of the kind, and of no other
    kEvent,
    kDownload,
    kSomeHits,
    kSomeEvents,
    kShownHit,  // of each hit but where it is stored
    kSentHit,   // of each hit of a request, added when it is sent
    kSentSome,  // of some of them
    kCheck,     // of a request that only asks whether the token works
    kRequest,   // not of a hit, but of the request
    kHeader,    // of the HTTP request
  };
  std::string name;
  Of of;
  std::unique_ptr<const ValueSet> values;
};

// Targets get anonymous hits, or with `anonymize = false` identified ones.
enum class Profile : std::uint8_t { kAnonymous, kIdentified };

// Immutable; may be shared by threads.
class EgressGrammar {
 public:
  // Of the shipped rules and those of `site`. Throws ConfigError as RuleSet::Load does.
  explicit EgressGrammar(std::span<const SiteRules> site = {}, Profile profile = Profile::kAnonymous);

  const std::vector<GrammarParameter>& parameters() const { return parameters_; }
  // Null if there is no such parameter of hits and requests, or no such header (in any case).
  const GrammarParameter* Find(std::string_view name) const;
  const GrammarParameter* FindHeader(std::string_view name) const;

 private:
  template <typename Set, typename... Arguments>
  void Add(std::string name, GrammarParameter::Of of, Arguments&&... arguments);
  void AddIdentified(RuleFiles& files, const std::vector<std::string>& titles);
  void AddEvents(const EventRules& rules, const class CatalogueNames& names);
  void AddClient(const Reduction& reduction, RuleFiles& files);
  void AddRequest(const AddressMask& mask);

  std::vector<GrammarParameter> parameters_;
};

}  // namespace hushlog
