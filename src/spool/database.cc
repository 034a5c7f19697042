#include "src/spool/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace hushlog {
namespace {

// Only possible while there is no page.
constexpr const char* kSettingsOfNew = R"(
  PRAGMA page_size=4096;
  PRAGMA auto_vacuum=INCREMENTAL;
)";
// cache_size and journal_size_limit bound memory and the WAL; temp_store keeps stored values out of temporary files.
constexpr const char* kSettings = R"(
  PRAGMA journal_mode=WAL;
  PRAGMA synchronous=FULL;
  PRAGMA secure_delete=ON;
  PRAGMA wal_autocheckpoint=1000;
  PRAGMA journal_size_limit=16777216;
  PRAGMA cache_size=-4096;
  PRAGMA mmap_size=0;
  PRAGMA temp_store=MEMORY;
  PRAGMA trusted_schema=OFF;
  PRAGMA cell_size_check=ON;
)";
constexpr int kBusyTimeoutMs = 2000;

bool SyncFailed(int code) { return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC; }

bool NoSpace(int code, int system_error) {
  const bool out_of_quota = (code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT);
  return (code & 0xff) == SQLITE_FULL || (out_of_quota && !SyncFailed(code));
}

std::string Describe(sqlite3* connection, int code, int system_error, const std::string& path) {
  const std::string reason = system_error != 0 ? std::strerror(system_error) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the state database " + path + " is broken (" + sqlite3_errstr(code) +
             "): restore it from a backup, or move it away to start afresh";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "the state database " + path + " is in use by another program";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "cannot open the state database " + path + " for writing: " + reason;
    case SQLITE_IOERR:
      return "cannot read or write the state database " + path + ": " + reason;
    default:
      return "the state database " + path + ": " +
             (connection != nullptr ? sqlite3_errmsg(connection) : reason.c_str());
  }
}

}  // namespace

struct Database::Impl {
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };

  explicit Impl(std::string database_path) : path(std::move(database_path)) {}
  ~Impl() {
    for (auto& [sql, cached] : statements) sqlite3_finalize(cached.statement);
    sqlite3_close(connection);
  }

  // sqlite3_system_errno() knows nothing of errors while committing: hence errno, which callers set to 0 before.
  [[noreturn]] void Fail(int code) {
    const int system_error = errno;
    code = connection != nullptr ? sqlite3_extended_errcode(connection) : code;
    const std::string message = Describe(connection, code, system_error, path);
    failed = failed || in_transaction;
    // What the kernel holds after a failed fsync is unknown: nothing may be taken for durable until a restart has
    // recovered.
    if (SyncFailed(code)) unusable = message;
    if (NoSpace(code, system_error)) throw StoreFull("no space left for the state database " + path);
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) {
      broken = true;
      throw StoreBroken(message);
    }
    throw StoreError(message);
  }

  void RefuseIfFailed() const {
    if (!unusable.empty()) throw StoreError(unusable);
    if (in_transaction && (failed || sqlite3_get_autocommit(connection) != 0)) {
      throw StoreError("the state database " + path + ": the transaction has failed before");
    }
  }

  void Execute(const char* sql) {
    RefuseIfFailed();
    errno = 0;
    if (const int code = sqlite3_exec(connection, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) Fail(code);
  }

  sqlite3_stmt* Compile(std::string_view sql, unsigned flags) {
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr);
    if (code != SQLITE_OK) Fail(code);
    return statement;
  }

  std::string path;
  sqlite3* connection = nullptr;
  std::recursive_mutex mutex;
  std::unordered_map<std::string, Cached> statements;
  bool in_transaction = false;
  bool failed = false;   // the open transaction must not be committed
  std::string unusable;  // why nothing can be stored any more
  bool broken = false;
};

Database::Database(const std::string& path) : impl_(std::make_unique<Impl>(path)) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  errno = 0;
  if (const int code = sqlite3_open_v2(path.c_str(), &impl_->connection, kFlags, nullptr); code != SQLITE_OK) {
    impl_->Fail(code);
  }
  sqlite3_busy_timeout(impl_->connection, kBusyTimeoutMs);
  Execute("PRAGMA locking_mode=EXCLUSIVE");  // before the first read, so that the WAL needs no shared memory
  bool is_new = false;
  {
    Statement count = Prepare("PRAGMA page_count");
    is_new = count.Step() && count.Integer(0) == 0;
  }
  if (is_new) Execute(kSettingsOfNew);
  Execute(kSettings);
}

Database::~Database() = default;

void Database::Execute(const char* sql) {
  const auto lock = Lock();
  impl_->Execute(sql);
}

Statement Database::Prepare(std::string_view sql) {
  const auto lock = Lock();
  auto& cached = impl_->statements[std::string(sql)];
  if (cached.in_use) return Statement(impl_.get(), impl_->Compile(sql, 0), nullptr);
  if (cached.statement == nullptr) cached.statement = impl_->Compile(sql, SQLITE_PREPARE_PERSISTENT);
  cached.in_use = true;
  return Statement(impl_.get(), cached.statement, &cached.in_use);
}

std::int64_t Database::LastInsertId() {
  const auto lock = Lock();
  return sqlite3_last_insert_rowid(impl_->connection);
}

void Database::EmptyWal() {
  Statement checkpoint = Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!checkpoint.Step() || checkpoint.Integer(0) != 0) {
    throw StoreError("the state database " + impl_->path + " is in use by another program");
  }
}

bool Database::broken() {
  const auto lock = Lock();
  return impl_->broken;
}

std::unique_lock<std::recursive_mutex> Database::Lock() { return std::unique_lock(impl_->mutex); }

Statement::Statement(Database::Impl* database, sqlite3_stmt* statement, bool* in_use)
    : lock_(database->mutex), database_(database), statement_(statement), in_use_(in_use) {}

Statement::Statement(Statement&& other) noexcept
    : lock_(std::move(other.lock_)),
      database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      in_use_(other.in_use_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (in_use_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *in_use_ = false;
}

Statement& Statement::Bind(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK) database_->Fail(code);
  return *this;
}

// A null pointer would bind NULL, which an empty text or blob is not: hence the "".
Statement& Statement::Bind(int index, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  const int code = sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) database_->Fail(code);
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  const int code = sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_->Fail(code);
  return *this;
}

bool Statement::Step() {
  database_->RefuseIfFailed();
  errno = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->Fail(code);
  sqlite3_reset(statement_);
  return false;
}

void Statement::Run() {
  while (Step()) continue;
}

std::int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::Blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Transaction::Transaction(Database& database) : lock_(database.impl_->mutex), database_(database.impl_.get()) {
  if (database_->in_transaction) throw std::logic_error("a transaction is open in this thread already");
  database_->Execute("BEGIN IMMEDIATE");
  database_->in_transaction = true;
  database_->failed = false;
}

Transaction::Transaction(Transaction&& other) noexcept
    : lock_(std::move(other.lock_)), database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Some errors have rolled back already.
  if (sqlite3_get_autocommit(database_->connection) == 0) {
    sqlite3_exec(database_->connection, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  database_->in_transaction = false;
}

void Transaction::Commit() {
  database_->Execute("COMMIT");
  database_->in_transaction = false;
  database_ = nullptr;
  lock_.unlock();
}

}  // namespace hushlog
