// A broken database is replaced by what the side checkpoint remembers.
#include <doctest/doctest.h>

#include <functional>

#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::Append;
using testing::Contents;
using testing::LedgerAddsUp;
using testing::NumberedRows;
using testing::TemporaryDirectory;
using testing::WriteFile;

// 10 lines read, 7 hits for the target, of which 4 were sent, 1 is parked and 2 wait.
void Fill(Store& store) {
  const std::int64_t target = store.AddTarget("a");
  {
    WriteTransaction write = store.BeginWrite();
    write.PutSource(0, "position");
    write.Count("lines_read", 10);
    write.Append(0, NumberedRows(0, 7));
    write.Commit();
  }
  testing::AcknowledgeAll(store, target, 0, *store.Read(target, 0, 4, 1 << 20));
  const Slice slice = *store.Read(target, 0, 1, 1 << 20);
  REQUIRE(store.MarkInFlight(target, 0, slice));
  store.Park(target, 0, slice, "no answer");
}

struct Damage {
  const char* name;
  std::function<void(const std::string& database)> damage;
};

const Damage kDamages[] = {
    {"empty", [](const std::string& path) { WriteFile(path, ""); }},
    {"zeros", [](const std::string& path) { WriteFile(path, std::string(65536, '\0')); }},
    {"cut short", [](const std::string& path) { WriteFile(path, Contents(path).substr(0, 8192)); }},
    {"missing", [](const std::string& path) { std::filesystem::remove(path); }},
};

TEST_CASE("47: a broken database is put aside, and the positions of the side checkpoint are used") {
  for (const Damage& damage : kDamages) {
    const std::string name = damage.name;
    CAPTURE(name);
    TemporaryDirectory directory;
    {
      const auto store = Store::Open(directory.path());
      Fill(*store);
      store->WriteSideCheckpoint();
    }
    damage.damage(directory.Path("hushlog.db"));
    const auto store = Store::Open(directory.path());
    CHECK(store->notice().find("hits that waited for targets then are lost") != std::string::npos);
    REQUIRE(store->Sources().size() == 1);
    CHECK(store->Sources()[0].checkpoint == "position");
    CHECK(store->IngestLedger()["lines_read"] == 10);
    const std::int64_t target = store->AddTarget("a");
    CHECK(store->LedgerOf(target).tracked == 4);
    CHECK(store->LedgerOf(target).dead == 3);
    CHECK(LedgerAddsUp(*store, target));
    Append(*store, 0, NumberedRows(0, 2));
    CHECK(store->Read(target, 0, 10, 1 << 20)->rows.size() == 2);
  }
}

TEST_CASE("47: damage that is found while the database is used is put aside for the next start") {
  TemporaryDirectory directory;
  {
    const auto store = Store::Open(directory.path());
    Fill(*store);
    store->WriteSideCheckpoint();
  }
  std::string bytes = Contents(directory.Path("hushlog.db"));
  for (std::size_t page = 4096; page < bytes.size(); page += 4096) bytes.replace(page, 4096, 4096, 'x');
  WriteFile(directory.Path("hushlog.db"), bytes);
  try {
    const auto store = Store::Open(directory.path());
    (void)store->Sources();
    CHECK_FALSE(store->notice().empty());
  } catch (const StoreBroken&) {
  }
  CHECK_NOTHROW(Store::Open(directory.path())->Sources());
}

TEST_CASE("47: nothing is touched if the side checkpoint is damaged, too") {
  TemporaryDirectory directory;
  {
    const auto store = Store::Open(directory.path());
    Fill(*store);
    store->WriteSideCheckpoint();
  }
  for (const char* name : {"hushlog.db", "hushlog-checkpoint.db"}) WriteFile(directory.Path(name), "damage");
  CHECK_THROWS_AS(Store::Open(directory.path()), StoreBroken);
  CHECK(Contents(directory.Path("hushlog.db")) == "damage");
}

TEST_CASE("47: of a broken database the -wal goes aside, too, and cannot become part of the new one") {
  TemporaryDirectory directory;
  {
    const auto store = Store::Open(directory.path());
    Fill(*store);
    store->WriteSideCheckpoint();
  }
  WriteFile(directory.Path("hushlog.db"), "");
  WriteFile(directory.Path("hushlog.db-wal"), "of the broken one");
  const auto store = Store::Open(directory.path());
  CHECK(Contents(directory.Path("hushlog.db-wal")).find("of the broken one") == std::string::npos);
  int aside = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
    aside += file.path().filename().string().starts_with("hushlog.db.broken-") ? 1 : 0;
  }
  CHECK(aside == 2);
}

TEST_CASE("the side checkpoint holds no day keys") {
  TemporaryDirectory directory;
  const auto store = Store::Open(directory.path());
  const auto key = store->DayKey(7);
  Fill(*store);
  store->WriteSideCheckpoint();
  const std::string bytes = Contents(directory.Path("hushlog-checkpoint.db"));
  CHECK(bytes.find(std::string(key.begin(), key.end())) == std::string::npos);
  CHECK(Contents(directory.Path("hushlog.db-wal")).find(std::string(key.begin(), key.end())) != std::string::npos);
}

}  // namespace
}  // namespace hushlog
