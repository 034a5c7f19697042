// Shows hits instead of keeping them.
#pragma once

#include <cstdio>
#include <string>

#include "rules/recognizer.h"
#include "src/cli/consumer.h"
#include "src/visits/hit.h"
#include "src/visits/visits.h"

namespace hushlog {

// Writes one JSON object a hit and line: {"time": <epoch ms>, "cid": "<16 hex>", "params": {...}} with the parameters
// that would be posted, less idsite and token. `cip`, which Matomo takes only with a token, is among them if
// `with_address`, and uses of reports are among the hits if `report_use`.
class DryRun : public Consumer, private HitSink {
 public:
  // `output` may be null: hits are then only counted. It must outlive the object, as must `rules`.
  DryRun(const RuleSet& rules, std::FILE* output, bool with_address, std::size_t max_visits, bool report_use);

  void Consume(const ActionBatch& actions) override;
  // Numbers sources, so that the same content under a second path is not shown again.
  std::int64_t Reached(std::int64_t id, const Checkpoint& checkpoint, const LineCounts&) override {
    return id != 0 || checkpoint.head_bytes == 0 ? id : ++sources_;
  }
  // Throws std::runtime_error if the output could not be written.
  void Finish() override;
  std::int64_t hits() const override { return hits_; }
  std::int64_t visits_closed_early() const override { return visits_.closed_early(); }
  std::int64_t hits_waiting() const override { return 0; }

 private:
  void OnHit(const Hit& hit) override;
  void Write();

  const RuleSet& rules_;
  std::FILE* output_;
  bool with_address_;
  Visits visits_;
  std::string text_;
  std::int64_t hits_ = 0;
  std::int64_t sources_ = 0;
  bool failed_ = false;
};

}  // namespace hushlog
