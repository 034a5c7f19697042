// Checks what is stored, and what was captured or shown, against the egress grammar.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "src/audit/hit_checker.h"
#include "src/spool/sent_copies.h"
#include "src/spool/store.h"

namespace hushlog {

// The first foreign byte, and where it is.
struct Finding {
  std::string where;  // "batch 12", "copy 3 sent to 'own'", "line 5 of FILE"
  Violation violation;
};

// What one source of hits came to.
struct AuditPart {
  std::string name;  // "waiting hits", a file
  AuditCounts counts;
};

// Stops at the first finding: each function returns false then, and does nothing if there was one before.
// Thread-safety: none.
class Auditor {
 public:
  // Both must outlive the object. `identified` is for what targets with `anonymize = false` get.
  Auditor(const EgressGrammar& anonymous, const EgressGrammar& identified);

  // Hits that wait, hits put aside, copies of what was sent. Throws StoreError.
  bool CheckStore(Store& store);
  // Output of `hushlog import --dry-run --output` for a target of this profile. `name` is shown. Throws
  // std::runtime_error if it cannot be read; so does the next.
  bool CheckHits(const std::string& name, std::istream& lines, Profile profile = Profile::kAnonymous);
  // What went over the wire to one (src/audit/capture.h).
  bool CheckCapture(const std::string& name, std::istream& bytes, Profile profile = Profile::kAnonymous);

  const std::optional<Finding>& finding() const { return finding_; }
  const std::vector<AuditPart>& parts() const { return parts_; }
  const std::vector<SentChain>& chains() const { return chains_; }
  AuditCounts Total() const;

 private:
  void Begin(std::string name);
  bool End();
  bool Note(std::string where, std::optional<Violation> violation);
  HitChecker& CheckerFor(bool identified) { return identified ? identified_ : anonymous_; }
  bool CheckRows(const std::string& where, std::string_view body, HitChecker& checker);
  bool CheckBatches(Store& store);
  bool CheckKept(Store& store);
  bool CheckSent(Store& store);

  const EgressGrammar& anonymous_grammar_;
  const EgressGrammar& identified_grammar_;
  HitChecker anonymous_;
  HitChecker identified_;
  Audience to_identified_ = 0;  // targets that get identified hits
  std::optional<Finding> finding_;
  std::vector<AuditPart> parts_;
  std::vector<SentChain> chains_;
};

}  // namespace hushlog
