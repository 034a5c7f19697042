#include <doctest/doctest.h>

#include "tests/parsers/parse_support.h"

namespace hushlog {
namespace {

const std::vector<std::string> kAsked = {"cookie_no_usage", "http_x_tier", "ssl_protocol"};

// The values of kAsked in a line, as "a|b|c"; "none" if the format has none of them.
std::string Extra(std::string_view spec, std::string_view line) {
  const LogFormat format = LogFormat::Compile(spec, kAsked);
  LineParser parser(format);
  const Padded padded(line);
  Request request;
  const LineStatus status = parser.Parse(padded.text(), &request);
  if (status != LineStatus::kOk) return std::string(ToString(status));
  if (request.extra.empty()) return "none";
  std::string values;
  for (const std::string_view value : request.extra) values += std::string(value) + "|";
  values.pop_back();
  return values;
}

}  // namespace

TEST_CASE("fields that are asked for by name are read wherever a format has them") {
  constexpr std::string_view kLine = R"(192.0.2.1 [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200)";
  const std::string line(kLine);
  struct {
    std::string spec, line, values;
  } const kCases[] = {
      {R"($remote_addr [$time_local] "$request" $status)", line, "none"},
      {R"($remote_addr [$time_local] "$request" $status "$cookie_no_usage" $ssl_protocol)", line + R"( "1" TLSv1.3)",
       "1||TLSv1.3"},
      {R"($remote_addr [$time_local] "$request" $status "$cookie_No_Usage")", line + R"( "a\x22b")", "a\"b||"},
      {R"($remote_addr [$time_local] "$request" $status "$cookie_other" "$http_x_tier")", line + R"( "1" "-")", "||"},
      {R"(%h %t "%r" %>s "%{no_usage}C" "%{X-Tier}i" %{SSL_PROTOCOL}x)", line + R"( "yes" "gold" TLSv1)",
       "yes|gold|TLSv1"},
      {"json",
       R"({"time":"2026-11-23T05:19:28Z","remote_addr":"192.0.2.1","target":"/","status":200,)"
       R"("cookie_no_usage":"1","http_x_tier":2})",
       "1|2|"},
      {"json:time=t,remote_addr=a,target=u,status=s,cookie_no_usage=c,cookie_unasked=d",
       R"({"t":"2026-11-23T05:19:28Z","a":"192.0.2.1","u":"/","s":200,"c":"1","d":"2"})", "1||"},
      {R"(log_format j escape=json '{"t":"$time_iso8601","a":"$remote_addr","u":"$request_uri","s":$status,)"
       R"("c":"$cookie_no_usage","p":"$ssl_protocol"}';)",
       R"({"t":"2026-11-23T05:19:28Z","a":"192.0.2.1","u":"/","s":200,"c":"","p":"TLSv1.2"})", "||TLSv1.2"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.spec);
    CHECK(Extra(c.spec, c.line) == c.values);
  }
}

TEST_CASE("a format tells which of the fields asked for it has") {
  const LogFormat format =
      LogFormat::Compile(R"($remote_addr [$time_local] "$request" $status "$http_x_tier")", kAsked);
  REQUIRE(format.extra_fields().size() == 3);
  CHECK_FALSE(format.has_field(kAsked[0]));
  CHECK(format.has_field(kAsked[1]));
}

TEST_CASE("a format tells which fields of Request it has") {
  const LogFormat format = LogFormat::Compile("common");
  for (const std::string_view name : {"remote_addr", "remote_user", "method", "target", "protocol"}) {
    CAPTURE(name);
    CHECK(format.has_field(name));
  }
  for (const std::string_view name :
       {"host", "referer", "user_agent", "accept_language", "dnt", "sec_gpc", "nonsense"}) {
    CAPTURE(name);
    CHECK_FALSE(format.has_field(name));
  }
}

TEST_CASE("what Request has a field of its own for is no extra field") {
  for (const std::string_view name : {"cookie_a", "http_x_tier", "ssl_protocol", "sent_http_x", "scheme"}) {
    CAPTURE(name);
    CHECK(IsExtraField(name));
  }
  for (const std::string_view name :
       {"", "remote_addr", "http_x_real_ip", "user_agent", "status", "is_args", "Cookie_a", "a-b", "a b"}) {
    CAPTURE(name);
    CHECK_FALSE(IsExtraField(name));
  }
  CHECK_FALSE(IsExtraField(std::string(65, 'a')));
}

}  // namespace hushlog
