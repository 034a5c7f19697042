// Values that only hits for targets with `anonymize = false` may carry: not lists, but no secrets either.
#pragma once

#include <re2/re2.h>

#include <set>
#include <string>
#include <vector>

#include "rules/rule_files.h"
#include "src/audit/value_set.h"

namespace hushlog {

// URLs without secrets: no parameter has the name of one or holds one in its value, but with XYZ for its value, and
// none, and no part of the path, looks like a token. Reads the rules itself, as data: it shares nothing with what
// writes such URLs.
class IdentifiedUrls : public ValueSet {
 public:
  // `files` is only used here.
  explicit IdentifiedUrls(RuleFiles& files);
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;

 private:
  bool IsSecretName(std::string name) const;
  bool HoldsSecretName(const std::string& text, const RE2& name) const;
  bool IsForeignPart(std::string_view part) const;
  bool IsForeignPair(std::string_view pair) const;

  std::set<std::string> names_;
  std::vector<std::string> words_;
};

// "Plugin" or "Plugin action", each an identifier that does not look like a token.
class CallTitles : public ValueSet {
 public:
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;
};

// Up to 300 bytes without control characters that do not look like a token.
class UserNames : public ValueSet {
 public:
  std::optional<std::size_t> FirstForeign(std::string_view value) const override;
  SetDescription Describe() const override;
};

}  // namespace hushlog
