#include <doctest/doctest.h>

#include "tests/parsers/parse_support.h"

namespace hushlog {
namespace {

constexpr std::int64_t kMoment = 1'795'411'168'000;  // 2026-11-23T05:19:28Z

// A JSON line with what every line needs, and `more` behind it.
std::string Json(const std::string& more) {
  return R"({"time_iso8601":"2026-11-23T05:19:28+00:00","remote_addr":"192.0.2.10","status":"200",)"
         R"("request_method":"GET","request_uri":"/x")" +
         more + "}";
}

}  // namespace

TEST_CASE("every field of a JSON line is read, from strings and numbers") {
  const Parsed parsed(
      "json",
      R"({ "msec":1795411168.813, "time_local":"23/Nov/2026:06:19:28 +0100","remote_addr":"192.0.2.10",)"
      R"("remote_user":"j\u00fc\"","host":"h.example","request":"GET /a?\u0022 HTTP/2.0","status":404,)"
      R"("body_bytes_sent":"12","bytes_sent":99,"request_time":0.083,"upstream_response_time":"0.1, 0.2",)"
      R"("http_referer":"","http_user_agent":"UA","http_accept_language":"de","http_dnt":"1","sec_gpc":null,)"
      R"("sec_ch_ua_mobile":"?0","sec_ch_ua_platform_version":"\"15.0.0\"",)"
      R"("http_sec_ch_ua_full_version_list":"\"Chromium\";v=\"129.0.6668.58\"","unknown":{"a":[1,{"status":"500"}]},"list":[[]] })");
  REQUIRE(parsed.status == LineStatus::kOk);
  const Request& request = parsed.request;
  CHECK(request.time_ms == kMoment + 813);
  CHECK(request.utc_offset_s == 3600);
  CHECK(request.remote_addr == "192.0.2.10");
  CHECK(request.remote_user == "j\xC3\xBC\"");
  CHECK(request.host == "h.example");
  CHECK(request.method == "GET");
  CHECK(request.target == "/a?\"");
  CHECK(request.protocol == "HTTP/2.0");
  CHECK(request.status == 404);
  CHECK(request.body_bytes_sent == 12);
  CHECK(request.request_time_us == 83'000);
  CHECK(request.referer.empty());
  CHECK(request.user_agent == "UA");
  CHECK(request.accept_language == "de");
  CHECK(request.dnt == "1");
  CHECK(request.sec_gpc.empty());
  CHECK(request.sec_ch_ua_mobile == "?0");
  CHECK(request.sec_ch_ua_platform_version == "\"15.0.0\"");
  CHECK(request.sec_ch_ua_full_version_list == "\"Chromium\";v=\"129.0.6668.58\"");
}

TEST_CASE("a bad JSON line is counted with its reason") {
  const std::pair<std::string, LineStatus> cases[] = {
      {Json(""), LineStatus::kOk},
      {Json("") + "\r", LineStatus::kOk},
      {Json(R"(,"request_time":"-","body_bytes_sent":"")"), LineStatus::kOk},
      {Json(R"(,"http_user_agent":")"
            "\xff\xfe"
            R"(")"),
       LineStatus::kOk},
      {Json(R"(,"x":1e999,"y":123456789012345678901234567890)"), LineStatus::kOk},
      {Json(R"(,"x":)" + std::string(20000, '[')), LineStatus::kBadJson},
      {"192.0.2.10 - -", LineStatus::kBadJson},
      {"[]", LineStatus::kBadJson},
      {"1", LineStatus::kBadJson},
      {"\"x\"", LineStatus::kBadJson},
      {"{}", LineStatus::kMissingField},
      {Json("").substr(0, 60), LineStatus::kBadJson},
      {Json("").substr(0, Json("").size() - 1), LineStatus::kBadJson},
      {Json("") + "x", LineStatus::kBadJson},
      {Json("") + "{}", LineStatus::kBadJson},
      {Json("") + "}", LineStatus::kBadJson},
      {Json(R"(,"http_referer":true)"), LineStatus::kBadJson},
      {Json(R"(,"http_referer":{"a":1})"), LineStatus::kBadJson},
      {Json(R"(,"http_referer":["a"])"), LineStatus::kBadJson},
      {Json(R"(,"http_referer":"\ud800")"), LineStatus::kBadJson},
      {Json(R"(,"http_referer":"\x22")"), LineStatus::kBadJson},
      {Json(R"(,"http_referer")"), LineStatus::kBadJson},
      {Json(R"(,"x":)" + std::string(20000, '[') + std::string(20000, ']')), LineStatus::kOk},
      {Json(R"(,"body_bytes_sent":"many")"), LineStatus::kFormatMismatch},
      {Json(R"(,"request_time":1e999)"), LineStatus::kFormatMismatch},
      {R"({"time_iso8601":"2026-11-23T05:19:28Z","status":"200","request_uri":"/"})", LineStatus::kMissingField},
      {R"({"remote_addr":"192.0.2.10","status":"200","request_uri":"/"})", LineStatus::kMissingField},
      {R"({"time_iso8601":"2026-11-23T05:19:28Z","remote_addr":"192.0.2.10","request_uri":"/"})",
       LineStatus::kMissingField},
      {R"({"time_iso8601":"2026-11-23T05:19:28Z","remote_addr":"192.0.2.10","status":"200"})",
       LineStatus::kMissingField},
      {R"({"msec":"x","remote_addr":"192.0.2.10","status":"200","request_uri":"/"})", LineStatus::kBadTime},
      {R"({"msec":1795411168,"remote_addr":"192.0.2.10","status":99,"request_uri":"/"})", LineStatus::kBadStatus},
      {R"({"msec":1795411168,"remote_addr":"192.0.2.10","status":400,"request_uri":""})", LineStatus::kNoRequest},
      {R"({"msec":1795411168,"remote_addr":"192.0.2.10","status":400,"request_method":"","request_uri":"/"})",
       LineStatus::kNoRequest},
  };
  for (const auto& [line, status] : cases) {
    CAPTURE(line.substr(0, 300));
    CHECK(Parsed("json", line).status == status);
  }
}

TEST_CASE("bytes that nginx did not escape and that are not UTF-8 are replaced") {
  const Parsed parsed("json", Json(",\"http_user_agent\":\"a\xffz\""));
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.user_agent == "a?z");
}

TEST_CASE("of equal keys the first counts, of several keys for a field the best that has a value") {
  CHECK(Parsed("json", Json(R"(,"host":"a.example","host":"b.example")")).request.host == "a.example");
  CHECK(Parsed("json", Json(R"(,"server_name":"s.example","http_host":"h.example","host":"-")")).request.host ==
        "h.example");
}

TEST_CASE("a field map says which key holds which field") {
  const Parsed parsed(
      "json:time=ts,remote_addr=client_ip,target=uri,status=code,request_time_ms=took,user_agent=ua",
      R"({"ts":1795411168813,"client_ip":"::1","uri":"/a?b","code":200,"took":"83","ua":"UA","host":"pod"})");
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.time_ms == kMoment + 813);
  CHECK(parsed.request.remote_addr == "::1");
  CHECK(parsed.request.target == "/a?b");
  CHECK(parsed.request.method.empty());
  CHECK(parsed.request.request_time_us == 83'000);
  CHECK(parsed.request.host.empty());  // not in the map
}

TEST_CASE("the template of escape=json becomes a field map") {
  const std::string_view spec =
      R"(log_format j escape=json '{"t":"$time_iso8601",'
                                  '"a": "$remote_addr", "code": $status,'   # numbers bare
                                  '"url":"$scheme://$host$request_uri", "vh":"$host:$server_port",'
                                  '"n":{"status":"$upstream_status","x":[1,"]"]},'
                                  '"took":${request_time},"text":"took $request_time s","fixed":1}';)";
  const Parsed parsed(spec, R"({"t":"2026-11-23T05:19:28+00:00","a":"192.0.2.10","code":200,)"
                            R"("url":"https://h.example:8443/a?b","vh":"h.example:8443","took":0.083,"text":"x"})");
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.time_ms == kMoment);
  CHECK(parsed.request.target == "/a?b");
  CHECK(parsed.request.host == "h.example");
  CHECK(parsed.request.request_time_us == 83'000);
}

TEST_CASE("JSON in nginx's default escaping is read as text") {
  const std::string_view spec =
      R"(log_format j '{"t":"$time_iso8601","a":"$remote_addr","r":"$request","code":$status,"ua":"$http_user_agent"}';)";
  const Parsed parsed(spec, R"({"t":"2026-11-23T05:19:28+00:00","a":"192.0.2.10","r":"GET / HTTP/1.1","code":200,)"
                            R"("ua":"a\x22b"})");
  REQUIRE(parsed.status == LineStatus::kOk);
  CHECK(parsed.request.user_agent == "a\"b");
}

}  // namespace hushlog
