// Captures: bodies a line, nginx's log of them, and requests as they went over the wire.
#include "src/audit/capture.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>
#include <string>

#include "src/audit/auditor.h"

namespace hushlog {
namespace {

using Kind = Violation::Kind;

const EgressGrammar& Grammar(Profile profile = Profile::kAnonymous) {
  static const EgressGrammar anonymous;
  static const EgressGrammar identified({}, Profile::kIdentified);
  return profile == Profile::kAnonymous ? anonymous : identified;
}

const std::string kBody =
    R"({"requests":[{"idsite":1,"rec":"1","action_name":"Dashboard",)"
    R"("url":"https://demo-anonymous.matomo.org/Dashboard/default/?idSite=2","cid":"0123456789abcdef",)"
    R"("cdt":"1795411169","ua":"-"}]})";

std::string Leaked() { return std::string(kBody).insert(kBody.find("Dashboard"), "~"); }

std::string Request(const std::string& body, const std::string& headers = "", std::string_view line_end = "\r\n") {
  std::string head;
  for (const std::string& line :
       {std::string("POST /matomo.php HTTP/1.1"), std::string("Host: matomo.example.org"),
        std::string("User-Agent: hushlog/0.1.0"), std::string("Content-Type: application/json"),
        std::string("Accept: application/json"), fmt::format("Content-Length: {}", body.size())}) {
    head.append(line).append(line_end);
  }
  return head + headers + std::string(line_end) + body;
}

// As nginx writes $request_body.
std::string NginxEscaped(const std::string& body) {
  std::string text;
  for (const char c : body) text += c == '"' ? "\\x22" : std::string(1, c);
  return text;
}

std::optional<Finding> Check(const std::string& capture, AuditCounts* counts = nullptr) {
  Auditor auditor(Grammar(), Grammar(Profile::kIdentified));
  std::istringstream bytes(capture);
  auditor.CheckCapture("capture", bytes);
  if (counts != nullptr) *counts = auditor.Total();
  return auditor.finding();
}

TEST_CASE("every form of a capture is read") {
  for (const std::string& capture :
       {kBody + "\n" + kBody + "\n", kBody + "\n\n" + kBody, NginxEscaped(kBody) + "\n" + NginxEscaped(kBody) + "\n",
        Request(kBody) + Request(kBody), Request(kBody) + "\n" + Request(kBody, "", "\n") + "\n",
        Request(kBody) + kBody}) {
    CAPTURE(capture);
    AuditCounts counts;
    CHECK(!Check(capture, &counts));
    CHECK(counts.bodies == 2);
    CHECK(counts.hits == 2);
  }
}

TEST_CASE("a foreign byte is found in every form, with its line") {
  struct Row {
    std::string capture;
    std::string where;
  };
  for (const Row& row : {Row{kBody + "\n" + Leaked() + "\n", "line 2 of capture"},
                         Row{kBody + "\n" + NginxEscaped(Leaked()) + "\n", "line 2 of capture"},
                         Row{Request(kBody) + Request(Leaked()), "line 15 of capture"},
                         Row{Request(kBody) + "\n" + Request(Leaked()), "line 16 of capture"}}) {
    CAPTURE(row.capture);
    const auto finding = Check(row.capture);
    REQUIRE(finding);
    CHECK(finding->where == row.where);
    CHECK(finding->violation.parameter == "action_name");
    CHECK(finding->violation.offset == Leaked().find("~Dashboard"));
  }
}

TEST_CASE("the head of a request is checked, too") {
  struct Row {
    std::string capture;
    Kind kind;
    std::string parameter;
    std::string where;
  };
  const std::string good = Request(kBody);
  const auto without = [&](std::string_view line) { return std::string(good).erase(good.find(line), line.size()); };
  const auto with = [&](std::string_view what, std::string_view by) {
    return std::string(good).replace(good.find(what), what.size(), by);
  };
  for (const Row& row : {
           Row{Request(kBody, "Cookie: jane\r\n"), Kind::kForeignName, "", "line 7 of capture"},
           Row{Request(kBody, "Accept: application/json\r\n"), Kind::kRepeated, "Accept", "line 7 of capture"},
           Row{with("hushlog/0.1.0", "hushlog/0.1.0 jane"), Kind::kForeignValue, "User-Agent", "line 3 of capture"},
           Row{with("matomo.php", "matomo.php?jane"), Kind::kForeignValue, "POST", "line 1 of capture"},
           Row{without("User-Agent: hushlog/0.1.0\r\n"), Kind::kMissing, "User-Agent", "line 6 of capture"},
           Row{with("Accept: ", "jane"), Kind::kMalformed, "", "line 5 of capture"},
       }) {
    CAPTURE(row.capture);
    const auto finding = Check(row.capture);
    REQUIRE(finding);
    CHECK(finding->violation.kind == row.kind);
    CHECK(finding->violation.parameter == row.parameter);
    CHECK(finding->where == row.where);
  }
}

TEST_CASE("what a capture lacks is not passed over") {
  struct Row {
    std::string capture;
    Kind kind;
  };
  for (const Row& row : {Row{"-\n", Kind::kAbsent}, Row{Request(kBody).substr(0, 300), Kind::kAbsent},
                         Row{"HTTP/1.1 200 OK\r\n\r\n", Kind::kMalformed},
                         Row{"GET /matomo.php?jane", Kind::kMalformed}, Row{kBody + "jane", Kind::kMalformed}}) {
    CAPTURE(row.capture);
    const auto finding = Check(row.capture);
    REQUIRE(finding);
    CHECK(finding->violation.kind == row.kind);
  }
}

}  // namespace
}  // namespace hushlog
