#include "src/cli/instance.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/system_reports.h"
#include "src/spool/store.h"
#include "tests/cli/program.h"
#include "tests/cli/tail_site.h"
#include "tests/support/reporting_api.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ApiAnswer;
using test::ReportingApiServer;

constexpr const char* kToken = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

std::string TokenIn(const TempDir& directory, const std::string& token = kToken) {
  directory.Write("token", token + "\n");
  std::filesystem::permissions(directory / "token", std::filesystem::perms::owner_read);
  return directory / "token";
}

struct Instance {
  TempDir directory;
  InstanceConfig config;

  explicit Instance(const ReportingApiServer& server) {
    config.url = server.url();
    config.token_file = TokenIn(directory);
  }
  InstanceAnswers Ask() const { return AskInstance(config, {}); }
};

InstanceAnswers AnswersOf(const ReportingApiServer& server) { return Instance(server).Ask(); }

// As Matomo, but for one method.
ReportingApiServer::Answers With(const std::string& method, ApiAnswer answer) {
  ReportingApiServer::Answers answers = ReportingApiServer::AsMatomo();
  answers[method] = std::move(answer);
  return answers;
}

bool Has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST_CASE("a Matomo that is asked by somebody with superuser access tells everything") {
  const ReportingApiServer server;
  const InstanceAnswers answers = AnswersOf(server);
  CHECK(answers.facts.matomo_version == "5.2.0");
  CHECK(answers.facts.php_version == "8.2.36");
  CHECK(answers.facts.users == 3);
  CHECK(answers.facts.websites == 2);
  CHECK(answers.facts.segments == 1);
  CHECK(answers.facts.mysql_version == "");
  CHECK(answers.missing == "");
}

TEST_CASE("it is asked by POST over one connection, and the token is in the body alone, encoded") {
  const ReportingApiServer server;
  Instance instance(server);
  instance.config.token_file = TokenIn(instance.directory, "s3cret&c=1");
  (void)instance.Ask();
  REQUIRE(server.requests().size() == 5);
  for (const ReportingApiServer::Request& request : server.requests()) {
    CHECK(request.connection == 0);
    CHECK(request.headers.starts_with("POST /index.php HTTP/1.1\r\n"));
    CHECK(Has(request.headers, "Content-Type: application/x-www-form-urlencoded\r\n"));
    CHECK_FALSE(Has(request.headers, "s3cret"));
    CHECK(request.body.ends_with("&token_auth=s3cret%26c%3D1"));
  }
}

TEST_CASE("without a URL nothing is asked, and the MySQL version is that of the configuration") {
  InstanceConfig config;
  config.mysql_version = "10.11.6-MariaDB";
  const InstanceAnswers answers = AskInstance(config, {});
  CHECK(answers.facts.mysql_version == "10.11.6-MariaDB");
  CHECK(answers.facts.matomo_version == "");
  CHECK(answers.missing == "");
}

TEST_CASE("an older one is asked by the name that the method had") {
  ReportingApiServer::Answers answers = ReportingApiServer::AsMatomo();
  answers.erase("API.getMatomoVersion");
  answers["API.getPiwikVersion"] = {200, R"({"value":"2.17.1"})"};
  CHECK(AnswersOf(ReportingApiServer(answers)).facts.matomo_version == "2.17.1");
}

TEST_CASE("what a distribution adds to the version of PHP is not told") {
  for (const std::string version : {"7.4.3-4ubuntu2", "7.4.3RC1", "7.4.3"}) {
    const ReportingApiServer server(With("API.getPhpVersion", {200, "{\"version\":\"" + version + "\"}"}));
    CHECK(AnswersOf(server).facts.php_version == "7.4.3");
  }
}

TEST_CASE("of the version of Matomo, a pre-release is told, and nothing that somebody else has added") {
  for (const auto& [version, told] : {std::pair("5.2.0-b5", "5.2.0-b5"), std::pair("5.2.0-rc2", "5.2.0-rc2"),
                                      std::pair("5.2.0-alpha.20241118", "5.2.0-alpha.20241118"),
                                      std::pair("5.2.0-alice-at-corp", "5.2.0"), std::pair("5.2.0-b5.corp", "5.2.0")}) {
    CAPTURE(std::string(version));
    const ReportingApiServer server(With("API.getMatomoVersion", {200, fmt::format("{{\"value\":\"{}\"}}", version)}));
    CHECK(AnswersOf(server).facts.matomo_version == told);
  }
}

TEST_CASE("an answer of no use leaves its variable out, and the others are asked for") {
  const struct {
    ApiAnswer answer;
    std::string says;
  } rows[] = {
      {{200, R"({"result":"error","message":"s3cret"})"}, "Matomo answers with an error"},
      {{200, "<html>s3cret</html>"}, "the answer is not Matomo's"},
      {{200, R"(["s3cret")"}, "the answer is not Matomo's"},
      {{200, ""}, "the answer is not Matomo's"},
      {{200, R"({"value":"s3cret"})"}, "the answer was not understood"},
      {{500, R"({"result":"error","message":"s3cret"})"}, "the answer has status 500"},
      {{301, "s3cret"}, "the answer has status 301"},
      {{200, '"' + std::string(5 << 20, 'x') + '"'}, "the answer is too large"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.says);
    const ReportingApiServer server(With("UsersManager.getUsersLogin", row.answer));
    const InstanceAnswers answers = AnswersOf(server);
    CHECK_FALSE(answers.facts.users);
    CHECK(answers.facts.websites == 2);
    CHECK(answers.facts.php_version == "8.2.36");
    CHECK(Has(answers.missing, "goes without Num Users (" + row.says));
    CHECK_FALSE(Has(answers.missing, "s3cret"));
  }
}

TEST_CASE("a version that is none is left out") {
  const ReportingApiServer server(With("API.getMatomoVersion", {200, R"({"value":"admin@example.org"})"}));
  CHECK(AnswersOf(server).facts.matomo_version == "");
}

TEST_CASE("after an answer that denies access, or none at all, nothing more is asked") {
  const struct {
    ApiAnswer answer;
    std::string says;
  } rows[] = {
      {{401, R"({"result":"error","message":"s3cret"})"}, "access is denied"},
      {{403, "<html>s3cret</html>"}, "access is denied"},
      {{200, "s3cret", ApiAnswer::Way::kCutOff}, "the answer was cut off"},
      {{200, "s3cret", ApiAnswer::Way::kNever}, "no answer in time"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.says);
    const ReportingApiServer server(With("UsersManager.getUsersLogin", row.answer));
    Instance instance(server);
    instance.config.request_timeout = std::chrono::seconds(row.answer.way == ApiAnswer::Way::kNever ? 1 : 60);
    const InstanceAnswers answers = instance.Ask();
    CHECK(server.requests().size() == 3);
    CHECK(answers.facts.segments == 1);
    CHECK_FALSE(answers.facts.websites);
    CHECK(Has(answers.missing, "goes without Num Users, Num Websites, PHP Version (" + row.says));
    CHECK_FALSE(Has(answers.missing, "s3cret"));
  }
}

TEST_CASE("what does not even tell its version is asked nothing else: a wrong token counts as an attack") {
  for (const ApiAnswer& answer :
       {ApiAnswer{200, R"({"result":"error","message":"token"})"}, ApiAnswer{401, ""}, ApiAnswer{200, "<html>"}}) {
    ReportingApiServer::Answers answers = With("API.getMatomoVersion", answer);
    answers["API.getPiwikVersion"] = answer;
    const ReportingApiServer server(answers);
    CHECK(Has(AnswersOf(server).missing, "Matomo Version, Num Segments, Num Users, Num Websites, PHP Version ("));
    CHECK(server.requests().size() <= 2);
  }
}

TEST_CASE("what cannot be asked leaves everything out, and says why without token or URL") {
  const ReportingApiServer server;
  Instance instance(server);
  instance.config.token_file = instance.directory / "none";
  CHECK(Has(instance.Ask().missing, "token file cannot be read"));
  CHECK(server.requests().empty());

  instance.config.token_file = "";
  instance.config.url = "http://127.0.0.1:1/index.php";
  const std::string missing = instance.Ask().missing;
  CHECK(Has(missing, "(no connection can be made)"));
  CHECK_FALSE(Has(missing, "127.0.0.1"));
}

TEST_CASE("a process that goes on asks once a day") {
  const ReportingApiServer server;
  const Instance instance(server);
  InstanceInquiry inquiry(instance.config);
  constexpr std::chrono::minutes kLong{1};
  CHECK(inquiry.FactsOf(1, kLong)->users == 3);
  CHECK(inquiry.FactsOf(1, kLong)->users == 3);
  CHECK(server.requests().size() == 5);
  CHECK(inquiry.FactsOf(2, kLong)->users == 3);
  CHECK(server.requests().size() == 10);
}

TEST_CASE("a process that goes on is not kept waiting, and can end") {
  const ReportingApiServer server(With("API.getMatomoVersion", {200, "", ApiAnswer::Way::kNever}));
  Instance instance(server);
  instance.config.request_timeout = std::chrono::hours(1);
  InstanceInquiry inquiry(instance.config);
  CHECK_FALSE(inquiry.FactsOf(1, {}));
}

// --- The program

std::string InstanceTable(const ReportingApiServer& server, const std::string& token_file) {
  return fmt::format("[instance]\nurl = \"{}\"\ntoken_file = \"{}\"\nmysql_version = \"8.0.36\"\n", server.url(),
                     token_file);
}

std::string TargetTable(const test::ScriptedTracker& tracker, const TempDir& directory) {
  directory.Write("tracker-token", test::TrackerOptions().token);
  std::filesystem::permissions(directory / "tracker-token", std::filesystem::perms::owner_read);
  return fmt::format("[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\ntoken_file = \"{}\"\n", tracker.url(),
                     directory / "tracker-token");
}

// The variables of the page view System-Report.
std::vector<std::string> Reported(const test::ScriptedTracker& tracker) {
  std::vector<std::string> variables;
  for (const auto& row : tracker.recorded()) {
    if (!row.contains("action_name") || row.at("action_name") != "System-Report") continue;
    variables.push_back(row.contains("_cvar") ? row.at("_cvar") : "");
  }
  return variables;
}

// A call of the API at noon of a day before today, in local time.
std::string CallAgo(int days) {
  const LocalTime now = LocalTimeAt(std::chrono::system_clock::now());
  std::tm noon{};
  noon.tm_mday = 1 + now.day - days;
  noon.tm_year = 70;
  noon.tm_hour = 12;
  noon.tm_isdst = -1;
  std::mktime(&noon);
  char time[64];
  REQUIRE(std::strftime(time, sizeof time, "%d/%b/%Y:%H:%M:%S %z", &noon) > 0);
  return fmt::format(
      "192.0.2.1 - - [{}] \"GET /index.php?module=API&method=Actions.get&format=JSON&idSite=1 HTTP/1.1\" 200 9 \"-\" "
      "\"curl/8.0\"\n",
      time);
}

struct Import {
  TempDir directory;
  test::ScriptedTracker tracker;

  Outcome Run(const ReportingApiServer& server, int days) const {
    directory.Write("config", fmt::format("state_dir = \"{}\"\n{}{}", directory / "state",
                                          InstanceTable(server, TokenIn(directory)), TargetTable(tracker, directory)));
    directory.Write("log", CallAgo(days));
    return RunHushlog({"import", "-q", "-c", directory / "config", "--format", "combined", directory / "log"});
  }
};

TEST_CASE("an import of yesterday's log reports what the Matomo is") {
  const ReportingApiServer server;
  const Import import;
  CHECK(import.Run(server, 1).errors == "");
  const auto reported = Reported(import.tracker);
  REQUIRE(reported.size() == 1);
  CHECK(reported[0] == R"({"1":["Matomo Version","5.2.0"],"2":["PHP Version","8.2.36"],"3":["Num Users",3],)"
                       R"("4":["Num Websites",2],"5":["Num Segments",1],"6":["MySQL Version","8.0.36"]})");
  CHECK(RunHushlog({"audit", "-c", import.directory / "config"}).status == 0);
  CHECK_FALSE(Has(ReadTree(import.directory / "state"), "viewer"));
}

TEST_CASE("an import to which the Matomo tells nothing reports without, and says so once") {
  const ReportingApiServer server({{"API.getMatomoVersion", {401, R"({"result":"error","message":"s3cret"})"}}});
  const Import import;
  const Outcome outcome = import.Run(server, 1);
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.starts_with("hushlog: warning: the system report of yesterday goes without Matomo Version, "));
  CHECK_FALSE(Has(outcome.errors, kToken));
  CHECK_FALSE(Has(outcome.errors, "s3cret"));
  const auto reported = Reported(import.tracker);
  REQUIRE(reported.size() == 1);
  CHECK(reported[0] == R"({"6":["MySQL Version","8.0.36"]})");
  CHECK(server.requests().size() == 1);
  CHECK(import.Run(server, 1).errors == "");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an import of older logs asks nothing") {
  const ReportingApiServer server;
  const Import import;
  CHECK(import.Run(server, 2).errors == "");
  CHECK(Reported(import.tracker) == std::vector<std::string>{""});
  CHECK(server.requests().empty());
}

// As if hushlog tail had been started yesterday, and it were time for the report.
void MakeReportDue(const Site& site) {
  const std::unique_ptr<Store> store = Store::Open(site.directory / "state");
  WriteTransaction transaction = store->BeginWrite();
  transaction.Count("system_report.day", LocalTimeAt(std::chrono::system_clock::now()).day - 1);
  transaction.Commit();
}

TEST_CASE("hushlog tail reports what the Matomo is") {
  const ReportingApiServer server;
  const test::ScriptedTracker tracker;
  const TempDir directory;
  const Site site(InstanceTable(server, TokenIn(directory)) + TargetTable(tracker, directory));
  MakeReportDue(site);
  Service service(site.Command());
  CHECK(tracker.WaitForRequests(1));
  CHECK(service.Stop(SIGTERM).status == 0);
  const auto reported = Reported(tracker);
  REQUIRE(reported.size() == 1);
  CHECK(Has(reported[0], R"("1":["Matomo Version","5.2.0"])"));
  CHECK(Has(reported[0], R"("3":["Num Users",3])"));
}

TEST_CASE("hushlog tail ends without the answer of the Matomo, and reports another time") {
  const ReportingApiServer server(With("API.getMatomoVersion", {200, "", ApiAnswer::Way::kNever}));
  const test::ScriptedTracker tracker;
  const TempDir directory;
  const Site site(InstanceTable(server, TokenIn(directory)) + TargetTable(tracker, directory));
  MakeReportDue(site);
  Service service(site.Command());
  CHECK(server.WaitForRequests(1));
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK(outcome.status == 0);
  CHECK_FALSE(Has(outcome.errors, "no answer in time"));
  CHECK(tracker.requests().empty());
}

}  // namespace
}  // namespace hushlog
