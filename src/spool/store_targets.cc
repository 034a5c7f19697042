// Targets and their ledgers.
#include <sodium.h>

#include <cstring>
#include <stdexcept>

#include "src/spool/store_impl.h"

namespace hushlog {
namespace {

// One bit each in the 63 of batch.audience; ids start at 1.
constexpr std::int64_t kMostTargets = 62;

std::string_view BytesOf(const TargetKey& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }

std::int64_t InsertTarget(Database& database, std::string_view name) {
  {
    Statement count = database.Prepare("SELECT count(*) FROM target");
    if (count.Step() && count.Integer(0) >= kMostTargets) {
      throw StoreError("the state database knows " + std::to_string(kMostTargets) +
                       " targets, more do not fit: use a new state directory");
    }
  }
  TargetKey key;
  randombytes_buf(key.data(), key.size());
  database.Prepare("INSERT INTO target (name, key) VALUES (?,?)").Bind(1, name).BindBlob(2, BytesOf(key)).Run();
  const std::int64_t target = database.LastInsertId();
  InsertCursors(database, target, NextSequence(database));
  return target;
}

std::int64_t Activate(Database& database, std::string_view name) {
  std::int64_t target = 0;
  {
    Statement find = database.Prepare("SELECT id FROM target WHERE name=?");
    if (find.Bind(1, name).Step()) target = find.Integer(0);
  }
  if (target == 0) target = InsertTarget(database, name);
  database.Prepare("UPDATE target SET active=1 WHERE id=?").Bind(1, target).Run();
  return target;
}

std::string_view ColumnOf(Fate fate) {
  switch (fate) {
    case Fate::kTracked:
      return "tracked";
    case Fate::kInvalid:
      return "invalid";
    case Fate::kUnaccounted:
      return "unaccounted";
    case Fate::kParked:
      return "parked";
    case Fate::kDead:
      return "dead";
  }
  throw std::logic_error("no such fate");
}

}  // namespace

TargetLedger LedgerFrom(const Statement& row, int column) {
  TargetLedger ledger;
  ledger.hits = row.Integer(column);
  ledger.tracked = row.Integer(column + 1);
  ledger.invalid = row.Integer(column + 2);
  ledger.unaccounted = row.Integer(column + 3);
  ledger.parked = row.Integer(column + 4);
  ledger.dead = row.Integer(column + 5);
  ledger.sent = ledger.tracked + ledger.invalid + ledger.unaccounted;
  ledger.pending = ledger.hits - ledger.sent - ledger.parked - ledger.dead;
  return ledger;
}

void InsertCursors(Database& database, std::int64_t target, std::int64_t begin) {
  for (int lane = 0; lane < kLanes; ++lane) {
    Statement insert = database.Prepare("INSERT INTO cursor (target, lane, sequence) VALUES (?,?,?)");
    insert.Bind(1, target).Bind(2, lane).Bind(3, begin).Run();
  }
}

void AddToLedger(Database& database, std::int64_t target, Fate fate, std::int64_t rows) {
  const std::string column(ColumnOf(fate));
  database.Prepare("UPDATE target SET " + column + "=" + column + "+? WHERE id=?").Bind(1, rows).Bind(2, target).Run();
}

std::int64_t NextSequence(Database& database) {
  Statement last = database.Prepare("SELECT seq FROM sqlite_sequence WHERE name='batch'");
  return last.Step() ? last.Integer(0) + 1 : 1;
}

std::int64_t Store::AddTarget(std::string_view name) {
  Transaction transaction(*impl_->database);
  const std::int64_t target = Activate(*impl_->database, name);
  transaction.Commit();
  return target;
}

std::vector<std::int64_t> Store::SetActiveTargets(const std::vector<std::string>& names) {
  Transaction transaction(*impl_->database);
  impl_->database->Prepare("UPDATE target SET active=0").Run();
  std::vector<std::int64_t> targets;
  for (const std::string& name : names) targets.push_back(Activate(*impl_->database, name));
  transaction.Commit();
  return targets;
}

TargetKey Store::TargetKeyOf(std::int64_t target) {
  Statement row = impl_->database->Prepare("SELECT key FROM target WHERE id=?");
  if (!row.Bind(1, target).Step()) throw std::logic_error("no such target");
  TargetKey key{};
  if (row.Blob(0).size() != key.size()) throw StoreError("the state database is broken: a target key of wrong size");
  std::memcpy(key.data(), row.Blob(0).data(), key.size());
  return key;
}

void Store::SetIdentified(std::int64_t target, bool identified) {
  Transaction transaction(*impl_->database);
  {
    Statement row = impl_->database->Prepare("SELECT name, hits, identified FROM target WHERE id=?");
    if (!row.Bind(1, target).Step()) throw std::logic_error("no such target");
    if (row.Integer(1) > 0 && (row.Integer(2) != 0) != identified) {
      throw StoreError(
          "the target '" + std::string(row.Text(0)) + "' got " + (identified ? "anonymous" : "identified") +
          " hits so far: give the one with anonymize = " + (identified ? "false" : "true") + " another name");
    }
  }
  Statement update = impl_->database->Prepare("UPDATE target SET identified=? WHERE id=?");
  update.Bind(1, identified ? 1 : 0).Bind(2, target).Run();
  transaction.Commit();
}

void Store::RetireTarget(std::int64_t target) {
  Transaction transaction(*impl_->database);
  Database& database = *impl_->database;
  const std::int64_t pending = LedgerOf(target).pending;
  if (pending > 0) {
    AddToLedger(database, target, Fate::kDead, pending);
    InsertKept(database, target, 0, Fate::kDead, "retired", pending, {});
  }
  const std::int64_t end = NextSequence(database);
  database.Prepare("UPDATE target SET active=0 WHERE id=?").Bind(1, target).Run();
  database
      .Prepare("UPDATE cursor SET sequence=?, row=0, end_sequence=0, end_row=0, in_flight=0, attempts=0 WHERE target=?")
      .Bind(1, end)
      .Bind(2, target)
      .Run();
  for (int lane = 0; lane < kLanes; ++lane) Prune(database, lane, 0, end);
  transaction.Commit();
}

std::vector<TargetStatus> Store::Targets() {
  std::vector<TargetStatus> targets;
  Statement row = impl_->database->Prepare(
      "SELECT id, name, active, trouble, trouble_at, identified, (SELECT min((SELECT stored_ms FROM batch"
      " WHERE batch.lane=cursor.lane AND batch.sequence>=cursor.sequence AND (batch.audience >> target.id) & 1"
      " ORDER BY batch.sequence LIMIT 1)) FROM cursor WHERE cursor.target=target.id), " +
      std::string(kLedgerColumns) + " FROM target ORDER BY id");
  while (row.Step()) {
    TargetStatus status;
    status.id = row.Integer(0);
    status.name = row.Text(1);
    status.active = row.Integer(2) != 0;
    status.trouble = row.Text(3);
    status.trouble_ms = row.Integer(4);
    status.identified = row.Integer(5) != 0;
    status.oldest_ms = row.Integer(6);
    status.ledger = LedgerFrom(row, 7);
    targets.push_back(std::move(status));
  }
  return targets;
}

void Store::SetTrouble(std::int64_t target, std::string_view message) {
  Transaction transaction(*impl_->database);
  Statement update = impl_->database->Prepare("UPDATE target SET trouble=?, trouble_at=? WHERE id=?");
  update.Bind(1, message).Bind(2, message.empty() ? 0 : NowMs()).Bind(3, target).Run();
  transaction.Commit();
}

TargetLedger Store::LedgerOf(std::int64_t target) {
  Statement row = impl_->database->Prepare("SELECT " + std::string(kLedgerColumns) + " FROM target WHERE id=?");
  if (!row.Bind(1, target).Step()) throw std::logic_error("no such target");
  return LedgerFrom(row, 0);
}

}  // namespace hushlog
