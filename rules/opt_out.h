// Whose requests are never measured ([opt_out], rules/privacy.toml).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rules/field_conditions.h"
#include "rules/request_rules.h"
#include "rules/rule_files.h"

namespace hushlog {

// Immutable; may be shared by threads.
class OptOut {
 public:
  // From [opt_out] of all files: lists add to each other, of other values the last file's counts. Notes what is broken.
  explicit OptOut(RuleFiles* files);

  // To be asked of each line, with a FieldMatcher; empty if nobody can opt out.
  const FieldConditions& fields() const noexcept { return fields_; }
  // The reason to drop a line that meets these conditions, or kKept.
  static DropReason Reason(const Conditions& conditions) noexcept {
    if (conditions[kListed]) return RequestRules::kOptOut;
    return conditions[kDoNotTrack] ? DropReason{RequestRules::kDnt} : kKept;
  }

  // A key of [opt_out].
  struct Key {
    std::string name;                 // "users"
    std::vector<std::string> fields;  // that it asks for: of Request by its names, or extra fields
    std::vector<std::string> places;  // "file:line" of each file that has it

    // "[opt_out] users, site.toml:3"
    std::string Text() const;
  };
  // The first key that a line which meets these conditions falls under; null if there is none.
  const Key* KeyOf(const Conditions& conditions) const noexcept;
  // The first that asks for a range or a pattern of this field (FieldMatcher::untold).
  const Key* KeyAsking(std::string_view field) const noexcept;

 private:
  // Bits of conditions; those of keys_ follow.
  enum Bit : std::size_t { kListed, kDoNotTrack };
  static constexpr std::size_t kFirstKey = kDoNotTrack + 1;
  enum KeyIndex : std::size_t { kUsers, kHosts, kAddresses, kCookie, kHeader, kDnt, kGpc };

  Conditions Asked(KeyIndex key) const;
  void ReadLists(const toml::table& table, RuleFiles* files);
  void AddMark(const toml::table& table, KeyIndex key, std::string_view prefix, RuleFiles* files);

  FieldConditions fields_;
  std::array<Key, 7> keys_ = {{{"users", {"remote_user"}, {}},
                               {"hosts", {"host"}, {}},
                               {"addresses", {"remote_addr"}, {}},
                               {"cookie", {}, {}},
                               {"header", {}, {}},
                               {"dnt", {"dnt"}, {}},
                               {"gpc", {"sec_gpc"}, {}}}};
};

}  // namespace hushlog
