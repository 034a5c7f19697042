// Opening: what is created, what is refused.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "tests/spool/faults.h"
#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::Contents;
using testing::FailingFiles;
using testing::Scalar;
using testing::TemporaryDirectory;
using testing::WriteFile;

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

void OpenAndClose(const std::string& directory) {
  auto store = Store::Open(directory);
  store->AddTarget("a");
}

TEST_CASE("directory and files are private whatever the umask") {
  for (const mode_t mask : {mode_t{0}, mode_t{0277}}) {
    TemporaryDirectory directory;
    const mode_t before = umask(mask);
    std::filesystem::create_directory(directory.Path("parent"));
    chmod(directory.Path("parent").c_str(), 0755);
    const std::string state = directory.Path("parent/state");
    auto store = Store::Open(state);
    store->AddTarget("a");
    umask(before);
    CHECK(ModeOf(state) == 0700);
    for (const char* name : {"/hushlog.db", "/hushlog.db-wal", "/hushlog.lock"}) CHECK(ModeOf(state + name) == 0600);
  }
}

TEST_CASE("missing parents are created") {
  TemporaryDirectory directory;
  OpenAndClose(directory.Path("a/b/c"));
  CHECK(ModeOf(directory.Path("a/b/c")) == 0700);
  OpenAndClose(directory.Path("d/e/"));
  CHECK(ModeOf(directory.Path("d/e")) == 0700);
}

TEST_CASE("loose modes of an existing database are corrected") {
  TemporaryDirectory directory;
  OpenAndClose(directory.path());
  chmod(directory.Path("hushlog.db").c_str(), 0644);
  OpenAndClose(directory.path());
  CHECK(ModeOf(directory.Path("hushlog.db")) == 0600);
}

TEST_CASE("a database from before copies were kept gets the tables for them") {
  TemporaryDirectory directory;
  OpenAndClose(directory.path());
  Store::Open(directory.path())->database().Execute("DROP TABLE sent; DROP TABLE sent_chain");
  const auto store = Store::Open(directory.path());
  CHECK(Scalar(*store, "SELECT count(*) FROM sent_chain") == 0);
  CHECK(Scalar(*store, "SELECT count(*) FROM sent") == 0);
}

TEST_CASE("a second hushlog is told who uses the directory, and may open it afterwards") {
  TemporaryDirectory directory;
  auto store = Store::Open(directory.path());
  const std::string expected = "is in use by another hushlog (process " + std::to_string(getpid()) + ")";
  CHECK_THROWS_WITH_AS(Store::Open(directory.path()), doctest::Contains(expected.c_str()), StoreError);
  store.reset();
  CHECK(Store::Open(directory.path()) != nullptr);
}

TEST_CASE("the lock of a process that was killed is gone") {
  TemporaryDirectory directory;
  const pid_t child = fork();
  if (child == 0) {
    const auto store = Store::Open(directory.path());
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(Store::Open(directory.path()) != nullptr);
}

TEST_CASE("a state directory behind a symbolic link is fine") {
  TemporaryDirectory directory;
  std::filesystem::create_directory(directory.Path("real"));
  std::filesystem::create_directory_symlink("real", directory.Path("link"));
  OpenAndClose(directory.Path("link"));
  CHECK(std::filesystem::exists(directory.Path("real/hushlog.db")));
}

struct Refusal {
  const char* name;
  std::function<void(const TemporaryDirectory&)> damage;
  const char* message;
};

const Refusal kRefusals[] = {
    {"database emptied", [](const auto& d) { WriteFile(d.Path("hushlog.db"), ""); }, "is broken (it is empty)"},
    {"database of zeros", [](const auto& d) { WriteFile(d.Path("hushlog.db"), std::string(65536, '\0')); },
     "is broken"},
    {"database of text", [](const auto& d) { WriteFile(d.Path("hushlog.db"), std::string(5000, 'x')); }, "is broken"},
    {"database cut short",
     [](const auto& d) { WriteFile(d.Path("hushlog.db"), Contents(d.Path("hushlog.db")).substr(0, 8192)); },
     "is broken"},
    {"first page overwritten",
     [](const auto& d) {
       WriteFile(d.Path("hushlog.db"), std::string(4096, 'x') + Contents(d.Path("hushlog.db")).substr(4096));
     },
     "is broken"},
    {"database gone, WAL left",
     [](const auto& d) {
       std::filesystem::remove(d.Path("hushlog.db"));
       WriteFile(d.Path("hushlog.db-wal"), "x");
     },
     "is missing, but its -wal file is there"},
    {"symbolic link in place of the database",
     [](const auto& d) {
       std::filesystem::rename(d.Path("hushlog.db"), d.Path("elsewhere"));
       std::filesystem::create_symlink("elsewhere", d.Path("hushlog.db"));
     },
     "is a symbolic link"},
    {"dangling link in place of the database",
     [](const auto& d) {
       std::filesystem::remove(d.Path("hushlog.db"));
       std::filesystem::create_symlink("nowhere", d.Path("hushlog.db"));
     },
     "is a symbolic link"},
    {"symbolic link in place of the lock",
     [](const auto& d) {
       std::filesystem::remove(d.Path("hushlog.lock"));
       std::filesystem::create_symlink("hushlog.db", d.Path("hushlog.lock"));
     },
     "is a symbolic link"},
    {"newer schema", [](const auto& d) { Database(d.Path("hushlog.db")).Execute("PRAGMA user_version=3"); },
     "written by a newer hushlog"},
    {"schema from before the first release",
     [](const auto& d) { Database(d.Path("hushlog.db")).Execute("PRAGMA user_version=1"); }, "start afresh"},
    {"schema of no version", [](const auto& d) { Database(d.Path("hushlog.db")).Execute("PRAGMA user_version=0"); },
     "is broken"},
    {"database of another program",
     [](const auto& d) { Database(d.Path("hushlog.db")).Execute("PRAGMA application_id=7"); },
     "is not a hushlog database"},
    {"directory writable by everyone", [](const auto& d) { chmod(d.path().c_str(), 0777); }, "everyone may write"},
};

TEST_CASE("what cannot be trusted is refused, and left as it is") {
  for (const Refusal& refusal : kRefusals) {
    const std::string name = refusal.name;
    CAPTURE(name);
    TemporaryDirectory directory;
    OpenAndClose(directory.path());
    refusal.damage(directory);
    const std::string before = Contents(directory.Path("hushlog.db"));
    CHECK_THROWS_WITH_AS(Store::Open(directory.path()), doctest::Contains(refusal.message), StoreError);
    CHECK(Contents(directory.Path("hushlog.db")) == before);
  }
}

TEST_CASE("a directory that cannot be made is refused") {
  TemporaryDirectory directory;
  WriteFile(directory.Path("file"), "");
  CHECK_THROWS_AS(Store::Open(directory.Path("file")), StoreError);
  CHECK_THROWS_AS(Store::Open(directory.Path("file/below")), StoreError);
  CHECK_THROWS_AS(Store::Open(""), StoreError);
  CHECK_THROWS_AS(Store::Open("/proc/hushlog"), StoreError);
}

TEST_CASE("what an interrupted creation left is no obstacle") {
  TemporaryDirectory directory;
  WriteFile(directory.Path("hushlog.db.new"), "half");
  WriteFile(directory.Path("hushlog.db.new-wal"), "half");
  OpenAndClose(directory.path());
  CHECK_FALSE(std::filesystem::exists(directory.Path("hushlog.db.new")));
}

// Returns true if there was space enough.
bool OpenOnDiskThatFills(const std::string& directory, long good_writes) {
  const FailingFiles failing(ENOSPC, 0, good_writes);
  try {
    Store::Open(directory);
    return true;
  } catch (const StoreFull&) {
    return false;
  }
}

TEST_CASE("a disk that is full while the database is created: nothing is left, and the next start creates it") {
  constexpr long kMaxWrites = 500;
  long writes = 0;
  for (bool enough = false; !enough && writes < kMaxWrites; ++writes) {
    CAPTURE(writes);
    TemporaryDirectory directory;
    enough = OpenOnDiskThatFills(directory.path(), writes);
    CHECK(std::filesystem::exists(directory.Path("hushlog.db")) == enough);
    for (const char* name : {"hushlog.db.new", "hushlog.db.new-wal"}) {
      CHECK_FALSE(std::filesystem::exists(directory.Path(name)));
    }
    CHECK_NOTHROW(OpenAndClose(directory.path()));
  }
  CHECK(writes > 20);
  CHECK(writes < kMaxWrites);
}

}  // namespace
}  // namespace hushlog
