// Slices, cursors, attempts, rows put aside, deletion.
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

constexpr std::size_t kManyRows = 1000;
constexpr std::size_t kManyBytes = 1 << 20;

// Damaged bodies: one that looks right, and one that does not.
constexpr const char* kOtherBytes = "(SELECT body FROM batch WHERE sequence=1)";
constexpr const char* kZeros = "zeroblob(length(body))";

struct Fixture {
  TemporaryDirectory directory;
  std::unique_ptr<Store> store = Store::Open(directory.path());
  std::int64_t target = store->AddTarget("a");

  void Reopen() {
    store.reset();
    store = Store::Open(directory.path());
  }
  Slice ReadSlice(std::size_t max_rows = kManyRows, std::size_t max_bytes = kManyBytes) {
    auto slice = store->Read(target, 0, max_rows, max_bytes);
    REQUIRE(slice);
    return *slice;
  }
  void Damage(int batch, const char* new_body) {
    const std::string body(new_body);
    store->database().Execute(("UPDATE batch SET body=" + body + " WHERE sequence=" + std::to_string(batch)).c_str());
  }
};

TEST_CASE_FIXTURE(Fixture, "a slice joins small batches up to its limits and may end within one") {
  for (int i = 0; i < 4; ++i) Append(*store, 0, NumberedRows(i * 3, 3));
  Append(*store, 1, NumberedRows(50, 3));
  const std::vector<int> all = Range(0, 12);
  for (std::size_t limit = 1; limit <= 13; ++limit) {
    CHECK(Numbers(ReadSlice(limit)) == Range(0, static_cast<int>(std::min<std::size_t>(limit, 12))));
  }
  CHECK(Numbers(ReadSlice(kManyRows, 5)) == Range(0, 5));
  CHECK(Numbers(ReadSlice(kManyRows, 11)) == Range(0, 10));  // 10 and 11 have two digits
  CHECK(Numbers(ReadSlice(kManyRows, 0)) == Range(0, 1));    // at least one
}

TEST_CASE_FIXTURE(Fixture, "rows of a lane come once and in order, however slices and batches are cut") {
  for (const std::size_t limit : {1, 2, 3, 5, 7, 100}) {
    for (int i = 0; i < 6; ++i) Append(*store, 0, NumberedRows(i * 4, 4));
    std::vector<int> received;
    while (const auto slice = store->Read(target, 0, limit, kManyBytes)) {
      const auto numbers = Numbers(*slice);
      received.insert(received.end(), numbers.begin(), numbers.end());
      REQUIRE(store->MarkInFlight(target, 0, *slice));
      AcknowledgeAll(*store, target, 0, *slice);
      REQUIRE(LedgerAddsUp(*store, target));
    }
    CHECK(received == Range(0, 24));
    CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "a slice stays readable after its batches are gone") {
  Append(*store, 0, NumberedRows(7, 1));
  const Slice slice = ReadSlice();
  AcknowledgeAll(*store, target, 0, slice);
  Reopen();
  CHECK(Numbers(slice) == Range(7, 1));
  CHECK(slice.rows[0].address == "192.0.2.0");
}

TEST_CASE_FIXTURE(Fixture, "each row of an answer is accounted for") {
  Append(*store, 0, NumberedRows(0, 10));
  const Slice slice = ReadSlice();
  CHECK_THROWS_AS(store->Acknowledge(target, 0, slice, {9, 0, 0}), std::logic_error);
  store->Acknowledge(target, 0, slice, {5, 3, 2});
  const TargetLedger ledger = store->LedgerOf(target);
  CHECK(ledger.tracked == 5);
  CHECK(ledger.invalid == 3);
  CHECK(ledger.unaccounted == 2);
  CHECK(ledger.sent == 10);
  CHECK(ledger.pending == 0);
}

TEST_CASE_FIXTURE(Fixture, "a slice that is not the next one is refused") {
  Append(*store, 0, NumberedRows(0, 4));
  const Slice slice = ReadSlice(2);
  AcknowledgeAll(*store, target, 0, slice);
  CHECK_THROWS_AS(AcknowledgeAll(*store, target, 0, slice), std::logic_error);
  CHECK_FALSE(store->MarkInFlight(target, 0, slice));
  store->Park(target, 0, slice, "x");
  CHECK(store->LedgerOf(target).tracked == 2);
  CHECK(LedgerAddsUp(*store, target));
}

TEST_CASE_FIXTURE(Fixture, "batches are deleted when the last target is past them") {
  const std::int64_t other = store->AddTarget("b");
  for (int i = 0; i < 3; ++i) Append(*store, 0, NumberedRows(i * 2, 2));
  AcknowledgeAll(*store, target, 0, ReadSlice());
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 3);
  AcknowledgeAll(*store, other, 0, *store->Read(other, 0, 3, kManyBytes));
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 2);
  AcknowledgeAll(*store, other, 0, *store->Read(other, 0, 3, kManyBytes));
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 0);
}

TEST_CASE_FIXTURE(Fixture, "rows in flight at a crash come again as the same slice, with one more attempt each time") {
  for (int i = 0; i < 3; ++i) Append(*store, 0, NumberedRows(i * 3, 3));
  const Slice sent = ReadSlice(5);
  CHECK(sent.attempts == 0);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    REQUIRE(store->MarkInFlight(target, 0, ReadSlice(5)));
    Reopen();
    const Slice again = ReadSlice();
    CHECK(again.attempts == attempt);
    CHECK(again.begin == sent.begin);
    CHECK(again.end == sent.end);
    CHECK(Numbers(again) == Range(0, 5));
    CHECK(ReadSlice().attempts == attempt);  // reading is no attempt
  }
  AcknowledgeAll(*store, target, 0, ReadSlice());
  CHECK(ReadSlice().attempts == 0);
  CHECK(Numbers(ReadSlice()) == Range(5, 4));
}

TEST_CASE_FIXTURE(Fixture, "a crash before rows are marked, or after the answer, is no attempt") {
  Append(*store, 0, NumberedRows(0, 4));
  ReadSlice(2);
  Reopen();
  CHECK(ReadSlice(2).attempts == 0);
  const Slice slice = ReadSlice(2);
  REQUIRE(store->MarkInFlight(target, 0, slice));
  AcknowledgeAll(*store, target, 0, slice);
  Reopen();
  CHECK(ReadSlice().attempts == 0);
  CHECK(Numbers(ReadSlice()) == Range(2, 2));
}

TEST_CASE_FIXTURE(Fixture, "rows certainly not processed are as if never sent") {
  Append(*store, 0, NumberedRows(0, 6));
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice(2)));
  store->ClearInFlight(target, 0);
  CHECK(ReadSlice().attempts == 0);
  CHECK(Numbers(ReadSlice()) == Range(0, 6));
}

TEST_CASE_FIXTURE(Fixture, "a lost answer is an attempt that a later refusal does not undo") {
  Append(*store, 0, NumberedRows(0, 6));
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice(4)));
  CHECK(store->MarkAmbiguous(target, 0) == 1);
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice()));
  store->ClearInFlight(target, 0);
  CHECK(ReadSlice().attempts == 1);
  CHECK(Numbers(ReadSlice()) == Range(0, 4));
}

TEST_CASE_FIXTURE(Fixture, "a slice whose answer was lost may be sent in parts, each with its attempts") {
  Append(*store, 0, NumberedRows(0, 6));
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice(4)));
  store->MarkAmbiguous(target, 0);
  const Slice part = ReadSlice(1);
  REQUIRE(store->MarkInFlight(target, 0, part));
  AcknowledgeAll(*store, target, 0, part);
  CHECK(ReadSlice().attempts == 1);
  CHECK(Numbers(ReadSlice()) == Range(1, 3));
  AcknowledgeAll(*store, target, 0, ReadSlice());
  CHECK(ReadSlice().attempts == 0);
  CHECK(Numbers(ReadSlice()) == Range(4, 2));
}

TEST_CASE_FIXTURE(Fixture, "parked and buried rows are kept and the lane goes on") {
  Append(*store, 0, NumberedRows(0, 6));
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice(2)));
  store->MarkAmbiguous(target, 0);
  store->Park(target, 0, ReadSlice(2), "answer lost");
  store->Bury(target, 0, ReadSlice(1), "HTTP 500");
  const TargetLedger ledger = store->LedgerOf(target);
  CHECK(ledger.parked == 2);
  CHECK(ledger.dead == 1);
  CHECK(ledger.pending == 3);
  CHECK(LedgerAddsUp(*store, target));
  const auto kept = store->KeptRowsOf(target);
  REQUIRE(kept.size() == 2);
  CHECK_FALSE(kept[0].parked);
  CHECK(kept[0].reason == "HTTP 500");
  CHECK(kept[0].rows == 1);
  CHECK(kept[1].parked);
  CHECK(kept[1].reason == "answer lost");
  CHECK(kept[1].rows == 2);
  CHECK(kept[1].first_ms > 1'600'000'000'000);
  CHECK(ReadSlice().attempts == 0);
  CHECK(Numbers(ReadSlice()) == Range(3, 3));
}

TEST_CASE_FIXTURE(Fixture, "parked rows that are released go to the end of their lane, for their target alone") {
  const std::int64_t other = store->AddTarget("b");
  Append(*store, 0, NumberedRows(0, 4));
  store->Park(target, 0, ReadSlice(2), "answer lost");
  AcknowledgeAll(*store, other, 0, *store->Read(other, 0, kManyRows, kManyBytes));
  CHECK(store->ReleaseParked(target, true) == 2);
  CHECK(store->ReleaseParked(target, true) == 0);
  CHECK(store->LedgerOf(target).parked == 0);
  CHECK(LedgerAddsUp(*store, target));
  CHECK(Numbers(ReadSlice()) == std::vector<int>{2, 3, 0, 1});
  CHECK(ReadSlice().attempts == 0);
  CHECK(ReadSlice().rows[2].time_ms == 1000);
  CHECK_FALSE(store->Read(other, 0, kManyRows, kManyBytes));
  AcknowledgeAll(*store, target, 0, ReadSlice());
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 0);
}

TEST_CASE_FIXTURE(Fixture, "parked rows that are given up are unaccounted") {
  Append(*store, 0, NumberedRows(0, 4));
  store->Park(target, 0, ReadSlice(2), "answer lost");
  CHECK(store->ReleaseParked(target, false) == 2);
  CHECK(store->LedgerOf(target).unaccounted == 2);
  CHECK(LedgerAddsUp(*store, target));
  CHECK(Numbers(ReadSlice()) == Range(2, 2));
}

TEST_CASE_FIXTURE(Fixture, "a damaged batch is dead once for each target, the others are delivered") {
  const std::int64_t other = store->AddTarget("b");
  for (int i = 0; i < 4; ++i) Append(*store, 0, NumberedRows(100 + i * 10, 10));
  Damage(2, kOtherBytes);
  Damage(3, kZeros);
  Reopen();
  for (const std::int64_t id : {target, other}) {
    std::vector<int> received;
    while (const auto slice = store->Read(id, 0, kManyRows, kManyBytes)) {
      const auto numbers = Numbers(*slice);
      received.insert(received.end(), numbers.begin(), numbers.end());
      AcknowledgeAll(*store, id, 0, *slice);
    }
    CHECK(received.size() == 20);
    CHECK(received.front() == 100);
    CHECK(received.back() == 139);
    CHECK(store->LedgerOf(id).dead == 20);
    CHECK(store->KeptRowsOf(id)[0].reason == "corrupt");
    CHECK(LedgerAddsUp(*store, id));
  }
  CHECK(Scalar(*store, "SELECT count(*) FROM batch") == 0);
}

TEST_CASE_FIXTURE(Fixture, "of a batch that is damaged after it was begun, the rest is dead") {
  Append(*store, 0, NumberedRows(0, 10));
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice(4)));
  AcknowledgeAll(*store, target, 0, ReadSlice(4));
  REQUIRE(store->MarkInFlight(target, 0, ReadSlice(3)));
  Damage(1, kZeros);
  Append(*store, 0, NumberedRows(10, 2));
  Reopen();
  CHECK(Numbers(ReadSlice()) == Range(10, 2));
  CHECK(ReadSlice().attempts == 0);
  CHECK(store->LedgerOf(target).dead == 6);
  CHECK(LedgerAddsUp(*store, target));
}

TEST_CASE_FIXTURE(Fixture, "the file gets smaller when a large backlog has been delivered") {
  HitBatch large;
  for (int i = 0; i < 1000; ++i) large.Add({i, "", std::string(1000, 'x')});
  for (int i = 0; i < 40; ++i) Append(*store, 0, large);
  const std::int64_t pages = Scalar(*store, "PRAGMA page_count");
  while (const auto slice = store->Read(target, 0, kManyRows, kManyBytes)) AcknowledgeAll(*store, target, 0, *slice);
  CHECK(Scalar(*store, "PRAGMA page_count") < pages * 3 / 4);
  CHECK(Scalar(*store, "PRAGMA freelist_count") < pages / 2);
}

}  // namespace
}  // namespace hushlog
