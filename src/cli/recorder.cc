#include "src/cli/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/base/failpoint.h"
#include "src/visits/hit_encoder.h"

namespace hushlog {
namespace {

// A stored batch is what one bulk request may hold at most.
constexpr std::uint32_t kBatchRows = 200;
constexpr std::size_t kBatchBytes = 512 << 10;
// What a crash may cost in work, and what is held in memory.
constexpr std::size_t kCommitBytes = 8 << 20;
constexpr std::chrono::seconds kCommitInterval{1};
// The rest of an archived day may be imported within this time.
constexpr std::chrono::hours kDayKeyUnused{24};

class VisitTable : public VisitStore {
 public:
  explicit VisitTable(Database& database)
      : put_(database.Prepare("INSERT OR REPLACE INTO visit(place, state) VALUES(?1, ?2)")),
        remove_(database.Prepare("DELETE FROM visit WHERE place = ?1")) {}

  void Put(std::int64_t place, std::string_view state) override { put_.Bind(1, place).BindBlob(2, state).Run(); }
  void Remove(std::int64_t place) override { remove_.Bind(1, place).Run(); }

 private:
  Statement put_, remove_;
};

}  // namespace

Recorder::Recorder(const RuleSet& rules, Store& store, const std::vector<Subscribers>& subscribers,
                   std::size_t max_visits)
    : rules_(rules),
      store_(store),
      totals_(rules),
      visits_(rules, *this, max_visits, nullptr, std::ranges::any_of(subscribers, &Subscribers::reports)) {
  for (const Subscribers& to : subscribers) streams_.push_back({to, {}, {}});
  if (streams_.empty()) streams_.push_back({});  // for nobody: what it collects makes commits due
  RestoreVisits();
}

void Recorder::RestoreVisits() {
  store_.database().Execute("CREATE TABLE IF NOT EXISTS visit(place INTEGER PRIMARY KEY, state BLOB NOT NULL)");
  std::vector<StoredVisit> stored;
  {
    Statement query = store_.database().Prepare("SELECT place, state FROM visit ORDER BY place");
    while (query.Step()) stored.push_back({query.Integer(0), std::string(query.Blob(1))});
  }
  // Of other rules, after an upgrade: names have other numbers now. What was open is given up.
  (void)visits_.Restore(stored);
}

void Recorder::Consume(const ActionBatch& actions) {
  for (const UiAction& action : actions.actions) {
    days_.insert(action.day);
    totals_.OnAction(action);
    visits_.Consume(action, actions.ParametersOf(action));
  }
  for (const FailedCall& call : actions.failed_calls) totals_.OnFailedCall(call);
}

void Recorder::OnHit(const Hit& hit) {
  totals_.OnHit(hit);
  ++hits_;
  ++new_hits_;
  if (HasHiddenName(hit)) ++hidden_hits_;
  for (std::string& params : params_) params.clear();
  const std::string address = hit.address.ToString();
  for (Stream& stream : streams_) {
    if (hit.kind == Hit::Kind::kReportUse && !stream.to.reports) continue;
    std::string& params = params_[stream.to.identified ? 1 : 0];
    if (params.empty())
      (stream.to.identified ? AppendIdentifiedParams : AppendParams)(hit, rules_.user_agents(), &params);
    Add({hit.time_ms, address, params, hit.visitor}, LaneOf(hit.visitor), &stream);
  }
}

bool Recorder::HasHiddenName(const Hit& hit) const {
  const std::string_view hidden = rules_.catalogue().Text(Name::kPlaceholder);
  const auto has = [hidden](std::string_view text) { return text.find(hidden) != text.npos; };
  return has(hit.title) || has(hit.category) || has(hit.action) || has(hit.name);
}

void Recorder::Add(const HitRow& row, int lane, Stream* stream) {
  HitBatch& batch = stream->open[static_cast<std::size_t>(lane)];
  batch.Add(row);
  kept_bytes_ += row.params.size();
  if (batch.rows() >= kBatchRows || batch.body().size() >= kBatchBytes) {
    stream->full.emplace_back(lane, std::exchange(batch, HitBatch()));
  }
}

std::int64_t Recorder::Reached(std::int64_t id, const Checkpoint& checkpoint, const LineCounts& counts) {
  counts_ += counts;
  if (id != 0) {
    checkpoints_[id] = checkpoint;
    if (CommitIsDue()) Commit();
    return id;
  }
  if (checkpoint.head_bytes == 0) {  // a pipe: what was read of it can never be found again
    if (CommitIsDue()) Commit();
    return id;
  }
  checkpoints_[0] = checkpoint;
  Commit();  // gives the source its id
  return new_source_;
}

void Recorder::Idle() {
  if (counts_.lines > 0 && CommitIsDue()) Commit();
}

bool Recorder::CommitIsDue() const {
  return kept_bytes_ >= kCommitBytes || std::chrono::steady_clock::now() - last_commit_ >= kCommitInterval;
}

void Recorder::Commit() {
  for (const std::int32_t day : days_) (void)store_.DayKey(day);  // they are in use
  WriteTransaction transaction = store_.BeginWrite();
  for (const Stream& stream : streams_) {
    for (const auto& [lane, batch] : stream.full) transaction.Append(lane, batch, stream.to.audience);
    for (int lane = 0; lane < kLanes; ++lane) {
      transaction.Append(lane, stream.open[static_cast<std::size_t>(lane)], stream.to.audience);
    }
  }
  totals_.AddTo(transaction);
  std::int64_t added = 0;
  for (const auto& [id, checkpoint] : checkpoints_) {
    const std::int64_t stored = transaction.PutSource(id, checkpoint.Encode());
    if (id == 0) added = stored;
  }
  VisitTable visits(transaction.database());
  visits_.Save(visits);
  transaction.Count("lines_read", counts_.lines);
  transaction.Count("actions", counts_.actions);
  transaction.Count("hits", new_hits_);
  transaction.Count("hits_hidden", hidden_hits_);
  ForEachDropped(counts_, rules_, [&](std::string_view reason, std::int64_t count) {
    transaction.Count(fmt::format("dropped.{}", reason), count);
  });
  Failpoint("before-ingest");
  transaction.Commit();
  Failpoint("ingested");
  // From here on nothing throws: what was committed is not committed again, and what was not is.
  visits_.Saved();
  totals_.Clear();
  days_.clear();
  if (added != 0) new_source_ = added;
  for (Stream& stream : streams_) {
    stream.full.clear();
    for (HitBatch& batch : stream.open) batch.clear();
  }
  checkpoints_.clear();
  counts_ = {};
  kept_bytes_ = 0;
  new_hits_ = 0;
  hidden_hits_ = 0;
  last_commit_ = std::chrono::steady_clock::now();
}

void Recorder::EndDays() {
  if (!days_.empty()) Commit();  // tells which keys are in use
  const auto now = std::chrono::system_clock::now();
  // Days end up to 14 hours after UTC's, and the last lines of a day are written when its requests end.
  const std::chrono::sys_days yesterday = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(1);
  const auto since = std::chrono::floor<std::chrono::seconds>(now - kDayKeyUnused);
  const std::vector<std::int32_t> days = store_.UnusedDayKeys(
      static_cast<std::int32_t>(yesterday.time_since_epoch().count()), since.time_since_epoch().count());
  if (!days.empty()) {
    visits_.CloseDays(days);
    {
      WriteTransaction transaction = store_.BeginWrite();
      Totals::ForgetVisitors(days, transaction);
      transaction.Commit();
    }
    Commit();
  }
  store_.DestroyDayKeys(days);
}

void Recorder::Complete() {
  visits_.Finish();
  Commit();
}

}  // namespace hushlog
