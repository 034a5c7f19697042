// Sources, counters, targets and their ledgers.
#include <doctest/doctest.h>

#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::AcknowledgeAll;
using testing::Append;
using testing::LedgerAddsUp;
using testing::NumberedRows;
using testing::Numbers;
using testing::Range;
using testing::Scalar;
using testing::TemporaryDirectory;

struct Fixture {
  TemporaryDirectory directory;
  std::unique_ptr<Store> store = Store::Open(directory.path());
  void Reopen() {
    store.reset();
    store = Store::Open(directory.path());
  }
};

TEST_CASE_FIXTURE(Fixture, "sources are added, changed, removed, and survive a restart") {
  WriteTransaction write = store->BeginWrite();
  const std::int64_t first = write.PutSource(0, std::string("a\0b", 3));
  const std::int64_t second = write.PutSource(0, "b");
  write.PutSource(first, "c");
  const std::int64_t third = write.PutSource(0, "d");
  write.RemoveSource(second);
  write.Commit();
  Reopen();
  const auto sources = store->Sources();
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].id == first);
  CHECK(sources[0].checkpoint == "c");
  CHECK(sources[1].id == third);
}

TEST_CASE_FIXTURE(Fixture, "counters add up, and survive a restart") {
  for (int i = 1; i <= 3; ++i) {
    WriteTransaction write = store->BeginWrite();
    write.Count("lines_read", i);
    write.Count("dropped.tracker", 1);
    write.Commit();
  }
  Reopen();
  CHECK(store->IngestLedger() == std::map<std::string, std::int64_t>{{"dropped.tracker", 3}, {"lines_read", 6}});
}

TEST_CASE_FIXTURE(Fixture, "what is not committed is not stored, neither checkpoint nor hits") {
  const std::int64_t target = store->AddTarget("a");
  {
    WriteTransaction write = store->BeginWrite();
    write.PutSource(0, "x");
    write.Append(0, NumberedRows(0, 3));
    write.Count("lines_read", 3);
  }
  CHECK(store->Sources().empty());
  CHECK(store->IngestLedger().empty());
  CHECK(store->LedgerOf(target).hits == 0);
  CHECK_FALSE(store->Read(target, 0, 10, 1000));
}

TEST_CASE_FIXTURE(Fixture, "hits without a target are not stored") {
  Append(*store, 0, NumberedRows(0, 3));
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 0);
  store->AddTarget("a");
  Append(*store, 0, NumberedRows(3, 0));
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 0);
}

TEST_CASE_FIXTURE(Fixture, "a lane that does not exist is refused") {
  WriteTransaction write = store->BeginWrite();
  CHECK_THROWS_AS(write.Append(-1, NumberedRows(0, 1)), std::out_of_range);
  CHECK_THROWS_AS(write.Append(kLanes, NumberedRows(0, 1)), std::out_of_range);
}

TEST_CASE_FIXTURE(Fixture, "a new target gets the hits committed from then on") {
  const std::int64_t first = store->AddTarget("a");
  Append(*store, 1, NumberedRows(0, 3));
  const std::int64_t second = store->AddTarget("b");
  CHECK(store->AddTarget("a") == first);
  Append(*store, 1, NumberedRows(3, 2));
  CHECK(Numbers(*store->Read(first, 1, 10, 1000)) == Range(0, 5));
  CHECK(Numbers(*store->Read(second, 1, 10, 1000)) == Range(3, 2));
  CHECK(store->LedgerOf(first).hits == 5);
  CHECK(store->LedgerOf(second).hits == 2);
}

TEST_CASE_FIXTURE(Fixture, "a new target gets nothing twice when all batches were deleted before it came") {
  const std::int64_t first = store->AddTarget("a");
  Append(*store, 0, NumberedRows(0, 3));
  AcknowledgeAll(*store, first, 0, *store->Read(first, 0, 10, 1000));
  REQUIRE(Scalar(*store, "SELECT count(*) FROM batch") == 0);
  Reopen();
  const std::int64_t second = store->AddTarget("b");
  Append(*store, 0, NumberedRows(3, 2));
  CHECK(Numbers(*store->Read(first, 0, 10, 1000)) == Range(3, 2));
  CHECK(Numbers(*store->Read(second, 0, 10, 1000)) == Range(3, 2));
}

TEST_CASE_FIXTURE(Fixture, "a target that is not named keeps its backlog, gets no more, and goes on when named again") {
  const auto both = store->SetActiveTargets({"a", "b"});
  REQUIRE(both.size() == 2);
  Append(*store, 0, NumberedRows(0, 2));
  CHECK(store->SetActiveTargets({"b"}) == std::vector<std::int64_t>{both[1]});
  Append(*store, 0, NumberedRows(2, 2));
  AcknowledgeAll(*store, both[1], 0, *store->Read(both[1], 0, 10, 1000));
  // Only what the absent one waits for is left.
  CHECK(Scalar(*store, "SELECT sum(rows) FROM batch") == 2);
  CHECK(store->LedgerOf(both[0]).pending == 2);
  store->SetActiveTargets({"b", "a"});
  Append(*store, 0, NumberedRows(4, 2));
  CHECK(Numbers(*store->Read(both[0], 0, 10, 1000)) == std::vector<int>{0, 1, 4, 5});
  CHECK(LedgerAddsUp(*store, both[0]));
  CHECK(LedgerAddsUp(*store, both[1]));
}

TEST_CASE_FIXTURE(Fixture, "hits for some targets only are theirs alone, and each gets what is for it in order") {
  const auto all = store->SetActiveTargets({"a", "b", "c"});
  store->SetActiveTargets({"a", "b"});
  const auto append = [&](int first, Audience audience) {
    WriteTransaction write = store->BeginWrite();
    write.Append(0, NumberedRows(first, 2), audience);
    write.Commit();
  };
  append(0, AudienceOf(all[0]));
  append(2, kAllTargets);
  append(4, AudienceOf(all[1]) | AudienceOf(all[2]));  // one of them is not active
  append(6, AudienceOf(all[2]));
  CHECK(Scalar(*store, "SELECT sum(rows) FROM batch") == 6);
  CHECK(Numbers(*store->Read(all[0], 0, 10, 1000)) == Range(0, 4));
  CHECK(Numbers(*store->Read(all[1], 0, 10, 1000)) == Range(2, 4));
  CHECK(store->LedgerOf(all[2]).hits == 0);
  AcknowledgeAll(*store, all[1], 0, *store->Read(all[1], 0, 10, 1000));
  CHECK(Scalar(*store, "SELECT sum(rows) FROM batch") == 4);
  for (const std::int64_t target : all) CHECK(LedgerAddsUp(*store, target));
}

TEST_CASE_FIXTURE(Fixture, "a retired target's backlog is counted as dead and deleted, unless another waits for it") {
  const auto both = store->SetActiveTargets({"a", "b"});
  Append(*store, 0, NumberedRows(0, 2));
  Append(*store, 3, NumberedRows(2, 2));
  AcknowledgeAll(*store, both[1], 3, *store->Read(both[1], 3, 10, 1000));
  store->RetireTarget(both[0]);
  CHECK(store->LedgerOf(both[0]).dead == 4);
  CHECK(LedgerAddsUp(*store, both[0]));
  CHECK(Scalar(*store, "SELECT sum(rows) FROM batch") == 2);
  Append(*store, 0, NumberedRows(4, 1));
  CHECK(store->LedgerOf(both[0]).hits == 4);
  CHECK_FALSE(store->Read(both[0], 0, 10, 1000));
  store->AddTarget("a");
  Append(*store, 0, NumberedRows(5, 1));
  CHECK(Numbers(*store->Read(both[0], 0, 10, 1000)) == Range(5, 1));
}

TEST_CASE_FIXTURE(Fixture, "there is room for 62 targets and no more") {
  std::int64_t last = 0;
  for (int i = 0; i < 62; ++i) last = store->AddTarget("t" + std::to_string(i));
  CHECK_THROWS_AS(store->AddTarget("one more"), StoreError);
  Append(*store, 0, NumberedRows(0, 1));
  CHECK(Numbers(*store->Read(last, 0, 10, 1000)) == Range(0, 1));
  CHECK(store->Targets().size() == 62);
}

TEST_CASE_FIXTURE(Fixture, "a target's trouble is remembered until it is cleared") {
  const std::int64_t target = store->AddTarget("a");
  store->SetTrouble(target, "does not answer");
  Reopen();
  CHECK(store->Targets()[0].trouble == "does not answer");
  CHECK(store->Targets()[0].trouble_ms > 1'600'000'000'000);
  store->SetTrouble(target, "");
  CHECK(store->Targets()[0].trouble.empty());
  CHECK(store->Targets()[0].trouble_ms == 0);
}

TEST_CASE_FIXTURE(Fixture, "no space left: nothing of the transaction is stored, and later it works") {
  const std::int64_t target = store->AddTarget("a");
  Append(*store, 0, NumberedRows(0, 3));
  const std::int64_t pages = Scalar(*store, "PRAGMA page_count");
  store->database().Execute(("PRAGMA max_page_count=" + std::to_string(pages + 2)).c_str());
  HitBatch large;
  for (int i = 0; i < 100; ++i) large.Add({i, "", std::string(1000, 'x')});
  const std::string message = "no space left for the state database " + directory.path();
  for (int i = 0; i < 2; ++i) {
    WriteTransaction write = store->BeginWrite();
    write.PutSource(0, "x");
    CHECK_THROWS_WITH_AS(write.Append(0, large), doctest::Contains(message.c_str()), StoreFull);
    CHECK_THROWS_AS(write.Commit(), StoreError);
  }
  CHECK(store->Sources().empty());
  CHECK(store->LedgerOf(target).hits == 3);
  CHECK(LedgerAddsUp(*store, target));
  store->database().Execute("PRAGMA max_page_count=1000000");
  Append(*store, 0, large);
  CHECK(store->LedgerOf(target).hits == 103);
  CHECK(LedgerAddsUp(*store, target));
}

}  // namespace
}  // namespace hushlog
