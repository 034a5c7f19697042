#include "parsers/json_shape.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/json_format.h"
#include "parsers/json_splitter.h"
#include "tests/parsers/parse_support.h"

namespace hushlog {
namespace {

constexpr std::string_view kLine =
    R"({"msec":1795411168.813, "remote_addr": "192.0.2.10","status":"200" ,"request_uri":"/x?a=1","bytes":null,)"
    R"("host":"-","http_host":"h.example","http_user_agent":"a \"b\" \\ \/","unknown":"\q","request_time":-1.5e0})";

// Both ways to cut a line, for one format.
struct Splitters {
  explicit Splitters(std::string_view learnt) : shape(plan, kMaxLineBytes), parser(kMaxLineBytes) {
    const Padded line(learnt);
    shape.Learn(line.text());
  }

  FormatPlan plan = DefaultJsonPlan({});
  JsonShape shape;
  JsonSplitter parser;
};

bool SameValues(const FieldValues& a, const FieldValues& b) {
  return std::equal(a.text.begin(), a.text.end(), b.text.begin(), [](std::string_view x, std::string_view y) {
    return x == y && (x.data() == nullptr) == (y.data() == nullptr);
  });
}

// Whether the shape cuts the line; if so, as the parser does.
bool Cuts(Splitters* splitters, std::string_view text) {
  const Padded line(text);
  FieldValues cut, parsed;
  if (!IsPrintableAscii(line.text()) || !splitters->shape.Split(line.text(), &cut)) return false;
  CAPTURE(std::string(text));
  REQUIRE(splitters->parser.Split(splitters->plan, line.text(), &parsed));
  REQUIRE(SameValues(cut, parsed));
  return true;
}

}  // namespace

TEST_CASE("a line that looks like the one before is cut as a JSON parser would") {
  Splitters splitters(kLine);
  CHECK(Cuts(&splitters, kLine));
  CHECK(Cuts(&splitters,
             R"({"msec":7, "remote_addr": "","status":"-" ,"request_uri":"\"","bytes":12,)"
             R"("host":"a.example","http_host":"","http_user_agent":"\\","unknown":"\n","request_time":null})"));
}

TEST_CASE("with any byte changed, added or missing, a line is cut as a JSON parser would or left to it") {
  Splitters splitters(kLine);
  std::size_t cut = 0;
  for (std::size_t at = 0; at < kLine.size(); ++at) {
    const std::string before(kLine.substr(0, at));
    const std::string after(kLine.substr(at + 1));
    cut += Cuts(&splitters, before + after);
    for (const char c : std::string_view("\"\\{}[],: 0a-u\x01\x1f\x7f\x80\xff", 18)) {
      cut += Cuts(&splitters, before + c + after);
      cut += Cuts(&splitters, before + c + kLine[at] + after);
    }
  }
  CHECK(cut > 500);  // of the values
}

TEST_CASE("a beginning of a line, and a line with more behind it, are left to the parser") {
  Splitters splitters(kLine);
  for (std::size_t size = 0; size < kLine.size(); ++size) CHECK_FALSE(Cuts(&splitters, kLine.substr(0, size)));
  CHECK_FALSE(Cuts(&splitters, std::string(kLine) + "}"));
  CHECK_FALSE(Cuts(&splitters, std::string(kLine) + " {}"));
}

TEST_CASE("escapes of control characters are left to the parser") {
  Splitters splitters(R"({"http_user_agent":"a"})");
  CHECK(Cuts(&splitters, R"({"http_user_agent":"\\"})"));
  for (const std::string_view escape : {"\\n", "\\u000a", "\\x", "\\"}) {
    CHECK_FALSE(Cuts(&splitters, R"({"http_user_agent":")" + std::string(escape) + "\"}"));
  }
}

TEST_CASE("a line with nested values has no shape") {
  for (const std::string_view line : {R"({"a":{"b":1},"status":200})", R"({"a":[1],"status":200})", "{}"}) {
    Splitters splitters(line);
    CHECK_FALSE(Cuts(&splitters, line));
  }
}

TEST_CASE("lines of two shapes in turn are all read") {
  const LogFormat format = LogFormat::Compile("json");
  LineParser parser(format);
  std::string text;
  for (int i = 0; i < 200; ++i) {
    const std::string status = std::to_string(200 + i);
    text += i % 2 == 0
                ? R"({"msec":1795411168.1,"remote_addr":"::1","request_uri":"/","status":)" + status + "}\n"
                : R"({"status":")" + status + R"(","request_uri":"/","remote_addr":"::1","msec":1795411168})" + "\n";
  }
  const Padded padded(text);
  parser.Start(padded.text());
  Request request;
  int next = 200;
  for (LineStatus status; parser.Next(&status, &request);) {
    REQUIRE(status == LineStatus::kOk);
    CHECK(request.status == next++);
  }
  CHECK(next == 400);
}

}  // namespace hushlog
