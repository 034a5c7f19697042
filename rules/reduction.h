// How far fields of a log line are reduced that are not names ([reduce], rules/privacy.toml).
#pragma once

#include <cstdint>

#include "rules/language.h"
#include "rules/masked_address.h"
#include "rules/rule_files.h"

namespace hushlog {

struct Reduction {
  enum class LanguageForm : std::uint8_t { kNone, kTag, kRegion };  // nothing, "de", "de-at"

  AddressMask address;
  LanguageForm language = LanguageForm::kRegion;
  bool user_agent = true;  // false: not shown at all

  // From [reduce] of all files; what a later one says counts. Notes what is nonsense, and what keeps more than the
  // shipped files do, unless `weaker = true` says that this is meant.
  static Reduction Load(RuleFiles* files);

  Language Reduce(Language found) const noexcept;
};

}  // namespace hushlog
