#include "src/spool/schema.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "src/base/failpoint.h"
#include "src/spool/side_checkpoint.h"
#include "src/spool/state_directory.h"

namespace hushlog {
namespace {

constexpr std::int64_t kApplicationId = 0x48534c47;  // "HSLG"
constexpr std::int64_t kVersion = 2;

// batch: a sequence is never used again, hence AUTOINCREMENT: cursors point to sequences of deleted batches.
constexpr const char* kSchema = R"(
CREATE TABLE day_key (
  day INTEGER PRIMARY KEY,  -- days since 1970-01-01
  key BLOB NOT NULL,
  last_used INTEGER NOT NULL
) STRICT;
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  checkpoint BLOB NOT NULL
) STRICT;
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE target (
  id INTEGER PRIMARY KEY,   -- 1..62, also its bit in batch.audience
  name TEXT NOT NULL UNIQUE,
  key BLOB NOT NULL,        -- TargetKey
  identified INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 0,
  hits INTEGER NOT NULL DEFAULT 0,
  tracked INTEGER NOT NULL DEFAULT 0,
  invalid INTEGER NOT NULL DEFAULT 0,
  unaccounted INTEGER NOT NULL DEFAULT 0,
  parked INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  trouble TEXT NOT NULL DEFAULT '',
  trouble_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE batch (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  lane INTEGER NOT NULL,
  audience INTEGER NOT NULL,  -- targets it is for, one bit each
  rows INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL,  -- SipHash-2-4 of body, key of zeros
  body BLOB NOT NULL,
  stored_ms INTEGER NOT NULL DEFAULT 0,  -- when the batch was added, UTC
  bytes INTEGER NOT NULL DEFAULT 0       -- of body
) STRICT;
CREATE INDEX batch_waiting ON batch (lane, sequence, audience, bytes);
CREATE TABLE cursor (
  target INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  sequence INTEGER NOT NULL,               -- everything before this batch and row is done
  row INTEGER NOT NULL DEFAULT 0,
  end_sequence INTEGER NOT NULL DEFAULT 0,  -- end of what is or was in flight, 0 if nothing
  end_row INTEGER NOT NULL DEFAULT 0,
  in_flight INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,      -- times it was in flight and no answer came
  PRIMARY KEY (target, lane)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept (
  id INTEGER PRIMARY KEY,
  target INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('parked', 'dead')),
  reason TEXT NOT NULL,
  rows INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  body BLOB NOT NULL          -- empty if the rows are lost
) STRICT;
CREATE INDEX kept_target ON kept (target, state, reason);
)";

// Came later, and are added to databases that lack them: a hushlog that does not know them is not disturbed by them.
constexpr const char* kAdditions = R"(
CREATE TABLE IF NOT EXISTS sent_chain (
  target INTEGER PRIMARY KEY,
  keep_ms INTEGER NOT NULL,       -- how long copies are kept
  anchor INTEGER NOT NULL,        -- number of the last copy that was deleted, 0 if none
  anchor_hash BLOB NOT NULL,
  head INTEGER NOT NULL,          -- number of the last copy
  head_hash BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sent (
  target INTEGER NOT NULL,
  number INTEGER NOT NULL,        -- 1, 2, ... without a gap
  sent_at INTEGER NOT NULL,
  previous BLOB NOT NULL,         -- hash of the copy before it
  body BLOB NOT NULL,
  PRIMARY KEY (target, number)
) STRICT;
)";

// Columns that came later, too.
void AddBatchColumns(Database& database) {
  {
    Statement column = database.Prepare("SELECT 1 FROM pragma_table_info('batch') WHERE name='stored_ms'");
    if (column.Step()) return;
  }
  Transaction transaction(database);
  database.Execute(
      "ALTER TABLE batch ADD COLUMN stored_ms INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE batch ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;"
      "UPDATE batch SET bytes=length(body), stored_ms=strftime('%s')*1000;"
      "DROP INDEX batch_lane;"
      "CREATE INDEX batch_waiting ON batch (lane, sequence, audience, bytes)");
  transaction.Commit();
}

std::int64_t Pragma(Database& database, std::string_view name) {
  Statement statement = database.Prepare("PRAGMA " + std::string(name));
  return statement.Step() ? statement.Integer(0) : 0;
}

void SetPragma(Database& database, const std::string& name, std::int64_t value) {
  database.Execute(("PRAGMA " + name + "=" + std::to_string(value)).c_str());
}

[[noreturn]] void Broken(const std::string& path, const std::string& how) {
  throw StoreBroken("the state database " + path + " is broken (" + how +
                    "): restore it from a backup, or move it and its -wal file away to start afresh");
}

void RemoveDatabase(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-journal"}) std::filesystem::remove(path + suffix, ignored);
}

void WriteDatabase(const std::string& path, const std::function<void(Database&)>& fill) {
  close(OpenPrivateFile(path));
  Database database(path);
  Transaction transaction(database);
  database.Execute(kSchema);
  database.Execute(kAdditions);
  if (fill) fill(database);
  SetPragma(database, "application_id", kApplicationId);
  SetPragma(database, "user_version", kVersion);
  transaction.Commit();
  // The file alone gets the final name. Closing would do this too, but tell nobody when the disk is full.
  database.EmptyWal();
}

// `version` is older than ours: a step for each version goes here, in one transaction with the new user_version.
void Migrate(const std::string& path, std::int64_t version) {
  if (version == 1) {
    throw StoreError(
        "the state database " + path +
        " was written by a hushlog from before the first release: move it and its -wal file away to start afresh");
  }
  Broken(path, "its schema version " + std::to_string(version) + " never existed");
}

void CheckVersion(Database& database, const std::string& path) {
  const std::int64_t version = Pragma(database, "user_version");
  if (version > kVersion) {
    throw StoreError("the state database " + path + " was written by a newer hushlog (schema version " +
                     std::to_string(version) + ", this one knows " + std::to_string(kVersion) + "): update hushlog");
  }
  if (version < kVersion) Migrate(path, version);
}

// Looks at the file itself, before anything could be changed in a database that is not ours. The header of ours has
// been there since WriteNewDatabase closed it.
void CheckHeader(const std::string& path) {
  std::array<char, 100> header{};
  std::ifstream file(path, std::ios::binary);
  file.read(header.data(), header.size());
  if (file.gcount() == 0) Broken(path, "it is empty");
  const std::string_view bytes(header.data(), header.size());
  const bool ours = bytes.starts_with("SQLite format 3") && bytes.substr(68, 4) == "HSLG";
  if (!ours) Broken(path, "it is not a hushlog database");
}

bool IsMissing(const std::string& path) {
  std::error_code error;
  return !std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

}  // namespace

// Made under another name and renamed when complete: a hushlog.db that is empty or has no tables is thus never a crash
// of ours, but damage, which must not look like a new database.
void WriteNewDatabase(const std::string& directory, const std::string& path,
                      const std::function<void(Database&)>& fill) {
  const std::string unfinished = path + ".new";
  RemoveDatabase(unfinished);
  try {
    WriteDatabase(unfinished, fill);
    Failpoint("new-database");
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
      throw StoreError("cannot create the state database " + path + ": " + std::strerror(errno));
    }
  } catch (const StoreError&) {
    RemoveDatabase(unfinished);  // gives back the little space there is
    throw;
  }
  Failpoint("named-database");
  SyncDirectory(directory);
}

std::unique_ptr<Database> OpenDatabase(const std::string& path) {
  close(OpenPrivateFile(path));
  CheckHeader(path);
  auto database = std::make_unique<Database>(path);
  CheckVersion(*database, path);
  Failpoint("opened");
  database->Execute(kAdditions);
  AddBatchColumns(*database);
  Failpoint("added");
  return database;
}

std::unique_ptr<Database> OpenStateDatabase(const std::string& directory, std::string* notice) {
  const std::string path = directory + "/hushlog.db";
  try {
    if (!IsMissing(path)) return OpenDatabase(path);
    if (!IsMissing(path + "-wal")) Broken(path, "it is missing, but its -wal file is there");
    if (!HasSideCheckpoint(directory)) {
      WriteNewDatabase(directory, path, {});
      return OpenDatabase(path);
    }
  } catch (const StoreBroken&) {
    if (!HasSideCheckpoint(directory)) throw;
  }
  *notice = ReplaceBySideCheckpoint(directory);
  return OpenDatabase(path);
}

}  // namespace hushlog
