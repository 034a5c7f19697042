#include "src/spool/store.h"

#include <sodium.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

#include "src/spool/side_checkpoint.h"
#include "src/spool/store_impl.h"

namespace hushlog {

std::int64_t Checksum(std::string_view body) {
  static constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey{};
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(body.data()), body.size(), kKey.data());
  std::int64_t checksum = 0;
  for (std::size_t i = 0; i < hash.size(); ++i) checksum |= std::int64_t{hash[i]} << (8 * i);
  return checksum;
}

std::uint64_t VisitorFor(const TargetKey& key, std::uint64_t visitor) {
  std::array<unsigned char, sizeof visitor> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(visitor >> (8 * i));
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), bytes.data(), bytes.size(), key.data());
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < hash.size(); ++i) result |= std::uint64_t{hash[i]} << (8 * i);
  return result;
}

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

void InsertBatch(Database& database, int lane, Audience audience, const HitBatch& batch) {
  database
      .Prepare(
          "INSERT INTO batch (lane, audience, rows, first_ms, last_ms, checksum, body, stored_ms, bytes)"
          " VALUES (?,?,?,?,?,?,?,?,?)")
      .Bind(1, lane)
      .Bind(2, audience)
      .Bind(3, batch.rows())
      .Bind(4, batch.first_ms())
      .Bind(5, batch.last_ms())
      .Bind(6, Checksum(batch.body()))
      .BindBlob(7, batch.body())
      .Bind(8, NowMs())
      .Bind(9, static_cast<std::int64_t>(batch.body().size()))
      .Run();
}

std::unique_ptr<Store> Store::Open(const std::string& directory) {
  if (sodium_init() < 0) throw StoreError("no source of random numbers");
  return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(directory)));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() = default;

Store::Impl::~Impl() {
  for (auto& [day, key] : day_keys) sodium_memzero(key.data(), key.size());
  const bool broken = database->broken();
  loaded.clear();
  database.reset();
  if (!broken || !HasSideCheckpoint(directory.path())) return;
  try {
    (void)SetDatabaseAside(directory.path());
  } catch (const StoreError&) {  // the next start meets the same damage, and says so
  }
}

const std::string& Store::notice() const { return impl_->notice; }

void Store::WriteSideCheckpoint() { hushlog::WriteSideCheckpoint(*impl_->database, impl_->directory.path()); }

std::array<std::uint8_t, 16> Store::DayKey(std::int32_t day) {
  const auto lock = impl_->database->Lock();
  impl_->used_days.insert(day);
  if (const auto found = impl_->day_keys.find(day); found != impl_->day_keys.end()) return found->second;
  std::array<std::uint8_t, 16> key{};
  Statement stored = impl_->database->Prepare("SELECT key FROM day_key WHERE day=?");
  if (stored.Bind(1, day).Step()) {
    if (stored.Blob(0).size() != key.size()) throw StoreError("the state database is broken: a day key of wrong size");
    std::memcpy(key.data(), stored.Blob(0).data(), key.size());
  } else {
    randombytes_buf(key.data(), key.size());
  }
  return impl_->day_keys[day] = key;
}

void Store::Impl::WriteUsedDayKeys() {
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  Statement put = database->Prepare(
      "INSERT INTO day_key (day, key, last_used) VALUES (?1,?2,?3) ON CONFLICT (day) DO UPDATE SET last_used=?3");
  for (const std::int32_t day : used_days) {
    const auto& key = day_keys.at(day);
    put.Bind(1, day).BindBlob(2, {reinterpret_cast<const char*>(key.data()), key.size()}).Bind(3, now).Run();
  }
}

std::vector<std::int32_t> Store::UnusedDayKeys(std::int32_t day, std::int64_t since_s) {
  std::vector<std::int32_t> days;
  Statement rows = impl_->database->Prepare("SELECT day FROM day_key WHERE day<? AND last_used<? ORDER BY day");
  rows.Bind(1, day).Bind(2, since_s);
  while (rows.Step()) days.push_back(static_cast<std::int32_t>(rows.Integer(0)));
  return days;
}

void Store::DestroyDayKeys(std::span<const std::int32_t> days) {
  const auto lock = impl_->database->Lock();
  if (days.empty() && impl_->deleted_keys_erased) return;
  for (const std::int32_t day : days) {
    if (const auto key = impl_->day_keys.find(day); key != impl_->day_keys.end()) {
      sodium_memzero(key->second.data(), key->second.size());
      impl_->day_keys.erase(key);
    }
    impl_->used_days.erase(day);
  }
  impl_->deleted_keys_erased = false;
  Transaction transaction(*impl_->database);
  Statement remove = impl_->database->Prepare("DELETE FROM day_key WHERE day=?");
  for (const std::int32_t day : days) remove.Bind(1, std::int64_t{day}).Run();
  transaction.Commit();
  // The zeros of secure_delete are in the WAL, the keys may still be in the database file and in older frames of the
  // WAL.
  impl_->database->EmptyWal();
  impl_->deleted_keys_erased = true;
}

std::vector<StoredSource> Store::Sources() {
  std::vector<StoredSource> sources;
  Statement rows = impl_->database->Prepare("SELECT id, checkpoint FROM source ORDER BY id");
  while (rows.Step()) sources.push_back({rows.Integer(0), std::string(rows.Blob(1))});
  return sources;
}

std::map<std::string, std::int64_t> Store::IngestLedger() {
  std::map<std::string, std::int64_t> ledger;
  Statement rows = impl_->database->Prepare("SELECT name, value FROM counter");
  while (rows.Step()) ledger.emplace(rows.Text(0), rows.Integer(1));
  return ledger;
}

Database& Store::database() { return *impl_->database; }

WriteTransaction Store::BeginWrite() { return WriteTransaction(*impl_); }

WriteTransaction::WriteTransaction(Store::Impl& store)
    : store_(&store), database_(store.database.get()), transaction_(*database_) {}

void WriteTransaction::Commit() {
  const auto lock = database_->Lock();  // no key may come between the commit and used_days
  store_->WriteUsedDayKeys();
  transaction_.Commit();
  store_->used_days.clear();
}

std::int64_t WriteTransaction::PutSource(std::int64_t id, std::string_view checkpoint) {
  if (id == 0) {
    database_->Prepare("INSERT INTO source (checkpoint) VALUES (?)").BindBlob(1, checkpoint).Run();
    return database_->LastInsertId();
  }
  database_->Prepare("INSERT INTO source (id, checkpoint) VALUES (?1,?2) ON CONFLICT (id) DO UPDATE SET checkpoint=?2")
      .Bind(1, id)
      .BindBlob(2, checkpoint)
      .Run();
  return id;
}

void WriteTransaction::RemoveSource(std::int64_t id) {
  database_->Prepare("DELETE FROM source WHERE id=?").Bind(1, id).Run();
}

void WriteTransaction::Append(int lane, const HitBatch& batch, Audience audience) {
  if (lane < 0 || lane >= kLanes) throw std::out_of_range("no such lane");
  if (batch.rows() == 0) return;
  Audience active = 0;
  {
    Statement row = database_->Prepare("SELECT id FROM target WHERE active");
    while (row.Step()) active |= AudienceOf(row.Integer(0));
  }
  audience &= active;
  if (audience == 0) return;
  InsertBatch(*database_, lane, audience, batch);
  database_->Prepare("UPDATE target SET hits=hits+?1 WHERE (?2 >> id) & 1")
      .Bind(1, batch.rows())
      .Bind(2, audience)
      .Run();
}

void WriteTransaction::Count(std::string_view name, std::int64_t delta) {
  database_->Prepare("INSERT INTO counter (name, value) VALUES (?1,?2) ON CONFLICT (name) DO UPDATE SET value=value+?2")
      .Bind(1, name)
      .Bind(2, delta)
      .Run();
}

}  // namespace hushlog
