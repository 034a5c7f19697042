// Whose requests are never measured ([opt_out], rules/privacy.toml).
#pragma once

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

 private:
  enum Bit : std::size_t { kListed, kDoNotTrack };

  void ReadLists(const toml::table& table, RuleFiles* files);
  void AddMark(const toml::table& table, std::string_view key, std::string_view prefix, RuleFiles* files);

  FieldConditions fields_;
};

}  // namespace hushlog
