#include "src/cli/dry_run.h"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "src/visits/hit_encoder.h"

namespace hushlog {

DryRun::DryRun(const RuleSet& rules, std::FILE* output, ShownHits shown, std::size_t max_visits)
    : rules_(rules), output_(output), shown_(shown), visits_(rules, *this, max_visits, nullptr, shown.reports) {}

void DryRun::Consume(const ActionBatch& actions) {
  for (const UiAction& action : actions.actions) visits_.Consume(action, actions.ParametersOf(action));
  Write();
}

void DryRun::OnHit(const Hit& hit) {
  ++hits_;
  if (output_ == nullptr) return;
  fmt::format_to(std::back_inserter(text_), "{{\"time\":{},\"cid\":\"{}\",\"params\":{{", hit.time_ms,
                 VisitorId(hit.visitor));
  (shown_.identified ? AppendIdentifiedParams : AppendParams)(hit, rules_.user_agents(), &text_);
  fmt::format_to(std::back_inserter(text_), ",\"cid\":\"{}\"", VisitorId(hit.visitor));
  if (shown_.address) fmt::format_to(std::back_inserter(text_), ",\"cip\":\"{}\"", hit.address.ToString());
  text_.append("}}\n");
}

void DryRun::Write() {
  if (text_.empty()) return;
  failed_ |= std::fwrite(text_.data(), 1, text_.size(), output_) != text_.size();
  text_.clear();
}

void DryRun::Finish() {
  visits_.Finish();
  Write();
  if (output_ != nullptr) failed_ |= std::fflush(output_) != 0;
  if (failed_) throw std::runtime_error("the output cannot be written: is the disk full?");
}

}  // namespace hushlog
