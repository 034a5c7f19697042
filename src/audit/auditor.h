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
  // `grammar` must outlive the object.
  explicit Auditor(const EgressGrammar& grammar);

  // Hits that wait, hits put aside, copies of what was sent. Throws StoreError.
  bool CheckStore(Store& store);
  // Output of `hushlog import --dry-run --output`. `name` is shown. Throws std::runtime_error if it cannot be read; so
  // does the next.
  bool CheckHits(const std::string& name, std::istream& lines);
  // What went over the wire (src/audit/capture.h).
  bool CheckCapture(const std::string& name, std::istream& bytes);

  const std::optional<Finding>& finding() const { return finding_; }
  const std::vector<AuditPart>& parts() const { return parts_; }
  const std::vector<SentChain>& chains() const { return chains_; }
  AuditCounts Total() const { return checker_.counts(); }

 private:
  void Begin(std::string name);
  bool End();
  bool Note(std::string where, std::optional<Violation> violation);
  bool CheckRows(const std::string& where, std::string_view body);
  bool CheckBatches(Store& store);
  bool CheckKept(Store& store);
  bool CheckSent(Store& store);

  HitChecker checker_;
  const EgressGrammar& grammar_;
  std::optional<Finding> finding_;
  std::vector<AuditPart> parts_;
  std::vector<SentChain> chains_;
};

}  // namespace hushlog
