// Hits and bodies as a whole: what may stand where, and that every byte is accounted for.
#include "src/audit/hit_checker.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace hushlog {
namespace {

using Kind = Violation::Kind;
using Token = HitChecker::Token;

const EgressGrammar& Grammar() {
  static const EgressGrammar grammar;
  return grammar;
}

constexpr std::int64_t kTimeMs = 1'795'411'169'123;
const std::string kCommon =
    R"("url":"https://demo-anonymous.matomo.org/CoreHome/index/?idSite=2","cid":"0123456789abcdef","cdt":"1795411169","ua":"-")";
const std::string kPageView = R"("rec":"1","action_name":"CoreHome Index",)" + kCommon;
const std::string kTokenCheck =
    R"({"idsite":1,"rec":"1","ping":"1","cdt":"1795411169","cid":"0123456789abcdef","cip":"0.0.0.0"})";
const std::string kEvent = R"("rec":"1","ca":"1","e_c":"Reports","e_a":"View","e_n":"Actions.getPageUrls",)" + kCommon;

std::string Body(const std::string& hits, const std::string& rest = "") {
  return fmt::format(R"({{"requests":[{}]{}}})", hits, rest);
}

std::string Sent(const std::string& params, const std::string& site = "1") {
  return fmt::format(R"({{"idsite":{},{}}})", site, params);
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

// As it is stored: the visitor is added for each target.
std::string WithoutVisitor(const std::string& params) { return Replaced(params, R"("cid":"0123456789abcdef",)", ""); }

std::string Shown(const std::string& params, std::string_view time = "1795411169123") {
  return fmt::format(R"({{"time":{},"cid":"0123456789abcdef","params":{{{}}}}})", time, params);
}

TEST_CASE("hits as they are stored, shown and sent pass, and are counted") {
  HitChecker checker(Grammar());
  CHECK(!checker.CheckStored(WithoutVisitor(kPageView), kTimeMs));
  CHECK(!checker.CheckAddress("192.0.0.0"));
  CHECK(!checker.CheckAddress(""));
  CHECK(!checker.CheckShown(Shown(kPageView)));
  CHECK(!checker.CheckShown(Shown(kPageView + R"(,"cip":"192.0.0.0")")));
  CHECK(!checker.CheckShown(Shown(kPageView + R"(,"cip":"")")));
  CHECK(!checker.CheckBody(Body(Sent(kPageView) + "," + Sent(kPageView + R"(,"lang":"de","cip":"192.0.0.0")")),
                           Token::kSent));
  CHECK(!checker.CheckBody(Body(Sent(kPageView), R"(,"token_auth":"0123456789abcdef0123456789abcdef")"), Token::kSent));
  CHECK(!checker.CheckBody(Body(Sent(kPageView), R"(,"token_auth":"removed")"), Token::kRemoved));
  CHECK(!checker.CheckBody(Body(R"({"idsite":1,"rec":"0"})"), Token::kSent));
  CHECK(!checker.CheckBody(Body(R"({"idsite":1,"rec":"0"})") + "   ", Token::kSent));
  CHECK(!checker.CheckBody(Body(kTokenCheck), Token::kSent));
  CHECK(!checker.CheckBody(Body(""), Token::kSent));
  CHECK(checker.counts().bodies == 7);
  CHECK(checker.counts().hits == 11);
}

TEST_CASE("a system report passes, to targets of both kinds") {
  const EgressGrammar identified({}, Profile::kIdentified);
  const std::string common =
      R"("url":"https://demo-anonymous.matomo.org/system-report","cid":"0123456789abcdef","cdt":"1795411169","ua":"-")";
  const std::string variables = R"({\"1\":[\"Matomo Version\",\"5.2.0-b5\"],\"3\":[\"Num Users\",5]})";
  for (const EgressGrammar* grammar : {&Grammar(), &identified}) {
    HitChecker checker(*grammar);
    const std::string page_view =
        fmt::format(R"("rec":"1","action_name":"System-Report","_cvar":"{}",{})", variables, common);
    CHECK(!checker.CheckBody(Body(Sent(page_view)), Token::kSent));
    for (const char* what : {"count", "speed"}) {
      const std::string event = fmt::format(
          R"_("rec":"1","ca":"1","e_c":"API ({0})","e_a":"Actions.get ({0})","e_n":"Actions ({0})","e_v":"18.1",{1})_",
          what, common);
      CHECK(!checker.CheckBody(Body(Sent(event)), Token::kSent));
    }
  }
}

TEST_CASE("what does not belong in a body is found, with its hit, parameter and byte") {
  struct Row {
    std::string body;
    Kind kind;
    std::string parameter;
    std::size_t row;
    std::string_view at;  // what stands at the offset, up to the first '|'
  };
  const std::string good = Sent(kPageView);
  for (const Row& row : {
           Row{Body(good + "," + Sent(Replaced(kPageView, "CoreHome Index", "CoreHome Jane"))), Kind::kForeignValue,
               "action_name", 2, "Jane\""},
           Row{Body(Sent(kPageView + R"(,"e_v":"1")")), Kind::kForeignName, "e_v", 1, ""},
           Row{Body(Sent(kEvent + R"(,"e_v":"1.25")")), Kind::kForeignValue, "e_v", 1, "1.25\""},
           Row{Body(Sent(kPageView + R"(,"_cvar":"{\"1\":[\"Matomo Version\",\"jane\"]}")")), Kind::kForeignValue,
               "_cvar", 1, "Matomo Version"},
           Row{Body(Sent(kPageView + R"(,"_cvar":"{\"1\":[\"Matomo Version\",\"5.2.0-jane\"]}")")), Kind::kForeignValue,
               "_cvar", 1, "Matomo Version"},
           Row{Body(Sent(kPageView + R"(,"uid":"jane")")), Kind::kForeignName, "", 1, "uid"},
           Row{Body(Sent(kPageView + R"(,"\u0072ec":"1")")), Kind::kForeignName, "", 1, "\\u0072ec"},
           Row{Body(Sent(kPageView + R"(,"token_auth":"removed")")), Kind::kForeignName, "", 1, "token_auth"},
           Row{Body(Sent(kPageView + R"(,"rec":"1")")), Kind::kRepeated, "rec", 1, "rec\":\"1\"}"},
           Row{Body(Sent(kPageView + R"(,"e_c":"Reports")")), Kind::kForeignName, "action_name", 1, "}"},
           Row{Body(Sent(kPageView +
                         R"(,"download":"https://demo-anonymous.matomo.org/scheduledreports/emailreport1.pdf")")),
               Kind::kForeignName, "action_name", 1, "}"},
           Row{Body(Sent(Replaced(kPageView, R"("action_name":"CoreHome Index",)", ""))), Kind::kMissing, "action_name",
               1, "}"},
           Row{Body(Sent(Replaced(kPageView, R"(,"ua":"-")", ""))), Kind::kMissing, "ua", 1, "}"},
           Row{Body("{" + kPageView + "}"), Kind::kMissing, "idsite", 1, "}"},
           Row{Body(Sent(kPageView, "1.5")), Kind::kForeignValue, "idsite", 1, ".5"},
           Row{Body(Sent(kPageView, "\"1\"")), Kind::kForeignValue, "idsite", 1, "\"1\""},
           Row{Body(Sent(Replaced(kPageView, "\"1\"", "1"))), Kind::kForeignValue, "rec", 1, "1,"},
           Row{Body(Sent(Replaced(kPageView, "\"1\"", "{}"))), Kind::kForeignValue, "rec", 1, "{"},
           Row{Body(Sent(Replaced(kPageView, "CoreHome I", "CoreHome \\u0049"))), Kind::kForeignValue, "action_name", 1,
               "\\u0049"},
           Row{Body(Replaced(kTokenCheck, "\"rec\":\"1\",", "")), Kind::kMissing, "rec", 1, "}"},
           Row{Body(Replaced(kTokenCheck, "\"ping\"", "\"lang\":\"de\",\"ping\"")), Kind::kForeignName, "lang", 1, "}"},
           Row{Body(R"({"idsite":1,"rec":"0","url":"https://demo-anonymous.matomo.org/?"})"), Kind::kForeignName, "url",
               1, "}"},
           Row{Body(" " + good), Kind::kForeignBytes, "", 1, " {"},
           Row{Body(good + " "), Kind::kForeignBytes, "", 1, " ]"},
           Row{Body(Replaced(good, "\"rec\":", "\"rec\": ")), Kind::kForeignBytes, "", 1, " \"1\""},
           Row{Body(Replaced(good, "\"1\",", "\"1\"\t,")), Kind::kForeignBytes, "", 1, "\t"},
           Row{Body(good) + "\n", Kind::kForeignBytes, "", 1, "\n"},
           Row{Body(good, R"(,"send_image":"0")"), Kind::kForeignName, "", 0, "send_image"},
           Row{Body(good, R"(,"token_auth":"jane")"), Kind::kForeignValue, "token_auth", 0, "jane"},
           Row{R"({"token_auth":"0123456789abcdef0123456789abcdef"})", Kind::kMissing, "requests", 0, "}"},
       }) {
    CAPTURE(row.body);
    HitChecker checker(Grammar());
    const auto violation = checker.CheckBody(row.body, Token::kSent);
    REQUIRE(violation);
    CHECK(violation->kind == row.kind);
    CHECK(violation->parameter == row.parameter);
    CHECK(violation->row == row.row);
    CHECK(row.body.substr(violation->offset).starts_with(row.at));
  }
}

TEST_CASE("what is no body at all is told as such") {
  HitChecker checker(Grammar());
  for (const std::string& body : {std::string(), std::string("jane"), std::string("[]"),
                                  std::string("{\"requests\":1}"), Body(Sent(kPageView)).substr(0, 100), Body("jane"),
                                  Body("[]"), Body(Sent(Replaced(kPageView, "CoreHome", "\xC3\x28")))}) {
    CAPTURE(body);
    const auto violation = checker.CheckBody(body, Token::kSent);
    REQUIRE(violation);
    CHECK(violation->kind == Kind::kMalformed);
  }
}

TEST_CASE("a copy must not hold a token") {
  HitChecker checker(Grammar());
  const std::string body = Body(Sent(kPageView), R"(,"token_auth":"0123456789abcdef0123456789abcdef")");
  const auto violation = checker.CheckBody(body, Token::kRemoved);
  REQUIRE(violation);
  CHECK(violation->parameter == "token_auth");
}

TEST_CASE("what is added when a hit is sent must not be stored") {
  HitChecker checker(Grammar());
  for (const char* more : {R"(,"cip":"192.0.0.0")", R"(,"idsite":1)", R"(,"cid":"0123456789abcdef")"}) {
    const auto violation = checker.CheckStored(WithoutVisitor(kPageView) + more, kTimeMs);
    REQUIRE(violation);
    CHECK(violation->kind == Kind::kForeignName);
  }
  CHECK(checker.CheckStored(R"("rec":"0")", kTimeMs));
}

TEST_CASE("the time of a hit is that of its row") {
  HitChecker checker(Grammar());
  const auto stored = checker.CheckStored(WithoutVisitor(kPageView), kTimeMs + 1000);
  REQUIRE(stored);
  CHECK(stored->kind == Kind::kWrongTime);
  const auto shown = checker.CheckShown(Shown(kPageView, "1795411170123"));
  REQUIRE(shown);
  CHECK(shown->kind == Kind::kWrongTime);
}

TEST_CASE("offsets in a stored hit count from its first byte") {
  HitChecker checker(Grammar());
  const std::string params = Replaced(kPageView, "CoreHome Index", "CoreHome Jane");
  const auto violation = checker.CheckStored(params, kTimeMs);
  REQUIRE(violation);
  CHECK(violation->offset == params.find("Jane"));
  CHECK(violation->in_value == 9);
  CHECK(violation->value_size == 13);
}

TEST_CASE("a byte put anywhere into a value is found in that parameter") {
  struct Row {
    std::string name;
    std::string hit;
  };
  const std::string lang = kPageView + R"(,"lang":"de-at")";
  for (const Row& row : {Row{"rec", kPageView},
                         {"action_name", kPageView},
                         {"url", kPageView},
                         {"cid", kPageView},
                         {"cdt", kPageView},
                         {"ua", kPageView},
                         {"lang", lang}}) {
    const std::size_t begin = row.hit.find("\"" + row.name + "\":\"") + row.name.size() + 4;
    const std::size_t end = row.hit.find('"', begin);
    for (std::size_t at = begin; at <= end; ++at) {
      for (const char* byte : {"J", "@", "\\\"", "\xC3\xA9", "%"}) {
        const std::string leaked = std::string(row.hit).insert(at, byte);
        CAPTURE(leaked);
        HitChecker checker(Grammar());
        const auto violation = checker.CheckShown(Shown(leaked));
        REQUIRE(violation);
        CHECK(violation->kind == Kind::kForeignValue);
        CHECK(violation->parameter == row.name);
        CHECK(violation->offset <=
              at + 1 + Shown("").find("{}") + 1);  // a byte that some value has there shows by the next one
      }
    }
  }
}

}  // namespace
}  // namespace hushlog
