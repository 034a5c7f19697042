#include "src/spool/database.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "tests/spool/faults.h"
#include "tests/spool/spool_test_support.h"

namespace hushlog {
namespace {

using testing::FailingFiles;
using testing::TemporaryDirectory;

std::int64_t Scalar(Database& database, std::string_view sql) {
  Statement statement = database.Prepare(sql);
  REQUIRE(statement.Step());
  return statement.Integer(0);
}

struct Fixture {
  TemporaryDirectory directory;
  Database database{directory.Path("test.db")};
  Fixture() { database.Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value)"); }
  void Insert(std::string_view text) { database.Prepare("INSERT INTO t (value) VALUES (?)").Bind(1, text).Run(); }
  std::int64_t Rows() { return Scalar(database, "SELECT count(*) FROM t"); }
};

TEST_CASE_FIXTURE(Fixture, "values come back as they were bound") {
  const std::string bytes("a\0b\xff", 4);
  Statement insert = database.Prepare("INSERT INTO t (value) VALUES (?)");
  insert.Bind(1, std::int64_t{1} << 60).Run();
  insert.Bind(1, "grüße").Run();
  insert.BindBlob(1, bytes).Run();
  insert.Bind(1, std::string_view()).Run();
  insert.BindBlob(1, std::string_view()).Run();
  Statement select = database.Prepare("SELECT value, NULL, typeof(value) FROM t ORDER BY id");
  REQUIRE(select.Step());
  CHECK(select.Integer(0) == std::int64_t{1} << 60);
  CHECK(select.IsNull(1));
  REQUIRE(select.Step());
  CHECK(select.Text(0) == "grüße");
  REQUIRE(select.Step());
  CHECK(select.Blob(0) == bytes);
  REQUIRE(select.Step());
  CHECK(select.Text(2) == "text");
  REQUIRE(select.Step());
  CHECK(select.Text(2) == "blob");
  CHECK_FALSE(select.Step());
}

TEST_CASE_FIXTURE(Fixture, "the same text prepared while it is in use gives an independent statement") {
  Insert("a");
  Insert("b");
  Statement outer = database.Prepare("SELECT value FROM t ORDER BY id");
  REQUIRE(outer.Step());
  {
    Statement inner = database.Prepare("SELECT value FROM t ORDER BY id");
    REQUIRE(inner.Step());
    CHECK(inner.Text(0) == "a");
  }
  REQUIRE(outer.Step());
  CHECK(outer.Text(0) == "b");
}

TEST_CASE_FIXTURE(Fixture, "a statement starts without the bindings of its last use") {
  Insert("a");
  database.Prepare("INSERT INTO t (value) VALUES (?)").Run();
  CHECK(Scalar(database, "SELECT count(*) FROM t WHERE value IS NULL") == 1);
}

TEST_CASE_FIXTURE(Fixture, "a transaction that is not committed leaves nothing") {
  {
    Transaction transaction(database);
    Insert("a");
  }
  CHECK(Rows() == 0);
  Transaction transaction(database);
  Insert("b");
  transaction.Commit();
  CHECK(Rows() == 1);
}

TEST_CASE_FIXTURE(Fixture, "transactions do not nest, and the attempt leaves the outer one alone") {
  Transaction outer(database);
  Insert("a");
  CHECK_THROWS_AS(Transaction{database}, std::logic_error);
  outer.Commit();
  CHECK(Rows() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after an error nothing of the transaction can be stored") {
  {
    Transaction transaction(database);
    Insert("a");
    CHECK_THROWS_AS(database.Prepare("INSERT INTO t (id) VALUES (1)").Run(), StoreError);
    CHECK_THROWS_AS(Insert("b"), StoreError);
    CHECK_THROWS_AS(transaction.Commit(), StoreError);
  }
  CHECK(Rows() == 0);
  Insert("c");
  CHECK(Rows() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an error text never holds a bound value") {
  database.Execute("CREATE UNIQUE INDEX i ON t (value)");
  Insert("secret");
  try {
    Insert("secret");
    FAIL("no error");
  } catch (const StoreError& error) {
    CHECK(std::string(error.what()).find("secret") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "the settings that durability and privacy rest on are in force") {
  CHECK(Scalar(database, "PRAGMA synchronous") == 2);
  CHECK(Scalar(database, "PRAGMA secure_delete") == 1);
  CHECK(Scalar(database, "PRAGMA auto_vacuum") == 2);
  CHECK(Scalar(database, "PRAGMA mmap_size") == 0);
  Statement mode = database.Prepare("PRAGMA journal_mode");
  REQUIRE(mode.Step());
  CHECK(mode.Text(0) == "wal");
  Statement locking = database.Prepare("PRAGMA locking_mode");
  REQUIRE(locking.Step());
  CHECK(locking.Text(0) == "exclusive");
  CHECK_FALSE(std::filesystem::exists(directory.Path("test.db-shm")));
}

TEST_CASE_FIXTURE(Fixture, "no space left is told apart, and the database works again afterwards") {
  for (const int error : {ENOSPC, EDQUOT}) {
    {
      const FailingFiles failing(error, 0);
      CHECK_THROWS_AS(Insert("a"), StoreFull);
    }
    const std::int64_t before = Rows();
    Insert("b");
    CHECK(Rows() == before + 1);
  }
  CHECK(Rows() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a failed write rolls the transaction back, and the next one works") {
  {
    const FailingFiles failing(EIO, 0);
    Transaction transaction(database);
    Insert("a");
    CHECK_THROWS_WITH_AS(transaction.Commit(), doctest::Contains("Input/output error"), StoreError);
  }
  CHECK(Rows() == 0);
  Insert("b");
  CHECK(Rows() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after a failed sync nothing is taken for durable any more") {
  {
    const FailingFiles failing(0, EIO);
    CHECK_THROWS_AS(Insert("a"), StoreError);
  }
  CHECK_THROWS_AS(Insert("b"), StoreError);
  CHECK_THROWS_AS(Transaction{database}, StoreError);
}

}  // namespace
}  // namespace hushlog
