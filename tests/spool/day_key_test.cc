#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "tests/spool/faults.h"
#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::CommitDayKeys;
using testing::Contents;
using testing::DestroyDayKeysBefore;
using testing::FailingFiles;
using testing::Scalar;
using testing::TemporaryDirectory;
using Key = std::array<std::uint8_t, 16>;

std::string Bytes(const Key& key) { return {key.begin(), key.end()}; }

// How many of the keys are found in any file of the directory.
int KeysIn(const std::string& directory, const std::vector<Key>& keys) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) all += Contents(entry.path().string());
  int found = 0;
  for (const Key& key : keys) found += all.find(Bytes(key)) != std::string::npos;
  return found;
}

TEST_CASE("a day has one key, also after a restart") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const Key key = store->DayKey(19'000);
  CHECK(store->DayKey(19'000) == key);
  CHECK(store->DayKey(19'001) != key);
  CommitDayKeys(*store);
  CHECK(store->DayKey(19'000) == key);
  store.reset();
  CHECK(Store::Open(directory.path())->DayKey(19'000) == key);
}

TEST_CASE("destroyed keys are in no file of the directory, the others are") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  // More keys than fit on one page, in an order that makes the tree rebalance.
  std::vector<Key> old_keys;
  std::vector<Key> new_keys;
  for (int i = 0; i < 400; ++i) old_keys.push_back(store->DayKey((i * 37) % 400));
  for (int i = 0; i < 10; ++i) new_keys.push_back(store->DayKey(400 + i));
  CommitDayKeys(*store);
  REQUIRE(KeysIn(directory.path(), old_keys) == 400);

  for (const int day : {100, 101, 250, 400}) DestroyDayKeysBefore(*store, day);

  CHECK(KeysIn(directory.path(), old_keys) == 0);
  CHECK(KeysIn(directory.path(), new_keys) == 10);
  CHECK(Scalar(*store, "SELECT count(*) FROM day_key") == 10);
  CHECK(store->DayKey(400) == new_keys[0]);
}

Key StoredKey(const std::string& directory, int day) {
  const auto store = Store::Open(directory);
  const Key key = store->DayKey(day);
  CommitDayKeys(*store);
  return key;
}

TEST_CASE("keys that a killed process deleted, but did not get to erase, are erased by the next one") {
  TemporaryDirectory directory;
  const Key key = StoredKey(directory.path(), 1);
  const pid_t child = fork();
  if (child == 0) {
    const auto store = Store::Open(directory.path());
    store->database().Execute("DELETE FROM day_key");
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  REQUIRE(KeysIn(directory.path(), {key}) == 1);
  const auto store = Store::Open(directory.path());
  DestroyDayKeysBefore(*store, 2);
  CHECK(KeysIn(directory.path(), {key}) == 0);
}

TEST_CASE("a key is unused if nobody asked for it in a process since then") {
  TemporaryDirectory directory;
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  (void)StoredKey(directory.path(), 1);
  (void)StoredKey(directory.path(), 5);
  const auto store = Store::Open(directory.path());
  CHECK(store->UnusedDayKeys(5, now + 60) == std::vector<std::int32_t>{1});
  CHECK(store->UnusedDayKeys(6, now - 60).empty());
  store->database().Execute("UPDATE day_key SET last_used = last_used - 90000");
  CHECK(store->UnusedDayKeys(6, now - 60) == std::vector<std::int32_t>{1, 5});
  (void)store->DayKey(5);
  CommitDayKeys(*store);
  CHECK(store->UnusedDayKeys(6, now - 60) == std::vector<std::int32_t>{1});
}

TEST_CASE("a key is in use whenever it is asked for, also by a process that runs for days") {
  TemporaryDirectory directory;
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto store = Store::Open(directory.path());
  (void)store->DayKey(1);
  CommitDayKeys(*store);
  store->database().Execute("UPDATE day_key SET last_used = last_used - 90000");
  CommitDayKeys(*store);
  CHECK(store->UnusedDayKeys(2, now - 60) == std::vector<std::int32_t>{1});
  (void)store->DayKey(1);
  CommitDayKeys(*store);
  CHECK(store->UnusedDayKeys(2, now - 60).empty());
}

TEST_CASE("who asks for a destroyed day gets a new key") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const Key committed = store->DayKey(1);
  CommitDayKeys(*store);
  DestroyDayKeysBefore(*store, 2);
  const Key pending = store->DayKey(1);
  CHECK(pending != committed);
  DestroyDayKeysBefore(*store, 2);
  const Key last = store->DayKey(1);
  CHECK(last != pending);
  CommitDayKeys(*store);
  CHECK(KeysIn(directory.path(), {committed, pending}) == 0);
  CHECK(KeysIn(directory.path(), {last}) == 1);
}

TEST_CASE("a new key is stored by the transaction that is committed next, before anything else can be") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const Key before = store->DayKey(1);
  WriteTransaction write = store->BeginWrite();
  const Key within = store->DayKey(2);
  CHECK(KeysIn(directory.path(), {before, within}) == 0);
  write.Commit();
  CHECK(KeysIn(directory.path(), {before, within}) == 2);
  store.reset();
  store = Store::Open(directory.path());
  CHECK(store->DayKey(1) == before);
  CHECK(store->DayKey(2) == within);
}

TEST_CASE("a new key outlives transactions that are rolled back or fail, and is stored by the next one") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const Key key = store->DayKey(1);
  { const WriteTransaction rolled_back = store->BeginWrite(); }
  CHECK(store->DayKey(1) == key);
  {
    const FailingFiles failing(ENOSPC, 0);
    CHECK_THROWS_AS(CommitDayKeys(*store), StoreFull);
  }
  CHECK(store->DayKey(1) == key);
  CHECK(Scalar(*store, "SELECT count(*) FROM day_key") == 0);
  CommitDayKeys(*store);
  CHECK(Scalar(*store, "SELECT count(*) FROM day_key") == 1);
  store.reset();
  CHECK(Store::Open(directory.path())->DayKey(1) == key);
}

TEST_CASE("new keys alone write nothing") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const FailingFiles failing(ENOSPC, EIO);
  for (int day = 0; day < 20'000; ++day) store->DayKey(day);
}

}  // namespace
}  // namespace hushlog
