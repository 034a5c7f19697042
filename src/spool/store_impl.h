// Internal to store*.cc.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/spool/schema.h"
#include "src/spool/state_directory.h"
#include "src/spool/store.h"

namespace hushlog {

// A batch whose checksum is right.
struct LoadedBatch {
  std::int64_t sequence = 0;
  std::shared_ptr<const std::string> body;
  std::vector<HitRow> rows;
};

struct Store::Impl {
  explicit Impl(const std::string& path) : directory(path), database(OpenStateDatabase(directory.path(), &notice)) {}
  ~Impl();

  StateDirectory directory;            // outlives the database: the lock goes last
  std::string notice;                  // see Store::notice
  std::unique_ptr<Database> database;  // its lock protects what follows
  // Stores the day keys that are new, and that they were used, within a transaction; until used_days is emptied.
  void WriteUsedDayKeys();

  std::map<std::int32_t, std::array<std::uint8_t, 16>> day_keys;
  std::set<std::int32_t> used_days;  // whose keys were asked for since the last commit
  bool deleted_keys_erased = false;  // from the files; a process before us may have died between the two
  std::map<std::pair<std::int64_t, int>, LoadedBatch> loaded;  // the batch that a target and lane is in
};

// Column of `target` that counts rows of a fate.
enum class Fate { kTracked, kInvalid, kUnaccounted, kParked, kDead };
void AddToLedger(Database& database, std::int64_t target, Fate fate, std::int64_t rows);

// Columns of `target` that a ledger is made of.
inline constexpr std::string_view kLedgerColumns = "hits, tracked, invalid, unaccounted, parked, dead";
TargetLedger LedgerFrom(const Statement& row, int column);

// A row of table cursor.
struct LaneState {
  Cursor at;
  Cursor end;  // of what is or was in flight; sequence 0: nothing
  bool in_flight = false;
  int attempts = 0;
};
LaneState LoadLane(Database& database, std::int64_t target, int lane);

// Within a transaction.
// Moves the cursor of `state` to `end`. What of the rows in flight remains keeps its attempts.
void Advance(Database& database, std::int64_t target, int lane, LaneState state, Cursor end);
// The cursors of a new target, before the batch `begin`.
void InsertCursors(Database& database, std::int64_t target, std::int64_t begin);
void InsertBatch(Database& database, int lane, Audience audience, const HitBatch& batch);
void InsertKept(Database& database, std::int64_t target, int lane, Fate fate, std::string_view reason,
                std::int64_t rows, std::string_view body);
// Deletes the batches of a lane from `begin` to before `end` that no target waits for.
void Prune(Database& database, int lane, std::int64_t begin, std::int64_t end);
// The sequence that the next batch will have at least.
std::int64_t NextSequence(Database& database);

std::int64_t Checksum(std::string_view body);
std::int64_t NowMs();

}  // namespace hushlog
