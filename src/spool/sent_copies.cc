#include "src/spool/sent_copies.h"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "src/spool/store_impl.h"

namespace hushlog {
namespace {

// Copies deleted in one transaction, so that the write-ahead log stays small.
constexpr std::int64_t kDeletedAtOnce = 256;

// A row of table sent_chain.
struct Chain {
  std::int64_t keep_ms = 0;
  std::int64_t anchor = 0;
  CopyHash anchor_hash{};
  std::int64_t head = 0;
  CopyHash head_hash{};
};

std::string_view Bytes(const CopyHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

// Of a damaged one: a hash that fits nothing.
CopyHash HashFrom(std::string_view bytes) {
  CopyHash hash{};
  if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
  return hash;
}

std::optional<Chain> LoadChain(Database& database, std::int64_t target) {
  Statement row =
      database.Prepare("SELECT keep_ms, anchor, anchor_hash, head, head_hash FROM sent_chain WHERE target=?");
  if (!row.Bind(1, target).Step()) return std::nullopt;
  return Chain{row.Integer(0), row.Integer(1), HashFrom(row.Blob(2)), row.Integer(3), HashFrom(row.Blob(4))};
}

void SaveChain(Database& database, std::int64_t target, const Chain& chain) {
  database
      .Prepare("REPLACE INTO sent_chain (target, keep_ms, anchor, anchor_hash, head, head_hash) VALUES (?,?,?,?,?,?)")
      .Bind(1, target)
      .Bind(2, chain.keep_ms)
      .Bind(3, chain.anchor)
      .BindBlob(4, Bytes(chain.anchor_hash))
      .Bind(5, chain.head)
      .BindBlob(6, Bytes(chain.head_hash))
      .Run();
}

// The copies of a chain from its anchor on, in their order: number, sent_at, previous, body.
Statement Copies(Database& database, std::int64_t target, std::int64_t anchor) {
  Statement rows =
      database.Prepare("SELECT number, sent_at, previous, body FROM sent WHERE target=? AND number>? ORDER BY number");
  rows.Bind(1, target).Bind(2, anchor);
  return rows;
}

// Deletes some of what is too old and moves the anchor on. Within a transaction. True if there is more to delete.
bool ExpireSome(Database& database, std::int64_t target, Chain* chain, std::int64_t now_ms) {
  std::int64_t last = chain->head;
  CopyHash hash = chain->head_hash;
  {
    Statement first_kept = database.Prepare(
        "SELECT number, previous FROM sent WHERE target=?1 AND number>?2 AND (sent_at>?3 OR number>?4)"
        " ORDER BY number LIMIT 1");
    first_kept.Bind(1, target).Bind(2, chain->anchor).Bind(3, now_ms - chain->keep_ms);
    first_kept.Bind(4, chain->anchor + kDeletedAtOnce);
    if (first_kept.Step()) {
      last = first_kept.Integer(0) - 1;
      hash = HashFrom(first_kept.Blob(1));
    }
  }
  if (last <= chain->anchor) return false;
  database.Prepare("DELETE FROM sent WHERE target=? AND number<=?").Bind(1, target).Bind(2, last).Run();
  const bool more = last == chain->anchor + kDeletedAtOnce;
  chain->anchor = last;
  chain->anchor_hash = hash;
  return more;
}

bool ExpireSomeOf(Database& database, std::int64_t target, std::int64_t now_ms) {
  Transaction transaction(database);
  std::optional<Chain> chain = LoadChain(database, target);
  const bool more = chain && ExpireSome(database, target, &*chain, now_ms);
  if (chain) SaveChain(database, target, *chain);
  transaction.Commit();
  return more;
}

void WalkChain(Database& database, const Chain& chain, const TakeCopy& take, SentChain* result) {
  std::int64_t number = chain.anchor;
  CopyHash hash = chain.anchor_hash;
  result->head = chain.head_hash;
  Statement row = Copies(database, result->target, chain.anchor);
  while (row.Step()) {
    const SentCopy copy{row.Integer(0), row.Integer(1), row.Blob(2), row.Blob(3)};
    ++number;
    if (copy.number != number || copy.previous != Bytes(hash)) {
      result->broken_at = number;
      return;
    }
    hash = HashOf(result->target, copy);
    ++result->copies;
    if (result->copies == 1) result->first_ms = copy.sent_ms;
    result->last_ms = copy.sent_ms;
    if (!take(*result, copy)) return;
  }
  if (number != chain.head || hash != chain.head_hash) result->broken_at = number + 1;
}

}  // namespace

CopyHash HashOf(std::int64_t target, const SentCopy& copy) {
  crypto_generichash_state state;
  CopyHash hash{};
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  const auto add = [&](std::string_view bytes) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  };
  add(copy.previous);
  for (const std::int64_t number : {target, copy.number, copy.sent_ms}) {
    std::array<char, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (8 * i));
    add({bytes.data(), bytes.size()});
  }
  add(copy.body);
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

void Store::SetKeepSent(std::int64_t target, std::chrono::milliseconds keep) {
  Transaction transaction(*impl_->database);
  std::optional<Chain> chain = LoadChain(*impl_->database, target);
  if (!chain && keep.count() == 0) return;
  if (!chain) chain.emplace();
  chain->keep_ms = keep.count();
  SaveChain(*impl_->database, target, *chain);
  transaction.Commit();
}

void Store::KeepSent(std::int64_t target, std::string_view body, std::int64_t now_ms) {
  Database& database = *impl_->database;
  Transaction transaction(database);
  std::optional<Chain> chain = LoadChain(database, target);
  if (!chain) throw std::logic_error("SetKeepSent comes first");
  const CopyHash previous = chain->head_hash;
  const SentCopy copy{chain->head + 1, now_ms, Bytes(previous), body};
  database.Prepare("INSERT INTO sent (target, number, sent_at, previous, body) VALUES (?,?,?,?,?)")
      .Bind(1, target)
      .Bind(2, copy.number)
      .Bind(3, copy.sent_ms)
      .BindBlob(4, copy.previous)
      .BindBlob(5, copy.body)
      .Run();
  chain->head = copy.number;
  chain->head_hash = HashOf(target, copy);
  (void)ExpireSome(database, target, &*chain, now_ms);
  SaveChain(database, target, *chain);
  transaction.Commit();
}

void Store::ExpireSent(std::int64_t now_ms) {
  std::vector<std::int64_t> targets;
  {
    Statement rows = impl_->database->Prepare("SELECT target FROM sent_chain");
    while (rows.Step()) targets.push_back(rows.Integer(0));
  }
  for (const std::int64_t target : targets) {
    while (ExpireSomeOf(*impl_->database, target, now_ms)) continue;
  }
}

std::vector<SentChain> WalkSentCopies(Store& store, const TakeCopy& take) {
  Database& database = store.database();
  const auto lock = database.Lock();
  std::vector<SentChain> chains;
  {
    Statement rows = database.Prepare(
        "SELECT sent_chain.target, coalesce(name, '') FROM sent_chain LEFT JOIN target ON id=sent_chain.target"
        " ORDER BY sent_chain.target");
    while (rows.Step()) {
      SentChain& chain = chains.emplace_back();
      chain.target = rows.Integer(0);
      chain.target_name = rows.Text(1);
    }
  }
  bool go_on = true;
  for (SentChain& chain : chains) {
    const auto taken = [&](const SentChain& of, const SentCopy& copy) { return go_on = take(of, copy); };
    if (go_on) WalkChain(database, *LoadChain(database, chain.target), taken, &chain);
    if (chain.broken_at != 0) go_on = false;
  }
  return chains;
}

}  // namespace hushlog
