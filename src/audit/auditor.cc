#include "src/audit/auditor.h"

#include <fmt/format.h>

#include <stdexcept>

#include "src/audit/capture.h"
#include "src/spool/hit_batch.h"

namespace hushlog {
namespace {

using Kind = Violation::Kind;

void CheckRead(const std::string& name, const std::istream& stream) {
  if (stream.bad()) throw std::runtime_error(fmt::format("{}: cannot be read to its end", name));
}

}  // namespace

Auditor::Auditor(const EgressGrammar& anonymous, const EgressGrammar& identified)
    : anonymous_grammar_(anonymous), identified_grammar_(identified), anonymous_(anonymous), identified_(identified) {}

AuditCounts Auditor::Total() const {
  AuditCounts total = anonymous_.counts();
  return total += identified_.counts();
}

void Auditor::Begin(std::string name) { parts_.push_back({std::move(name), Total()}); }

// What was counted since Begin.
bool Auditor::End() {
  AuditCounts& counts = parts_.back().counts;
  const AuditCounts now = Total();
  counts = {now.bodies - counts.bodies, now.hits - counts.hits, now.parameters - counts.parameters};
  return !finding_;
}

bool Auditor::Note(std::string where, std::optional<Violation> violation) {
  if (violation && !finding_) finding_ = {std::move(where), std::move(*violation)};
  return !finding_;
}

bool Auditor::CheckRows(const std::string& where, std::string_view body, HitChecker& checker) {
  std::vector<HitRow> rows;
  if (!DecodeRows(body, &rows)) return Note(where, Violation{Kind::kMalformed, "", rows.size() + 1, 0, 0, 0});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto note = [&](std::string_view field, std::optional<Violation> violation) {
      if (!violation) return true;
      violation->row = row + 1;
      violation->offset += static_cast<std::size_t>(field.data() - body.data());
      return Note(where, std::move(violation));
    };
    if (!note(rows[row].address, checker.CheckAddress(rows[row].address))) return false;
    if (!note(rows[row].params, checker.CheckStored(rows[row].params, rows[row].time_ms))) return false;
  }
  return true;
}

bool Auditor::CheckBatches(Store& store) {
  Statement batch = store.database().Prepare("SELECT sequence, body, audience FROM batch ORDER BY sequence");
  while (batch.Step()) {
    // One that is also for a target that gets anonymous hits must be anonymous.
    HitChecker& checker = CheckerFor((batch.Integer(2) & ~to_identified_) == 0);
    checker.CountBody();
    if (!CheckRows(fmt::format("batch {}", batch.Integer(0)), batch.Blob(1), checker)) return false;
  }
  return true;
}

bool Auditor::CheckKept(Store& store) {
  Statement kept = store.database().Prepare("SELECT id, body, target FROM kept WHERE length(body)>0 ORDER BY id");
  while (kept.Step()) {
    HitChecker& checker = CheckerFor((AudienceOf(kept.Integer(2)) & to_identified_) != 0);
    checker.CountBody();
    if (!CheckRows(fmt::format("hits put aside, number {}", kept.Integer(0)), kept.Blob(1), checker)) return false;
  }
  return true;
}

bool Auditor::CheckSent(Store& store) {
  chains_ = WalkSentCopies(store, [&](const SentChain& chain, const SentCopy& copy) {
    return Note(
        fmt::format("copy {} sent to '{}'", copy.number, chain.target_name),
        CheckerFor((AudienceOf(chain.target) & to_identified_) != 0).CheckBody(copy.body, HitChecker::Token::kRemoved));
  });
  for (const SentChain& chain : chains_) {
    if (chain.broken_at == 0) continue;
    Note(fmt::format("copies sent to '{}', between numbers {} and {}", chain.target_name, chain.broken_at - 1,
                     chain.broken_at),
         Violation{Kind::kBrokenChain, "", 0, 0, 0, 0});
  }
  return !finding_;
}

bool Auditor::CheckStore(Store& store) {
  const auto lock = store.database().Lock();
  to_identified_ = 0;
  for (const TargetStatus& target : store.Targets()) {
    if (target.identified) to_identified_ |= AudienceOf(target.id);
  }
  for (const auto& [name, check] :
       {std::pair("hits that wait", &Auditor::CheckBatches), std::pair("hits put aside", &Auditor::CheckKept),
        std::pair("copies of what was sent", &Auditor::CheckSent)}) {
    if (finding_) return false;
    Begin(name);
    (void)(this->*check)(store);
    End();
  }
  return !finding_;
}

bool Auditor::CheckHits(const std::string& name, std::istream& lines, Profile profile) {
  if (finding_) return false;
  Begin(name);
  HitChecker& checker = CheckerFor(profile == Profile::kIdentified);
  std::string line;
  for (std::int64_t number = 1; !finding_ && std::getline(lines, line); ++number) {
    Note(fmt::format("line {} of {}", number, name), checker.CheckShown(line));
  }
  CheckRead(name, lines);
  return End();
}

bool Auditor::CheckCapture(const std::string& name, std::istream& bytes, Profile profile) {
  if (finding_) return false;
  Begin(name);
  const bool identified = profile == Profile::kIdentified;
  CaptureReader reader(identified ? identified_grammar_ : anonymous_grammar_, CheckerFor(identified), bytes);
  while (!finding_ && reader.Next()) {
    Note(fmt::format("line {} of {}", reader.line(), name), reader.violation());
  }
  CheckRead(name, bytes);
  return End();
}

}  // namespace hushlog
