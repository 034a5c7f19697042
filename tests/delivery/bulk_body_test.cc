#include "src/delivery/bulk_body.h"

#include <doctest/doctest.h>

namespace hushlog {
namespace {

HitRow RowOf(std::string_view params, std::string_view address) {
  HitRow row;
  row.params = params;
  row.address = address;
  return row;
}

Receiver Site(std::uint32_t site_id, std::string_view token_auth = "") { return {site_id, token_auth, {}}; }

TEST_CASE("a bulk body holds objects with the site, the params, the address and one token") {
  const std::vector<HitRow> rows = {RowOf(R"("rec":"1","cid":"a")", "192.0.2.0"), RowOf(R"("rec":"1")", "")};
  CHECK(BulkBody(rows, Site(7, "secret")) ==
        R"({"requests":[{"idsite":7,"rec":"1","cid":"a","cip":"192.0.2.0"},{"idsite":7,"rec":"1"}],)"
        R"("token_auth":"secret"})");
}

TEST_CASE("without a token no address is sent, as Matomo would refuse the hit") {
  CHECK(BulkBody({RowOf(R"("rec":"1")", "192.0.2.0")}, Site(7)) == R"({"requests":[{"idsite":7,"rec":"1"}]})");
}

TEST_CASE("a token with odd characters stays one JSON string") {
  CHECK(BulkBody({RowOf("", "")}, Site(1, "a\"b\\c\x01")) ==
        "{\"requests\":[{\"idsite\":1}],\"token_auth\":\"a\\\"b\\\\c\\u0001\"}");
}

TEST_CASE("a copy of a body lacks the token, and nothing else") {
  const std::vector<HitRow> rows = {RowOf(R"("rec":"1","e_n":"a\",\"token_auth\":\"b")", "192.0.2.0")};
  const std::string rest = R"({"requests":[{"idsite":7,"rec":"1","e_n":"a\",\"token_auth\":\"b","cip":"192.0.2.0"}])";
  for (const char* token : {"secret", "a\"b", ",\"token_auth\":\"x\"}", "removed"}) {
    CAPTURE(token);
    CHECK(WithoutToken(BulkBody(rows, Site(7, token))) == rest + R"(,"token_auth":"removed"})");
  }
  CHECK(WithoutToken(BulkBody({RowOf("", "")}, Site(7))) == BulkBody({RowOf("", "")}, Site(7)));
}

TEST_CASE("targets with different keys cannot tell that a visitor is the same, and one target can") {
  HitRow row = RowOf(R"("rec":"1")", "");
  row.visitor = 0x0123456789abcdef;
  const Receiver one{1, "", {1}};
  const Receiver other{1, "", {2}};
  CHECK(BulkBody({row}, one).starts_with(R"({"requests":[{"idsite":1,"rec":"1","cid":")"));
  CHECK(BulkBody({row}, one) == BulkBody({row}, one));
  CHECK(BulkBody({row}, one) != BulkBody({row}, other));
  CHECK(BulkBody({row}, one).find("0123456789abcdef") == std::string::npos);
}

TEST_CASE("the health check is a request that is not to be recorded") {
  CHECK(HealthCheckBody(Site(3)) == R"({"requests":[{"idsite":3,"rec":"0"}]})");
  CHECK(HealthCheckBody(Site(3, "t")) == R"({"requests":[{"idsite":3,"rec":"0"}],"token_auth":"t"})");
}

}  // namespace
}  // namespace hushlog
