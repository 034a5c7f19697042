// 58: limits for what waits for a target.
#include <doctest/doctest.h>

#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::Append;
using testing::LedgerAddsUp;
using testing::NumberedRows;
using testing::Numbers;
using testing::Range;
using testing::Scalar;
using testing::TemporaryDirectory;

struct Backlog {
  TemporaryDirectory directory;
  std::unique_ptr<Store> store = Store::Open(directory.path());
  std::int64_t down = store->AddTarget("down"), up = store->AddTarget("up");

  // Batches of ten hits, in lanes in turn, the first of which were stored long ago.
  explicit Backlog(int batches, int old = 0) {
    for (int i = 0; i < batches; ++i) Append(*store, i % kLanes, NumberedRows(i * 10, 10));
    store->database().Execute(("UPDATE batch SET stored_ms=1000 WHERE sequence<=" + std::to_string(old)).c_str());
  }
  std::vector<int> Waiting(int lane) {
    const std::optional<Slice> slice = store->Read(down, lane, 1000, 1 << 20);
    return slice ? Numbers(*slice) : std::vector<int>();
  }
  std::int64_t BytesOfBatches() { return Scalar(*store, "SELECT sum(length(body)) FROM batch"); }
};

TEST_CASE("58: what has waited for too long is given up, for that target alone, and counted") {
  Backlog backlog(8, 5);
  CHECK(backlog.store->LimitBacklog(backlog.down, {.stored_since_ms = 2000}) == 50);
  CHECK(backlog.Waiting(0).empty());
  CHECK(backlog.Waiting(1) == Range(50, 10));
  const TargetLedger ledger = backlog.store->LedgerOf(backlog.down);
  CHECK(ledger.dead == 50);
  CHECK(ledger.pending == 30);
  CHECK(LedgerAddsUp(*backlog.store, backlog.down));
  CHECK(backlog.store->KeptRowsOf(backlog.down)[0].reason == "backlog too old");
  CHECK(backlog.store->LedgerOf(backlog.up).pending == 80);
  CHECK(Scalar(*backlog.store, "SELECT count(*) FROM batch") == 8);  // the other target waits for all of them
}

TEST_CASE("58: of too large a backlog the oldest is given up, of all lanes") {
  Backlog backlog(1000);
  const std::int64_t bytes = backlog.BytesOfBatches();
  while (backlog.store->LimitBacklog(backlog.down, {.bytes = bytes / 2}) > 0) {
  }
  const std::int64_t pending = backlog.store->LedgerOf(backlog.down).pending;
  CHECK(pending >= 4900);
  CHECK(pending <= 5000);
  CHECK(backlog.Waiting(0).front() >= 5000);
  CHECK(backlog.Waiting(3).front() >= 5000);
  CHECK(LedgerAddsUp(*backlog.store, backlog.down));
  CHECK(backlog.store->LimitBacklog(backlog.down, {.bytes = bytes / 2}) == 0);
}

TEST_CASE("58: what is in flight is not given up, and what was read before is not sent after it was given up") {
  Backlog backlog(8, 8);
  const std::optional<Slice> first = backlog.store->Read(backlog.down, 0, 5, 1 << 20);
  const std::optional<Slice> second = backlog.store->Read(backlog.down, 1, 5, 1 << 20);
  REQUIRE((first && second));
  REQUIRE(backlog.store->MarkInFlight(backlog.down, 0, *first));
  CHECK(backlog.store->LimitBacklog(backlog.down, {.stored_since_ms = 2000}) == 60);
  CHECK_FALSE(backlog.store->MarkInFlight(backlog.down, 1, *second));
  backlog.store->Bury(backlog.down, 1, *second, "makes the tracker fail");
  backlog.store->Acknowledge(backlog.down, 0, *first, {.tracked = 5});
  const TargetLedger ledger = backlog.store->LedgerOf(backlog.down);
  CHECK(ledger.dead == 60);
  CHECK(ledger.tracked == 5);
  CHECK(LedgerAddsUp(*backlog.store, backlog.down));
}

TEST_CASE("58: of a batch that was sent in part the rest is counted") {
  Backlog backlog(1, 1);
  const std::optional<Slice> slice = backlog.store->Read(backlog.down, 0, 4, 1 << 20);
  REQUIRE((slice && backlog.store->MarkInFlight(backlog.down, 0, *slice)));
  backlog.store->Acknowledge(backlog.down, 0, *slice, {.tracked = 4});
  CHECK(backlog.store->LimitBacklog(backlog.down, {.stored_since_ms = 2000}) == 6);
  CHECK(LedgerAddsUp(*backlog.store, backlog.down));
}

TEST_CASE("the age of what waits is that of the oldest of all lanes") {
  Backlog backlog(8, 3);
  CHECK(backlog.store->Targets()[0].oldest_ms == 1000);
  (void)backlog.store->LimitBacklog(backlog.down, {.stored_since_ms = 2000});
  CHECK(backlog.store->Targets()[0].oldest_ms > 2000);
  backlog.store->RetireTarget(backlog.down);
  CHECK(backlog.store->Targets()[0].oldest_ms == 0);
}

TEST_CASE("a database from before backlogs had an age is taken over") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const std::int64_t target = store->AddTarget("a");
  Append(*store, 0, NumberedRows(0, 10));
  store->database().Execute(
      "DROP INDEX batch_waiting; ALTER TABLE batch DROP COLUMN stored_ms; ALTER TABLE batch DROP COLUMN bytes;"
      "CREATE INDEX batch_lane ON batch (lane, sequence, audience)");
  store.reset();
  store = Store::Open(directory.path());
  CHECK(store->LimitBacklog(target, {.stored_since_ms = 1'700'000'000'000}) == 0);
  Append(*store, 0, NumberedRows(10, 10));
  CHECK(Numbers(*store->Read(target, 0, 100, 1 << 20)) == Range(0, 20));
}

}  // namespace
}  // namespace hushlog
