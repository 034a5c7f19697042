#include <doctest/doctest.h>

#include "tests/parsers/parse_support.h"

namespace hushlog {
namespace {

constexpr std::int64_t kMoment = 1'795'411'168'000;  // 2026-11-23T05:19:28Z

// A line in `combined` with this request and these texts after the number of bytes.
std::string Combined(const std::string& request, const std::string& rest = R"( "-" "UA")") {
  return R"(192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] ")" + request + R"(" 200 5)" + rest;
}

}  // namespace

TEST_CASE("every field of a combined line is read") {
  const Parsed parsed("combined",
                      R"(192.0.2.10 - john doe [23/Nov/2026:06:19:28 +0100] "GET /index.php?a=\x22q\x22 HTTP/2.0" 200 )"
                      R"(47065 "https://ref.example/\x5C" "UA \x22x\x22 \xC3\x9C")");
  REQUIRE(parsed.status == LineStatus::kOk);
  const Request& request = parsed.request;
  CHECK(request.remote_addr == "192.0.2.10");
  CHECK(request.remote_user == "john doe");
  CHECK(request.method == "GET");
  CHECK(request.target == "/index.php?a=\"q\"");
  CHECK(request.protocol == "HTTP/2.0");
  CHECK(request.referer == "https://ref.example/\\");
  CHECK(request.user_agent == "UA \"x\" \xC3\x9C");
  CHECK(request.time_ms == kMoment);
  CHECK(request.utc_offset_s == 3600);
  CHECK_FALSE(request.time_is_start);
  CHECK(request.status == 200);
  CHECK(request.body_bytes_sent == 47065);
  CHECK(request.request_time_us == -1);
  CHECK(request.host.empty());
}

TEST_CASE("a dash is an absent value") {
  const Parsed parsed("vhost_combined", R"(- ::1 - "" [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 304 - "-" "")");
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.remote_addr == "::1");
  CHECK(parsed.request.host.empty());
  CHECK(parsed.request.remote_user.empty());
  CHECK(parsed.request.referer.empty());
  CHECK(parsed.request.user_agent.empty());
  CHECK(parsed.request.body_bytes_sent == -1);
}

TEST_CASE("byte order mark, carriage return and blanks at the end of a line are no part of it") {
  CHECK(Parsed("combined", "\xEF\xBB\xBF" + Combined("GET / HTTP/1.1") + "\r").status == LineStatus::kOk);
  CHECK(Parsed("combined", Combined("GET / HTTP/1.1") + " \t").status == LineStatus::kOk);
  CHECK(Parsed("combined", "\xEF\xBB\xBF\r").status == LineStatus::kEmpty);
}

TEST_CASE("targets are read in each form a client can send") {
  const std::pair<std::string, std::string_view> cases[] = {
      {"GET / HTTP/1.1", "/"},
      {"GET //index.php?a=%20b HTTP/1.1", "//index.php?a=%20b"},
      {"GET /a b HTTP/1.1", "/a b"},
      {"GET /x", "/x"},
      {"OPTIONS * HTTP/1.1", "*"},
      {"GET http://user:pw@host.example:80/x?y HTTP/1.1", "/x?y"},
      {"GET https://host.example HTTP/1.1", "/"},
      {"GET /?u=http://x/ HTTP/1.1", "/?u=http://x/"},
  };
  for (const auto& [request, target] : cases) {
    CAPTURE(request);
    const Parsed parsed("combined", Combined(request));
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.target == target);
  }
}

TEST_CASE("a bad line is counted with its reason") {
  const std::string good = Combined("GET / HTTP/1.1");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string line = good;
    return line.replace(line.find(from), from.size(), to);
  };
  const std::pair<std::string, LineStatus> cases[] = {
      {good, LineStatus::kOk},
      {"", LineStatus::kEmpty},
      {" \t\r", LineStatus::kEmpty},
      {std::string(kMaxLineBytes + 1, 'x'), LineStatus::kTooLong},
      {with("GET /", std::string_view("GET /\0", 6)), LineStatus::kBinary},
      {"garbage", LineStatus::kFormatMismatch},
      {good + " 0.083", LineStatus::kFormatMismatch},
      {good + "x", LineStatus::kFormatMismatch},
      {good.substr(0, good.size() - 1), LineStatus::kFormatMismatch},
      {good.substr(0, good.size() - 3), LineStatus::kFormatMismatch},
      {with("UA", "U\"A"), LineStatus::kFormatMismatch},         // escape=none: which quote ends it?
      {with("UA", "UA\\"), LineStatus::kFormatMismatch},         // the quote is escaped
      {with("- - [", "- a [b ["), LineStatus::kFormatMismatch},  // a user with a bracket
      {with("192.0.2.10 ", "192.0.2.10 x "), LineStatus::kFormatMismatch},
      {with(" 5 ", " x "), LineStatus::kFormatMismatch},
      {with(" 5 ", " 5.5 "), LineStatus::kFormatMismatch},
      {with("192.0.2.10", "-"), LineStatus::kMissingField},
      {with("Nov", "Nav"), LineStatus::kBadTime},
      {with("2026", "1970"), LineStatus::kBadTime},
      {with("2026", "2101"), LineStatus::kBadTime},
      {with(" 200 ", " 000 "), LineStatus::kBadStatus},
      {with(" 200 ", " 600 "), LineStatus::kBadStatus},
      {with(" 200 ", " 2000 "), LineStatus::kBadStatus},
      {with(" 200 ", " x "), LineStatus::kBadStatus},
      {Combined("-"), LineStatus::kNoRequest},
      {Combined(""), LineStatus::kNoRequest},
      {Combined(R"(\x16\x03\x01\x02\x00\x01)"), LineStatus::kNoRequest},
      {Combined(R"(\x16\x03 / HTTP/1.1)"), LineStatus::kNoRequest},
      {Combined("GET"), LineStatus::kNoRequest},
      {Combined("GET  HTTP/1.1"), LineStatus::kNoRequest},
      {Combined("GET x HTTP/1.1"), LineStatus::kNoRequest},
      {Combined("CONNECT host:443 HTTP/1.1"), LineStatus::kNoRequest},
      {Combined("GET http://host?x HTTP/1.1"), LineStatus::kNoRequest},
  };
  for (const auto& [line, status] : cases) {
    CAPTURE(line.substr(0, 200));
    CHECK(Parsed("combined", line).status == status);
  }
}

TEST_CASE("a line of the greatest length is read, and bytes that are not UTF-8 are kept") {
  std::string line = Combined("GET /" + std::string(kMaxLineBytes - 200, 'x') + "\xff HTTP/1.1");
  REQUIRE(line.size() < kMaxLineBytes);
  const Parsed parsed("combined", line);
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.target.ends_with("x\xff"));
}

TEST_CASE("hosts lose their port") {
  const std::pair<std::string, std::string_view> cases[] = {
      {"example.org:8443", "example.org"}, {"example.org", "example.org"}, {"[2001:db8::1]:80", "[2001:db8::1]"},
      {"[2001:db8::1]", "[2001:db8::1]"},  {"2001:db8::1", "2001:db8::1"}, {"[2001:db8::1", ""},
  };
  for (const auto& [host, expected] : cases) {
    CAPTURE(host);
    const Parsed parsed("vhost_combined", host + " " + Combined("GET / HTTP/1.1"));
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.host == expected);
  }
}

TEST_CASE("a target in pieces is put together") {
  struct Case {
    std::string_view spec;
    std::string_view request;  // as it stands in the line
    std::string_view target;
  };
  const Case cases[] = {
      {R"(%h %t "%m %U%q %H" %>s)", "GET /a b?x=1 HTTP/1.1", "/a b?x=1"},
      {R"(%h %t "%m" "%U%q" %>s)", R"(GET" "/index.php?x=1)", "/index.php?x=1"},
      {R"(%h %t "%m" "%U" "%q" %>s)", R"(GET" "/a?b" "?x=1)", "/a%3Fb?x=1"},  // a '?' that came as %3F
      {R"($remote_addr [$time_local] "$request_method $uri$is_args$args $server_protocol" $status)",
       "GET /a?x HTTP/1.1", "/a?x"},
      {R"($remote_addr [$time_local] "$request_method" "$uri" "$args" $status)", R"(GET" "/ü%" "-)", "/%C3%BC%25"},
      {R"($remote_addr [$time_local] "$request_method $scheme://$host$request_uri" $status)",
       "GET https://h.example/a?x", "/a?x"},
      {R"($remote_addr [$time_local] "$uri?$args" $status)", "/a?x=1", "/a?x=1"},
  };
  for (const Case& test : cases) {
    CAPTURE(test.spec);
    const std::string line = R"(192.0.2.10 [23/Nov/2026:05:19:28 +0000] ")" + std::string(test.request) + R"(" 200)";
    const Parsed parsed(test.spec, line);
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.target == test.target);
  }
}

TEST_CASE("the time a request took is read in each unit") {
  struct Case {
    std::string_view spec;
    std::string_view text;
    std::int64_t us;
  };
  const Case cases[] = {
      {"combined_rt", "0.083", 83'000}, {"combined_rt", "-", -1},      {"combined_d", "83370", 83'370},
      {"combined_t", "2", 2'000'000},   {"combined_ms", "83", 83'000}, {"combined_d", "-17", -1},
  };
  for (const Case& test : cases) {
    CAPTURE(test.spec);
    CAPTURE(test.text);
    const Parsed parsed(test.spec, Combined("GET / HTTP/1.1") + " " + std::string(test.text));
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.request_time_us == test.us);
  }
  CHECK(Parsed("combined_rt", Combined("GET / HTTP/1.1") + " 83370").status == LineStatus::kFormatMismatch);
  CHECK(Parsed("combined_rt", Combined("GET / HTTP/1.1") + " x").status == LineStatus::kFormatMismatch);
}

TEST_CASE("times are read in each notation of Apache and nginx") {
  struct Case {
    std::string_view time_spec;
    std::string_view text;
    std::int64_t ms;
    bool is_start;
  };
  const Case cases[] = {
      {"%t", "[23/Nov/2026:05:19:28 +0000]", kMoment, true},
      {"%{end:sec}t", "1795411168", kMoment, false},
      {"%{msec}t", "1795411168813", kMoment + 813, true},
      {"%{begin:usec}t", "1795411168813500", kMoment + 813, true},
      {"%{sec}t.%{msec_frac}t", "1795411168.813", kMoment + 813, true},
      {"[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t]", "[23/Nov/2026:06:19:28.813 +0100]", kMoment + 813, true},
      {"[%{%d/%b/%Y:%T}t.%{usec_frac}t %{%z}t]", "[23/Nov/2026:06:19:28.813500 +0100]", kMoment + 813, true},
      {"%{%F %T %z}t", "2026-11-23 05:19:28 +0000", kMoment, true},
      {"%{%Y-%m-%dT%H:%M:%S%z}t", "2026-11-23T05:19:28+0000", kMoment, true},
  };
  for (const Case& test : cases) {
    CAPTURE(test.time_spec);
    const Parsed parsed("%h " + std::string(test.time_spec) + R"( "%r" %>s)",
                        "192.0.2.10 " + std::string(test.text) + R"( "GET / HTTP/1.1" 200)");
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.time_ms == test.ms);
    CHECK(parsed.request.time_is_start == test.is_start);
  }
  const Parsed both(R"($remote_addr $msec [$time_local] "$request" $status)",
                    R"(192.0.2.10 1795411168.813 [23/Nov/2026:06:19:28 +0100] "GET / HTTP/1.1" 200)");
  REQUIRE(both.status == LineStatus::kOk);
  CHECK(both.request.time_ms == kMoment + 813);
  CHECK(both.request.utc_offset_s == 3600);
}

TEST_CASE("of several sources of a field the documented one counts") {
  const Parsed host(R"($http_host $server_name $host $remote_addr [$time_local] "$request" $status)",
                    R"(a.example b.example c.example 192.0.2.10 [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200)");
  REQUIRE(host.status == LineStatus::kOk);
  CHECK(host.request.host == "c.example");
  const Parsed address(R"(%{c}a %h %a %t "%r" %>s %O %B)",
                       R"(192.0.2.1 192.0.2.2 192.0.2.3 [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200 99 5)");
  REQUIRE(address.status == LineStatus::kOk);
  CHECK(address.request.remote_addr == "192.0.2.3");
  CHECK(address.request.body_bytes_sent == 5);
}

TEST_CASE("headers are known in Apache's and in nginx's spelling") {
  const std::string_view specs[] = {
      R"(%h %t "%r" %>s "%{Accept-Language}i" "%{DNT}i" "%{sec-gpc}i" "%{Sec-CH-UA}i" "%{Sec-CH-UA-Mobile}i" )"
      R"("%{Sec-CH-UA-Platform}i" "%{Sec-CH-UA-Platform-Version}i" "%{Sec-CH-UA-Full-Version-List}i" "%{Sec-CH-UA-Model}i")",
      R"($remote_addr [$time_local] "$request" $status "$http_accept_language" "$http_dnt" "$http_sec_gpc" )"
      R"("$http_sec_ch_ua" "$http_sec_ch_ua_mobile" "$http_sec_ch_ua_platform" )"
      R"("$http_sec_ch_ua_platform_version" "$http_sec_ch_ua_full_version_list" "$http_sec_ch_ua_model")"};
  for (const std::string_view spec : specs) {
    CAPTURE(spec);
    const Parsed parsed(spec, R"(192.0.2.10 [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200 "en-US, de" "1" "1" )"
                              R"("\"Chromium\";v=\"129\"" "?0" "\"Windows\"" "\x2215.0.0\x22" )"
                              R"("\x22Chromium\x22;v=\x22129.0.6668.58\x22" "\"Pixel 8\"")");
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.accept_language == "en-US, de");
    CHECK(parsed.request.dnt == "1");
    CHECK(parsed.request.sec_gpc == "1");
    CHECK(parsed.request.sec_ch_ua == "\"Chromium\";v=\"129\"");
    CHECK(parsed.request.sec_ch_ua_mobile == "?0");
    CHECK(parsed.request.sec_ch_ua_platform == "\"Windows\"");
    CHECK(parsed.request.sec_ch_ua_platform_version == "\"15.0.0\"");
    CHECK(parsed.request.sec_ch_ua_full_version_list == "\"Chromium\";v=\"129.0.6668.58\"");
  }
}

TEST_CASE("behind trusted proxies the client comes from X-Forwarded-For") {
  const TrustedProxies proxies({"192.0.2.0/24"});
  const std::string line = Combined("GET / HTTP/1.1") + R"( "1.1.1.1, 203.0.113.7")";
  CHECK(Parsed("main", line, &proxies).request.remote_addr == "203.0.113.7");
  CHECK(Parsed("main", line).request.remote_addr == "192.0.2.10");
  // Nobody vouches for the header of a request whose own address is not known.
  CHECK(Parsed("main", "-" + line.substr(line.find(' ')), &proxies).status == LineStatus::kMissingField);
  // A format without an address of its own: the proxy's word, with or without a list of proxies.
  const std::string_view spec = R"(%{X-Forwarded-For}i %l %u %t "%r" %>s)";
  const std::string_view only = R"(1.1.1.1, 203.0.113.7 - - [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200)";
  CHECK(Parsed(spec, only).request.remote_addr == "203.0.113.7");
  CHECK(Parsed(spec, only, &proxies).request.remote_addr == "203.0.113.7");
}

TEST_CASE("escape=none takes backslashes as they are and refuses lines with a quote too many") {
  const std::string_view spec =
      R"(log_format x escape=none '$remote_addr [$time_local] "$request" $status "$http_user_agent"';)";
  const std::string head = R"(192.0.2.10 [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200 )";
  const Parsed parsed(spec, head + R"("a\x22b\")");
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.user_agent == R"(a\x22b\)");
  CHECK(Parsed(spec, head + R"("a"b")").status == LineStatus::kFormatMismatch);
}

TEST_CASE("lists of upstreams are one value") {
  const std::string_view spec =
      R"($remote_addr [$time_local] "$request" $status $upstream_response_time $request_time)";
  for (const std::string_view list : {"0.082", "-", "0.1, 0.2", "0.1, 0.2 : 0.3"}) {
    CAPTURE(list);
    const Parsed parsed(
        spec, R"(192.0.2.10 [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200 )" + std::string(list) + " 0.500");
    REQUIRE(parsed.status == LineStatus::kOk);
    CHECK(parsed.request.request_time_us == 500'000);
  }
}

}  // namespace hushlog
