#include "src/spool/hit_batch.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace hushlog {
namespace {

TEST_CASE("rows come back as they were added") {
  const std::string long_params(100'000, 'x');
  HitBatch batch;
  batch.Add({1'700'000'000'123, "192.0.2.0", R"("rec":"1")", 0xfedcba9876543210});
  batch.Add({-1, "", ""});
  batch.Add({0, std::string(255, 'a'), long_params});
  std::vector<HitRow> rows;
  REQUIRE(DecodeRows(batch.body(), &rows));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].time_ms == 1'700'000'000'123);
  CHECK(rows[0].visitor == 0xfedcba9876543210);
  CHECK(rows[0].address == "192.0.2.0");
  CHECK(rows[0].params == R"("rec":"1")");
  CHECK(rows[1].time_ms == -1);
  CHECK(rows[1].address.empty());
  CHECK(rows[2].address.size() == 255);
  CHECK(rows[2].params == long_params);
}

TEST_CASE("a batch knows its rows and their time range, in any order") {
  HitBatch batch;
  batch.Add({5, "", "a"});
  batch.Add({3, "", "b"});
  batch.Add({9, "", "c"});
  CHECK(batch.rows() == 3);
  CHECK(batch.first_ms() == 3);
  CHECK(batch.last_ms() == 9);
  batch.clear();
  CHECK(batch.rows() == 0);
  CHECK(batch.body().empty());
  CHECK(batch.last_ms() == 0);
}

TEST_CASE("the layout is little-endian and as documented") {
  HitBatch batch;
  batch.Add({0x0102, "A", "pq", 3});
  CHECK(batch.body() == std::string("\x02\0\0\0\x01\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0Apq", 24));
}

TEST_CASE("a body that is cut anywhere within a row is broken") {
  HitBatch batch;
  batch.Add({1, "192.0.2.0", "params"});
  for (std::size_t size = 1; size < batch.body().size(); ++size) {
    std::vector<HitRow> rows;
    CHECK_FALSE(DecodeRows(std::string_view(batch.body()).substr(0, size), &rows));
  }
}

TEST_CASE("an address that does not fit is refused") {
  HitBatch batch;
  CHECK_THROWS_AS(batch.Add({1, std::string(256, 'a'), ""}), std::length_error);
  CHECK(batch.rows() == 0);
}

}  // namespace
}  // namespace hushlog
