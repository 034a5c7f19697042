// Limits for what waits for a target.
#include <array>

#include "src/spool/store_impl.h"

namespace hushlog {
namespace {

std::int64_t Pragma(Database& database, const char* name) {
  Statement statement = database.Prepare(std::string("PRAGMA ") + name);
  return statement.Step() ? statement.Integer(0) : 0;
}

// What the tables fill: no target has a larger backlog.
std::int64_t UsedBytes(Database& database) {
  return (Pragma(database, "page_count") - Pragma(database, "freelist_count")) * Pragma(database, "page_size");
}

// Given up at once: others wait for the database.
constexpr int kMostBatches = 500;

std::int64_t BacklogBytes(Database& database, std::int64_t target) {
  Statement sum = database.Prepare(
      "SELECT sum(batch.bytes) FROM cursor JOIN batch ON batch.lane=cursor.lane AND batch.sequence>=cursor.sequence"
      " WHERE cursor.target=?1 AND (batch.audience >> ?1) & 1");
  return sum.Bind(1, target).Step() ? sum.Integer(0) : 0;
}

// What of each lane is given up, all in one transaction.
class GivenUp {
 public:
  GivenUp(Database& database, std::int64_t target) : database_(database), target_(target) {
    for (int lane = 0; lane < kLanes; ++lane)
      lanes_[static_cast<std::size_t>(lane)].state = LoadLane(database, target, lane);
  }

  // False if the batch has to stay.
  bool Add(int lane, std::int64_t sequence, std::int64_t rows) {
    LaneLoss& loss = lanes_.at(static_cast<std::size_t>(lane));
    if (loss.state.in_flight || full()) return false;
    ++batches_;
    loss.rows += rows - (sequence == loss.state.at.sequence ? loss.state.at.row : 0);
    loss.end = {sequence + 1, 0};
    return true;
  }

  bool full() const { return batches_ == kMostBatches; }

  // Returns the number of rows.
  std::int64_t Write(std::string_view reason) {
    std::int64_t rows = 0;
    for (int lane = 0; lane < kLanes; ++lane) {
      const LaneLoss& loss = lanes_[static_cast<std::size_t>(lane)];
      if (loss.rows == 0) continue;
      rows += loss.rows;
      AddToLedger(database_, target_, Fate::kDead, loss.rows);
      InsertKept(database_, target_, lane, Fate::kDead, reason, loss.rows, {});
      Advance(database_, target_, lane, loss.state, loss.end);
    }
    return rows;
  }

 private:
  struct LaneLoss {
    LaneState state;
    Cursor end;
    std::int64_t rows = 0;
  };

  Database& database_;
  const std::int64_t target_;
  std::array<LaneLoss, kLanes> lanes_;
  int batches_ = 0;
};

std::int64_t GiveUpOld(Database& database, std::int64_t target, std::int64_t since_ms) {
  GivenUp given_up(database, target);
  for (int lane = 0; lane < kLanes; ++lane) {
    Statement batch = database.Prepare(
        "SELECT sequence, rows, stored_ms FROM batch WHERE lane=?1 AND sequence>=?2 AND (audience >> ?3) & 1"
        " ORDER BY sequence");
    batch.Bind(1, lane).Bind(2, LoadLane(database, target, lane).at.sequence).Bind(3, target);
    while (batch.Step() && batch.Integer(2) < since_ms && given_up.Add(lane, batch.Integer(0), batch.Integer(1))) {
    }
  }
  return given_up.Write("backlog too old");
}

std::int64_t GiveUpOldest(Database& database, std::int64_t target, std::int64_t bytes) {
  GivenUp given_up(database, target);
  {
    // CROSS JOIN: in the order of the table, which ends early.
    Statement batch = database.Prepare(
        "SELECT batch.lane, batch.sequence, batch.rows, batch.bytes FROM batch CROSS JOIN cursor"
        " ON cursor.target=?1 AND cursor.lane=batch.lane AND batch.sequence>=cursor.sequence"
        " WHERE batch.sequence>=(SELECT min(sequence) FROM cursor WHERE target=?1) AND (batch.audience >> ?1) & 1"
        " ORDER BY batch.sequence");
    batch.Bind(1, target);
    while (bytes > 0 && !given_up.full() && batch.Step()) {
      const bool gone = given_up.Add(static_cast<int>(batch.Integer(0)), batch.Integer(1), batch.Integer(2));
      if (gone) bytes -= batch.Integer(3);
    }
  }
  return given_up.Write("backlog too large");
}

}  // namespace

std::int64_t Store::LimitBacklog(std::int64_t target, const BacklogLimit& limit) {
  Database& database = *impl_->database;
  Transaction transaction(database);
  std::int64_t rows = GiveUpOld(database, target, limit.stored_since_ms);
  if (UsedBytes(database) > limit.bytes) {
    const std::int64_t excess = BacklogBytes(database, target) - limit.bytes;
    if (excess > 0) rows += GiveUpOldest(database, target, excess);
  }
  transaction.Commit();
  return rows;
}

}  // namespace hushlog
