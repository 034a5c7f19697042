// kill -9 at any moment: checkpoint and hits agree, the ledger adds up, no row is missing, few come twice.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "tests/spool/faults.h"
#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::Contents;
using testing::DestroyDayKeysBefore;
using testing::KillAtFileCall;
using testing::LedgerAddsUp;
using testing::NumberedRows;
using testing::Numbers;
using testing::TemporaryDirectory;
using testing::WriteFile;

constexpr int kRowsPerTransaction = 3;
constexpr std::size_t kSliceRows = 4;

// Row numbers committed so far are 0 to checkpoint - 1.
int Checkpoint(Store& store) {
  const auto sources = store.Sources();
  return sources.empty() ? 0 : std::stoi(sources[0].checkpoint);
}

void IngestOnce(Store& store) {
  const int rows = Checkpoint(store);
  WriteTransaction write = store.BeginWrite();
  write.PutSource(1, std::to_string(rows + kRowsPerTransaction));
  write.Append(rows / kRowsPerTransaction % kLanes, NumberedRows(rows, kRowsPerTransaction));
  write.Count("rows", kRowsPerTransaction);
  write.Commit();
}

// A target that writes down what it is sent.
bool DeliverOnce(Store& store, std::int64_t target, int lane, const std::string& received) {
  const auto slice = store.Read(target, lane, kSliceRows, 1 << 20);
  if (!slice) return false;
  if (slice->attempts > 1) {
    store.Park(target, lane, *slice, "answer lost");
    return true;
  }
  if (!store.MarkInFlight(target, lane, *slice)) return false;
  std::ofstream log(received, std::ios::app);
  for (const int number : Numbers(*slice)) log << number << '\n';
  log.close();
  store.Acknowledge(target, lane, *slice, {static_cast<std::int64_t>(slice->rows.size()), 0, 0});
  return true;
}

[[noreturn]] void Work(const std::string& directory, const std::string& received, long kill_at) {
  KillAtFileCall(kill_at);
  auto store = Store::Open(directory);
  const std::int64_t target = store->AddTarget("a");
  for (int i = 0; i < 12; ++i) {
    store->DayKey(i);
    IngestOnce(*store);
    DeliverOnce(*store, target, i % kLanes, received);
    if (i % 5 == 4) store->ReleaseParked(target, true);
    if (i % 4 == 3) DestroyDayKeysBefore(*store, i);
  }
  store.reset();
  _exit(0);
}

// Returns true if the child was killed, false if it came to its end.
bool RunKilledAt(const std::string& directory, const std::string& received, long kill_at) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      Work(directory, received, kill_at);
    } catch (...) {
      _exit(1);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  return WIFSIGNALED(status);
}

void CheckAgreement(Store& store, std::int64_t target) {
  const int rows = Checkpoint(store);
  CHECK(rows % kRowsPerTransaction == 0);
  CHECK(store.LedgerOf(target).hits == rows);
  CHECK(store.IngestLedger()["rows"] == rows);
  CHECK(LedgerAddsUp(store, target));
}

std::map<int, int> TimesReceived(const std::string& received) {
  std::map<int, int> times;
  std::ifstream log(received);
  for (int number = 0; log >> number;) ++times[number];
  return times;
}

TEST_CASE("killed at any file operation again and again: nothing is lost, repeats are bounded") {
  TemporaryDirectory directory;
  const std::string state = directory.Path("state");
  const std::string received = directory.Path("received");
  int kills = 0;
  for (long kill_at = 1; kill_at <= 150; ++kill_at) {
    kills += RunKilledAt(state, received, kill_at) ? 1 : 0;
    if (kill_at % 5 != 0) continue;
    auto store = Store::Open(state);
    CheckAgreement(*store, store->AddTarget("a"));
  }
  CHECK(kills == 150);

  auto store = Store::Open(state);
  const std::int64_t target = store->AddTarget("a");
  store->ReleaseParked(target, true);
  for (int lane = 0; lane < kLanes; ++lane) {
    while (DeliverOnce(*store, target, lane, received)) CHECK(LedgerAddsUp(*store, target));
  }
  store->ReleaseParked(target, true);
  for (int lane = 0; lane < kLanes; ++lane) {
    while (DeliverOnce(*store, target, lane, received)) continue;
  }
  const int rows = Checkpoint(*store);
  CHECK(rows > 300);
  const auto times = TimesReceived(received);
  CHECK(static_cast<int>(times.size()) == rows);
  int repeats = 0;
  for (const auto& [number, count] : times) repeats += count - 1;
  CHECK(repeats <= kills * static_cast<int>(kSliceRows));
  CHECK(store->LedgerOf(target).tracked == rows);
}

TEST_CASE("killed while the database is created: the next start creates it") {
  for (long kill_at = 1; kill_at <= 40; kill_at += 3) {
    TemporaryDirectory directory;
    RunKilledAt(directory.path(), directory.Path("received"), kill_at);
    auto store = Store::Open(directory.path());
    CheckAgreement(*store, store->AddTarget("a"));
  }
}

TEST_CASE("power failure: whatever part of the WAL has reached the disk, checkpoint and hits agree") {
  TemporaryDirectory directory;
  const std::string state = directory.Path("state");
  auto store = Store::Open(state);
  const std::int64_t target = store->AddTarget("a");
  for (int i = 0; i < 6; ++i) {
    IngestOnce(*store);
    DeliverOnce(*store, target, 0, directory.Path("received"));
  }
  const std::string database = Contents(state + "/hushlog.db");
  const std::string wal = Contents(state + "/hushlog.db-wal");
  const int committed = Checkpoint(*store);
  REQUIRE(wal.size() > 100'000);
  std::map<int, int> seen;
  for (std::size_t size = 0; size <= wal.size(); size += 3001) {
    const std::string copy = directory.Path("copy");
    std::filesystem::remove_all(copy);
    std::filesystem::create_directory(copy);
    WriteFile(copy + "/hushlog.db", database);
    // The last page torn, and nothing behind it.
    WriteFile(copy + "/hushlog.db-wal",
              wal.substr(0, size) + std::string(std::min<std::size_t>(4096, wal.size() - size), '\0'));
    auto opened = Store::Open(copy);
    ++seen[Checkpoint(*opened)];
    CheckAgreement(*opened, opened->AddTarget("a"));
  }
  CHECK(seen.size() > 5);
  CHECK(seen.rbegin()->first <= committed);
}

}  // namespace
}  // namespace hushlog
