#include "parsers/combined_line.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <tuple>

#include "parse_support.h"
#include "parsers/request_builder.h"
#include "parsers/text_splitter.h"

namespace hushlog {
namespace {

constexpr std::string_view kApacheCombined = R"(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")";

auto Fields(const Request& request) {
  return std::tuple(request.remote_addr, request.remote_user, request.host, request.method, request.target,
                    request.protocol, request.referer, request.user_agent, request.accept_language, request.dnt,
                    request.extra.size(), request.time_ms, request.utc_offset_s, request.time_is_start, request.status,
                    request.body_bytes_sent, request.request_time_us);
}

// Both ways of one format.
class Ways {
 public:
  explicit Ways(std::string_view spec)
      : format_(LogFormat::Compile(spec)), short_(format_.plan()), builder_(format_.plan(), nullptr) {}

  // Whether the short way takes the line, which must then mean the same as on the long one.
  bool ShortTakes(const std::string& text) {
    CAPTURE(text);
    const Padded padded(text);
    const MarkedLine line = lines_.Only(padded.text());
    Request taken;
    taken.remote_user = "of the line before";
    taken.body_bytes_sent = 7;
    if (!short_.Read(line, &taken)) return false;
    Request expected;
    REQUIRE(SplitText(format_.plan(), line, &values_));
    REQUIRE(builder_.Build(values_, &expected) == LineStatus::kOk);
    CHECK(Fields(taken) == Fields(expected));
    return true;
  }

 private:
  LogFormat format_;
  CombinedLine short_;
  RequestBuilder builder_;
  FieldValues values_;
  MarkedLines lines_;
};

void CompareWays(std::string_view spec, std::string_view log) {
  CAPTURE(log);
  Ways ways(spec);
  const std::vector<std::string> lines = LinesOf(ReadData(log));
  REQUIRE_FALSE(lines.empty());
  std::mt19937 random(20261128);
  std::size_t taken = 0;
  std::size_t mutants_taken = 0;
  for (const std::string& line : lines) {
    if (ways.ShortTakes(line)) ++taken;
    for (int i = 0; i < 200; ++i) {
      if (ways.ShortTakes(Mutated(line, &random))) ++mutants_taken;
    }
  }
  CHECK(taken * 10 > lines.size() * 8);
  CHECK(mutants_taken > 1000);
}

}  // namespace

TEST_CASE("a line of combined means the same on the short way as on the long one") {
  CompareWays("combined", "nginx_combined.log");
  CompareWays("combined", "apache_combined.log");
  CompareWays(kApacheCombined, "apache_combined.log");
}

TEST_CASE("only lines of combined go the short way") {
  CHECK(CombinedLine::Suits(LogFormat::Compile("combined").plan()));
  CHECK(CombinedLine::Suits(LogFormat::Compile(kApacheCombined).plan()));
  for (const std::string_view other : {"common", "vhost_combined", "combined_rt", "main", "nginx_json"}) {
    CAPTURE(other);
    CHECK_FALSE(CombinedLine::Suits(LogFormat::Compile(other).plan()));
  }
}

}  // namespace hushlog
