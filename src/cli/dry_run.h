// Shows hits instead of keeping them.
#pragma once

#include <cstdio>
#include <string>

#include "rules/recognizer.h"
#include "src/cli/consumer.h"
#include "src/visits/hit.h"
#include "src/visits/visits.h"

namespace hushlog {

// Which hits, and what of them.
struct ShownHits {
  bool address = false;     // `cip`, which Matomo takes only with a token
  bool reports = false;     // also the uses of reports
  bool identified = false;  // as targets with `anonymize = false` get them
};

// Writes one JSON object a hit and line: {"time": <epoch ms>, "cid": "<16 hex>", "params": {...}} with the parameters
// that would be posted, less idsite and token.
class DryRun : public Consumer, private HitSink {
 public:
  // `output` may be null: hits are then only counted. It must outlive the object, as must `rules`.
  DryRun(const RuleSet& rules, std::FILE* output, ShownHits shown, std::size_t max_visits);

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
  ShownHits shown_;
  Visits visits_;
  std::string text_;
  std::int64_t hits_ = 0;
  std::int64_t sources_ = 0;
  bool failed_ = false;
};

}  // namespace hushlog
