// What is delivered to targets: slices, cursors, rows put aside, deletion of what is done.
#include <limits>
#include <stdexcept>

#include "src/base/failpoint.h"
#include "src/spool/store_impl.h"

namespace hushlog {
namespace {

// Free pages beyond this many are given back to the file system, a few with each slice.
constexpr std::int64_t kFreePagesKept = 4096;
constexpr std::int64_t kFreePagesReturnedAtOnce = 256;

Cursor CursorFrom(const Statement& row, int column) {
  return {row.Integer(column), static_cast<std::uint32_t>(row.Integer(column + 1))};
}

void SaveLane(Database& database, std::int64_t target, int lane, const LaneState& state) {
  database
      .Prepare(
          "UPDATE cursor SET sequence=?3, row=?4, end_sequence=?5, end_row=?6, in_flight=?7, attempts=?8"
          " WHERE target=?1 AND lane=?2")
      .Bind(1, target)
      .Bind(2, lane)
      .Bind(3, state.at.sequence)
      .Bind(4, state.at.row)
      .Bind(5, state.end.sequence)
      .Bind(6, state.end.row)
      .Bind(7, state.in_flight ? 1 : 0)
      .Bind(8, state.attempts)
      .Run();
}

// Gives space back to the file system little by little: moving pages costs more than keeping some for the next batches.
void ReturnFreePages(Database& database) {
  {
    Statement count = database.Prepare("PRAGMA freelist_count");
    if (!count.Step() || count.Integer(0) <= kFreePagesKept) return;
  }
  database.Prepare("PRAGMA incremental_vacuum(" + std::to_string(kFreePagesReturnedAtOnce) + ")").Run();
}

// Nothing if the slice is not the next of the lane any more.
std::optional<LaneState> LoadLaneAt(Database& database, std::int64_t target, int lane, const Slice& slice) {
  const LaneState state = LoadLane(database, target, lane);
  return state.at == slice.begin ? std::optional(state) : std::nullopt;
}

// First batch from `from` on that is for the target; 0 if there is none.
std::int64_t FindBatch(Database& database, std::int64_t target, int lane, Cursor from) {
  Statement find = database.Prepare(
      "SELECT sequence FROM batch WHERE lane=?1 AND sequence>=?2 AND audience & ?3 ORDER BY sequence LIMIT 1");
  find.Bind(1, lane).Bind(2, from.sequence).Bind(3, AudienceOf(target));
  return find.Step() ? find.Integer(0) : 0;
}

std::uint32_t RowsOf(Database& database, std::int64_t sequence) {
  Statement row = database.Prepare("SELECT rows FROM batch WHERE sequence=?");
  return row.Bind(1, sequence).Step() ? static_cast<std::uint32_t>(row.Integer(0)) : 0;
}

// Returns false if the batch is damaged; `batch` is empty then.
bool LoadBatch(Database& database, std::int64_t sequence, LoadedBatch* batch) {
  *batch = {};
  Statement row = database.Prepare("SELECT rows, checksum, body FROM batch WHERE sequence=?");
  if (!row.Bind(1, sequence).Step()) return false;
  LoadedBatch loaded{sequence, std::make_shared<const std::string>(row.Blob(2)), {}};
  const bool whole = Checksum(*loaded.body) == row.Integer(1) && DecodeRows(*loaded.body, &loaded.rows) &&
                     loaded.rows.size() == static_cast<std::size_t>(row.Integer(0));
  if (whole) *batch = std::move(loaded);
  return whole;
}

// Adds rows of a batch to a slice that ends before or in it, until the limits or `stop` (sequence 0: none).
class SliceFiller {
 public:
  SliceFiller(std::size_t max_rows, std::size_t max_bytes, Cursor stop, Slice* slice)
      : max_rows_(max_rows), max_bytes_(max_bytes), stop_(stop), slice_(slice) {}

  // Returns true if there is room for rows of a further batch.
  bool Take(const LoadedBatch& batch) {
    const std::uint32_t first = slice_->end.sequence == batch.sequence ? slice_->end.row : 0;
    std::uint32_t row = first;
    while (row < batch.rows.size() && HasRoom({batch.sequence, row}, batch.rows[row])) {
      bytes_ += batch.rows[row].params.size();
      slice_->rows.push_back(batch.rows[row++]);
    }
    if (row == first) return false;
    slice_->bodies.push_back(batch.body);
    const bool complete = row == batch.rows.size();
    slice_->end = complete ? Cursor{batch.sequence + 1, 0} : Cursor{batch.sequence, row};
    return complete && slice_->rows.size() < max_rows_ && bytes_ < max_bytes_;
  }

 private:
  bool HasRoom(Cursor at, const HitRow& row) const {
    if (stop_.sequence != 0 && at >= stop_) return false;
    if (slice_->rows.empty()) return true;
    return slice_->rows.size() < max_rows_ && bytes_ + row.params.size() <= max_bytes_;
  }

  std::size_t max_rows_;
  std::size_t max_bytes_;
  Cursor stop_;
  Slice* slice_;
  std::size_t bytes_ = 0;
};

// Fills `slice`, which is at its beginning, from the batches of its lane. Returns the sequence of a damaged batch if
// that is what comes first, else 0.
std::int64_t FillSlice(Database& database, std::int64_t target, int lane, SliceFiller filler, LoadedBatch* batch,
                       Slice* slice) {
  while (const std::int64_t sequence = FindBatch(database, target, lane, slice->end)) {
    const bool whole = batch->sequence == sequence || LoadBatch(database, sequence, batch);
    if (!whole) return slice->rows.empty() ? sequence : 0;  // behind good rows, the next call will meet it again
    if (!filler.Take(*batch)) return 0;
  }
  return 0;
}

// Counts the rest of a damaged batch as dead and passes it over.
void BuryDamaged(Database& database, std::int64_t target, int lane, std::int64_t sequence) {
  Transaction transaction(database);
  const LaneState state = LoadLane(database, target, lane);
  const std::uint32_t done = state.at.sequence == sequence ? state.at.row : 0;
  const std::int64_t lost = std::int64_t{RowsOf(database, sequence)} - done;
  AddToLedger(database, target, Fate::kDead, lost);
  InsertKept(database, target, lane, Fate::kDead, "corrupt", lost, {});
  Advance(database, target, lane, state, {sequence + 1, 0});
  transaction.Commit();
}

void PutAside(Database& database, std::int64_t target, int lane, const Slice& slice, Fate fate,
              std::string_view reason) {
  Transaction transaction(database);
  const std::optional<LaneState> state = LoadLaneAt(database, target, lane, slice);
  if (!state) return;
  HitBatch rows;
  for (const HitRow& row : slice.rows) rows.Add(row);
  InsertKept(database, target, lane, fate, reason, rows.rows(), rows.body());
  AddToLedger(database, target, fate, rows.rows());
  Advance(database, target, lane, *state, slice.end);
  transaction.Commit();
  Failpoint("put-aside");
}

void AppendKeptBody(Database& database, std::int64_t target, int lane, std::string_view body) {
  std::vector<HitRow> rows;
  if (!DecodeRows(body, &rows)) throw StoreError("the state database is broken: parked hits cannot be read");
  HitBatch batch;
  for (const HitRow& row : rows) batch.Add(row);
  InsertBatch(database, lane, AudienceOf(target), batch);
}

}  // namespace

LaneState LoadLane(Database& database, std::int64_t target, int lane) {
  Statement row = database.Prepare(
      "SELECT sequence, row, end_sequence, end_row, in_flight, attempts FROM cursor WHERE target=? AND lane=?");
  if (!row.Bind(1, target).Bind(2, lane).Step()) throw std::logic_error("no such target or lane");
  return {CursorFrom(row, 0), CursorFrom(row, 2), row.Integer(4) != 0, static_cast<int>(row.Integer(5))};
}

void Advance(Database& database, std::int64_t target, int lane, LaneState state, Cursor end) {
  const std::int64_t begin = state.at.sequence;
  state.at = end;
  state.in_flight = false;
  if (state.end <= end) {
    state.end = {};
    state.attempts = 0;
  }
  SaveLane(database, target, lane, state);
  Prune(database, lane, begin, end.sequence);
  ReturnFreePages(database);
}

void InsertKept(Database& database, std::int64_t target, int lane, Fate fate, std::string_view reason,
                std::int64_t rows, std::string_view body) {
  database.Prepare("INSERT INTO kept (target, lane, state, reason, rows, kept_at, body) VALUES (?,?,?,?,?,?,?)")
      .Bind(1, target)
      .Bind(2, lane)
      .Bind(3, fate == Fate::kParked ? "parked" : "dead")
      .Bind(4, reason)
      .Bind(5, rows)
      .Bind(6, NowMs())
      .BindBlob(7, body)
      .Run();
}

void Prune(Database& database, int lane, std::int64_t begin, std::int64_t end) {
  // A batch is done at the moment when the last target passes it, so that only those just passed need a look.
  database
      .Prepare(
          "DELETE FROM batch WHERE lane=?1 AND sequence>=?2 AND sequence<?3 AND NOT EXISTS (SELECT 1 FROM cursor"
          " WHERE cursor.lane=?1 AND cursor.sequence<=batch.sequence AND (batch.audience >> cursor.target) & 1)")
      .Bind(1, lane)
      .Bind(2, begin)
      .Bind(3, end)
      .Run();
  Failpoint("pruned");
}

std::optional<Slice> Store::Read(std::int64_t target, int lane, std::size_t max_rows, std::size_t max_bytes) {
  Database& database = *impl_->database;
  const auto lock = database.Lock();
  if (LoadLane(database, target, lane).in_flight) MarkAmbiguous(target, lane);
  LoadedBatch& batch = impl_->loaded[{target, lane}];
  for (;;) {
    const LaneState state = LoadLane(database, target, lane);
    Slice slice;
    slice.attempts = state.attempts;
    slice.begin = slice.end = state.at;
    const SliceFiller filler(max_rows, max_bytes, state.end, &slice);
    if (const std::int64_t damaged = FillSlice(database, target, lane, filler, &batch, &slice); damaged != 0) {
      BuryDamaged(database, target, lane, damaged);
      continue;
    }
    if (!slice.rows.empty()) return slice;
    batch = {};
    return std::nullopt;
  }
}

bool Store::MarkInFlight(std::int64_t target, int lane, const Slice& slice) {
  Transaction transaction(*impl_->database);
  std::optional<LaneState> state = LoadLaneAt(*impl_->database, target, lane, slice);
  if (!state) return false;
  state->in_flight = true;
  // A part of a slice whose answer was lost leaves the end of the whole.
  state->end = state->attempts > 0 ? std::max(state->end, slice.end) : slice.end;
  SaveLane(*impl_->database, target, lane, *state);
  transaction.Commit();
  Failpoint("in-flight");
  return true;
}

void Store::ClearInFlight(std::int64_t target, int lane) {
  Transaction transaction(*impl_->database);
  LaneState state = LoadLane(*impl_->database, target, lane);
  state.in_flight = false;
  if (state.attempts == 0) state.end = {};
  SaveLane(*impl_->database, target, lane, state);
  transaction.Commit();
  Failpoint("not-processed");
}

int Store::MarkAmbiguous(std::int64_t target, int lane, int attempts) {
  Transaction transaction(*impl_->database);
  LaneState state = LoadLane(*impl_->database, target, lane);
  if (state.in_flight) state.attempts += attempts;
  state.in_flight = false;
  SaveLane(*impl_->database, target, lane, state);
  transaction.Commit();
  Failpoint("answer-lost");
  return state.attempts;
}

void Store::Acknowledge(std::int64_t target, int lane, const Slice& slice, const Answer& answer) {
  if (answer.tracked + answer.invalid + answer.unaccounted != static_cast<std::int64_t>(slice.rows.size())) {
    throw std::logic_error("an answer must account for every row of its slice");
  }
  Database& database = *impl_->database;
  Transaction transaction(database);
  const std::optional<LaneState> state = LoadLaneAt(database, target, lane, slice);
  if (!state) throw std::logic_error("this slice is not the next of its lane");
  AddToLedger(database, target, Fate::kTracked, answer.tracked);
  if (answer.invalid != 0) AddToLedger(database, target, Fate::kInvalid, answer.invalid);
  if (answer.unaccounted != 0) AddToLedger(database, target, Fate::kUnaccounted, answer.unaccounted);
  Advance(database, target, lane, *state, slice.end);
  Failpoint("before-acknowledge");
  transaction.Commit();
  Failpoint("acknowledged");
}

void Store::Park(std::int64_t target, int lane, const Slice& slice, std::string_view reason) {
  PutAside(*impl_->database, target, lane, slice, Fate::kParked, reason);
}

void Store::Bury(std::int64_t target, int lane, const Slice& slice, std::string_view reason) {
  PutAside(*impl_->database, target, lane, slice, Fate::kDead, reason);
}

std::vector<KeptRows> Store::KeptRowsOf(std::int64_t target) {
  std::vector<KeptRows> kept;
  Statement row = impl_->database->Prepare(
      "SELECT state='parked', reason, sum(rows), min(kept_at), max(kept_at) FROM kept WHERE target=?"
      " GROUP BY state, reason ORDER BY state, reason");
  row.Bind(1, target);
  while (row.Step()) {
    kept.push_back({row.Integer(0) != 0, std::string(row.Text(1)), row.Integer(2), row.Integer(3), row.Integer(4)});
  }
  return kept;
}

std::int64_t Store::ReleaseParked(std::int64_t target, bool resend) {
  Database& database = *impl_->database;
  Transaction transaction(database);
  std::int64_t released = 0;
  {
    Statement row = database.Prepare("SELECT lane, rows, body FROM kept WHERE target=? AND state='parked' ORDER BY id");
    row.Bind(1, target);
    while (row.Step()) {
      released += row.Integer(1);
      if (resend) AppendKeptBody(database, target, static_cast<int>(row.Integer(0)), row.Blob(2));
    }
  }
  database.Prepare("DELETE FROM kept WHERE target=? AND state='parked'").Bind(1, target).Run();
  AddToLedger(database, target, Fate::kParked, -released);
  if (!resend) AddToLedger(database, target, Fate::kUnaccounted, released);
  transaction.Commit();
  return released;
}

}  // namespace hushlog
