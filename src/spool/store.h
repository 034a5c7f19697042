// The state of one hushlog installation: a SQLite database in the state directory (docs/state.md).
//
// Holds day keys, source checkpoints, sanitised hits that wait for targets, each target's cursors, the ledger, and the
// usage totals (whose tables usage/ defines). A checkpoint and what was made of the lines before it are committed in
// one transaction, so that no crash can separate them.
//
// The database is in WAL mode with synchronous=FULL and has exactly one connection; a lock file keeps a second process
// out. Directory 0700, files 0600.
//
// Thread-safety: all functions may be called from any thread; they exclude each other. A WriteTransaction holds the
// exclusion until it ends: keep it short, destroy it in the thread that began it, and call no function of Store that
// writes from that thread before (std::logic_error).
// Errors: StoreError, with a message for the user; after one, nothing of the failed call or transaction is stored.
// After StoreFull the same may be tried again later. After a failed fsync everything throws until the process has
// started anew. Once a function has returned, what it wrote survives a crash and a power failure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/spool/database.h"
#include "src/spool/hit_batch.h"

namespace hushlog {

// Visitors are spread over this many lanes; a visitor's hits stay in one lane, in order.
inline constexpr int kLanes = 4;
inline int LaneOf(std::uint64_t visitor) { return static_cast<int>(visitor % kLanes); }

// A set of targets, one bit for each: of the 63, bit 0 is not used.
using Audience = std::int64_t;
inline Audience AudienceOf(std::int64_t target) { return Audience{1} << target; }
inline constexpr Audience kAllTargets = std::numeric_limits<Audience>::max();

// What pseudonyms of visitors are hashed with for one target, so that two of them cannot join what they get. Random,
// as old as the target.
using TargetKey = std::array<std::uint8_t, 16>;
// The pseudonym that the target gets: SipHash-2-4.
std::uint64_t VisitorFor(const TargetKey& key, std::uint64_t visitor);

struct StoredSource {
  std::int64_t id = 0;
  std::string checkpoint;  // opaque here
};

// Position in the hits of one lane: rows before `row` of batch `sequence` are done.
struct Cursor {
  std::int64_t sequence = 0;
  std::uint32_t row = 0;
  auto operator<=>(const Cursor&) const = default;
};

// What became of hits, for one target. hits = tracked + invalid + unaccounted + parked + dead + pending, always.
struct TargetLedger {
  std::int64_t hits = 0;  // committed by ingest for the target while it was active
  std::int64_t sent = 0;  // tracked + invalid + unaccounted: whose fate the target has told
  std::int64_t tracked = 0;
  std::int64_t invalid = 0;      // refused by the tracker, one by one
  std::int64_t unaccounted = 0;  // answered, but neither tracked nor refused (matomo: lock waits)
  std::int64_t parked = 0;       // sent, answer lost, kept for the operator
  std::int64_t dead = 0;         // make the tracker fail whenever they are sent; or lost by damage ("corrupt")
  std::int64_t pending = 0;
};

struct TargetStatus {
  std::int64_t id = 0;
  std::string name;
  bool active = false;
  bool identified = false;
  TargetLedger ledger;
  std::int64_t oldest_ms = 0;   // when the first of what is pending was stored, UTC; 0: nothing is
  std::string trouble;          // see SetTrouble
  std::int64_t trouble_ms = 0;  // when it was set, UTC
};

// Rows put aside, of one target, summed up by state and reason.
struct KeptRows {
  bool parked = false;  // else dead
  std::string reason;
  std::int64_t rows = 0;
  std::int64_t first_ms = 0;  // when the first and last of them were put aside, UTC
  std::int64_t last_ms = 0;
};

// What may wait for a target.
struct BacklogLimit {
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();  // of hits as they are stored
  std::int64_t stored_since_ms = 0;                               // when the oldest was stored, UTC
};

struct Slice {
  Cursor begin, end;
  std::vector<HitRow> rows;  // views into `bodies`
  std::vector<std::shared_ptr<const std::string>> bodies;
  int attempts = 0;  // times these rows were in flight and no answer came: a process died, or the answer was lost
};

class WriteTransaction;

class Store {
 public:
  // Opens or creates the database in `directory` (created with parents); a broken one is replaced if there is a side
  // checkpoint. Throws StoreError: not writable, locked by another process, broken without one, or written by a newer
  // hushlog. Takes the same time whatever the database holds.
  static std::unique_ptr<Store> Open(const std::string& directory);
  // A database that was found broken is put aside, if there is a side checkpoint to go on from.
  ~Store();

  // What the user must know of the opening: that a broken or missing database was replaced. Else empty.
  const std::string& notice() const;
  // Writes anew what a broken database would be replaced by (side_checkpoint.h).
  void WriteSideCheckpoint();

  // --- day keys (rules/pseudonym.h): 16 random bytes for a day.
  // A new key stays in memory until the next WriteTransaction commits, which stores it too: no hit or pseudonym that
  // was made with a key can be durable without it. It outlives transactions that are rolled back or fail; when the
  // process dies before, the day gets another key, and nothing is stored that the lost one was used for.
  std::array<std::uint8_t, 16> DayKey(std::int32_t day);
  // Days before `day` whose stored keys nobody has asked for since `since_s` (seconds since 1970, UTC).
  std::vector<std::int32_t> UnusedDayKeys(std::int32_t day, std::int64_t since_s);
  // Destroys the keys of these days, stored or new: afterwards their bytes are in no file of the database. Who asks for
  // such a day again gets a new key.
  void DestroyDayKeys(std::span<const std::int32_t> days);

  // --- sources
  std::vector<StoredSource> Sources();

  // --- writing what was read
  WriteTransaction BeginWrite();

  // --- targets
  // Finds or adds a target and makes it active: it gets the hits committed from now on that are for it. At most 62
  // names in the life of a database (StoreError).
  std::int64_t AddTarget(std::string_view name);
  // Makes exactly these targets active, adding those that are new; returns their ids in the same order. A target that
  // is not named gets no further hits, but what is pending for it stays, and is delivered when it is active again.
  std::vector<std::int64_t> SetActiveTargets(const std::vector<std::string>& names);
  TargetKey TargetKeyOf(std::int64_t target);
  // Whether the target gets identified hits. Throws StoreError if it got hits of the other kind before.
  void SetIdentified(std::int64_t target, bool identified);
  // Makes the target inactive and gives up what is pending for it (counted as dead, "retired"). Nothing may deliver to
  // it.
  void RetireTarget(std::int64_t target);
  std::vector<TargetStatus> Targets();
  // Why a target does not take hits at the moment, for status pages; "" if it does. Never pass a secret.
  void SetTrouble(std::int64_t target, std::string_view message);
  TargetLedger LedgerOf(std::int64_t target);

  // --- delivery: for each target and lane, one slice after the other. A slice may span batches and end within one.
  // Next rows of a lane for a target, at least one and at most these many (bytes: of params); nullopt if none is left.
  // A slice whose answer was lost comes again alone: never mixed with rows that were not in it, though in parts if the
  // limits are smaller now. Rows still in flight count as lost answer, so that after a crash they come with attempts >
  // 0. Batches found damaged are counted as dead ("corrupt") and passed over.
  std::optional<Slice> Read(std::int64_t target, int lane, std::size_t max_rows, std::size_t max_bytes);
  // Call before a slice is sent. False if its rows were given up since it was read (LimitBacklog): read again.
  [[nodiscard]] bool MarkInFlight(std::int64_t target, int lane, const Slice& slice);
  // The slice was certainly not processed by the target; it may be sent again.
  void ClearInFlight(std::int64_t target, int lane);
  // The answer was lost: the target may have processed the slice, which counts for so many `attempts`. Nothing happens
  // if nothing is in flight. Returns the attempts.
  int MarkAmbiguous(std::int64_t target, int lane, int attempts = 1);
  // The three must add up to the rows of the slice (std::logic_error).
  struct Answer {
    std::int64_t tracked = 0, invalid = 0, unaccounted = 0;
  };
  // The slice is done: advances the cursor, counts, and deletes batches that every target is past.
  void Acknowledge(std::int64_t target, int lane, const Slice& slice, const Answer& answer);
  // Advance past the slice, keeping its rows aside. Nothing happens if they were given up since it was read.
  void Park(std::int64_t target, int lane, const Slice& slice, std::string_view reason);
  void Bury(std::int64_t target, int lane, const Slice& slice, std::string_view reason);
  std::vector<KeptRows> KeptRowsOf(std::int64_t target);
  // Gives up the oldest batches that wait for the target and are beyond a limit, but for those of lanes with rows in
  // flight: counted as dead ("backlog too old", "backlog too large"). Returns the number of rows. Takes a moment at
  // most: to be called again until nothing is given up.
  std::int64_t LimitBacklog(std::int64_t target, const BacklogLimit& limit);
  // Puts all parked rows of the target back at the end of their lanes, without attempts (`resend`), or forgets them as
  // unaccounted. Returns their number.
  std::int64_t ReleaseParked(std::int64_t target, bool resend);

  // --- copies of what was sent (src/spool/sent_copies.h)
  // How long copies for a target are kept; 0: none are, and those that are there go with the next ExpireSent.
  void SetKeepSent(std::int64_t target, std::chrono::milliseconds keep);
  // Adds the copy of a body that is about to be sent to the target. `body` must not hold a token.
  void KeepSent(std::int64_t target, std::string_view body, std::int64_t now_ms);
  // Deletes the copies that were kept long enough, of all targets.
  void ExpireSent(std::int64_t now_ms);

  // --- ledger of ingest: name -> count since the database exists ("lines_read", "dropped.tracker", ...)
  std::map<std::string, std::int64_t> IngestLedger();

  // For usage/: statements outside of a transaction. Hold Database::Lock() for reads that belong together.
  Database& database();

 private:
  friend class WriteTransaction;
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What was read up to a checkpoint and what was made of it, committed as one. Rolled back unless committed; after a
// StoreError it can only be destroyed.
class WriteTransaction {
 public:
  WriteTransaction(WriteTransaction&&) noexcept = default;

  // id 0 adds a source; returns its id.
  std::int64_t PutSource(std::int64_t id, std::string_view checkpoint);
  void RemoveSource(std::int64_t id);
  // A batch of hits of one lane, for those of these targets that are active. Not stored if there is none, or no row. A
  // target gets the batches of a lane in the order in which they were appended.
  void Append(int lane, const HitBatch& batch, Audience audience = kAllTargets);
  void Count(std::string_view name, std::int64_t delta);
  Database& database() { return *database_; }
  // Also stores the day keys that are new (Store::DayKey).
  void Commit();

 private:
  friend class Store;
  explicit WriteTransaction(Store::Impl& store);
  Store::Impl* store_;
  Database* database_;
  Transaction transaction_;
};

}  // namespace hushlog
