#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::AcknowledgeAll;
using testing::Append;
using testing::CommitDayKeys;
using testing::DestroyDayKeysBefore;
using testing::LedgerAddsUp;
using testing::NumberedRows;
using testing::Numbers;
using testing::Range;
using testing::TemporaryDirectory;

TEST_CASE("targets and lanes are delivered at the same time as hits are written and the state is read") {
  constexpr int kBatches = 40;
  constexpr int kRows = 5;
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const auto targets = store->SetActiveTargets({"a", "b"});
  std::atomic<bool> written = false;
  std::vector<std::vector<int>> received(targets.size() * kLanes);

  const auto deliver = [&](std::size_t which, int lane) {
    auto& numbers = received[which * kLanes + static_cast<std::size_t>(lane)];
    for (;;) {
      const bool last = written;
      const auto slice = store->Read(targets[which], lane, 7, 1 << 20);
      if (!slice && last) return;
      if (!slice) {
        std::this_thread::yield();
        continue;
      }
      CHECK(store->MarkInFlight(targets[which], lane, *slice));
      const auto more = Numbers(*slice);
      numbers.insert(numbers.end(), more.begin(), more.end());
      AcknowledgeAll(*store, targets[which], lane, *slice);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t which = 0; which < targets.size(); ++which) {
    for (int lane = 0; lane < kLanes; ++lane) threads.emplace_back(deliver, which, lane);
  }
  threads.emplace_back([&] {
    for (int day = 0; !written; ++day) {
      store->DayKey(day);
      if (day % 2 == 0) CommitDayKeys(*store);
      DestroyDayKeysBefore(*store, day);
      CHECK(store->Targets().size() == 2);
    }
  });
  for (int i = 0; i < kBatches; ++i) {
    for (int lane = 0; lane < kLanes; ++lane) Append(*store, lane, NumberedRows(i * kRows, kRows));
  }
  written = true;
  for (std::thread& thread : threads) thread.join();

  for (const auto& numbers : received) CHECK(numbers == Range(0, kBatches * kRows));
  for (const std::int64_t target : targets) {
    CHECK(store->LedgerOf(target).tracked == kLanes * kBatches * kRows);
    CHECK(LedgerAddsUp(*store, target));
  }
}

}  // namespace
}  // namespace hushlog
