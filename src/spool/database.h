// A thin, throwing layer over the SQLite C API: one connection, prepared statements, transactions.
//
// Thread-safety: any function may be called from any thread. A Statement and a Transaction exclude other threads from
// the connection for as long as they live, so keep them short and destroy them in the thread that made them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace hushlog {

// What went wrong and what to do, in words for the user. Never holds stored or bound values.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// No space (or quota) left. Nothing is lost: the same work succeeds once there is space again.
class StoreFull : public StoreError {
 public:
  using StoreError::StoreError;
};

// The file is damaged, or none of SQLite's.
class StoreBroken : public StoreError {
 public:
  using StoreError::StoreError;
};

class Statement;

class Database {
 public:
  // Opens or creates the database file at `path` (no symbolic link anywhere in it) in WAL mode, synchronous=FULL and
  // locking_mode=EXCLUSIVE. Throws StoreError.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void Execute(const char* sql);            // one or more statements without results
  Statement Prepare(std::string_view sql);  // cached: preparing the same text again is cheap
  std::int64_t LastInsertId();
  // Moves everything from the WAL into the database file and empties the WAL. Throws StoreError. Not in a transaction.
  void EmptyWal();
  // Whether the file was found damaged.
  bool broken();
  // Excludes other threads until destroyed: for reads that belong together. A thread may hold several.
  [[nodiscard]] std::unique_lock<std::recursive_mutex> Lock();

 private:
  friend class Statement;
  friend class Transaction;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Bind, step, read; resets itself when destroyed. Indexes start at 1, columns at 0, as in SQLite.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  ~Statement();

  Statement& Bind(int index, std::int64_t value);
  Statement& Bind(int index, std::string_view text);       // copies
  Statement& BindBlob(int index, std::string_view bytes);  // copies
  bool Step();                                             // true: a row is there
  void Run();                                              // for statements without results; may be bound and run again
  std::int64_t Integer(int column) const;
  std::string_view Text(int column) const;  // valid until the next Step or reset
  std::string_view Blob(int column) const;  // likewise
  bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(Database::Impl* database, sqlite3_stmt* statement, bool* in_use);

  std::unique_lock<std::recursive_mutex> lock_;
  Database::Impl* database_;
  sqlite3_stmt* statement_;
  bool* in_use_;  // of the cache; null if the statement is not from there
};

// BEGIN IMMEDIATE ... COMMIT; rolled back unless committed. After an error in it every further statement and Commit
// throw, so that nothing of a failed transaction is ever stored. Transactions do not nest.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(Transaction&&) noexcept;
  ~Transaction();
  void Commit();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
  Database::Impl* database_;  // null once it has ended
};

}  // namespace hushlog
