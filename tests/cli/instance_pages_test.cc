// hushlog rules pages: what a Matomo tells of its report pages becomes rules, and no name of its own gets out.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "tests/cli/program.h"
#include "tests/support/reporting_api.h"

namespace hushlog {
namespace {

using test::ReportingApiServer;

std::string Widget(const std::string& call, const std::string& parameters = "") {
  const std::size_t dot = call.find('.');
  return fmt::format(R"({{"module":"{0}","action":"{1}","parameters":{{"module":"{0}","action":"{1}"{2}}}}})",
                     call.substr(0, dot), call.substr(dot + 1), parameters);
}

std::string Page(const std::string& category, const std::string& subcategory, const std::string& widgets) {
  return fmt::format(R"({{"uniqueId":"x","category":{{"id":"{}"}},"subcategory":{{"id":"{}"}},"widgets":[{}]}})",
                     category, subcategory, widgets);
}

// A custom dimension within a container, a page that is known, and such as have names of the installation.
std::string Pages() {
  const std::string dimension =
      R"({"module":"CoreHome","action":"renderWidgetContainer","isContainer":true,"widgets":[)" +
      Widget("CustomDimensions.getCustomDimension", R"(,"idDimension":3)") + "]}";
  return "[" + Page("General_Visitors", "customdimension3", dimension) + "," +
         Page("General_Actions", "General_Downloads", Widget("Actions.getDownloads")) + "," +
         Page("Acme_Secrets", "Acme_Customers", Widget("Acme.getCustomers")) + "," +
         Page("General_Visitors", "customdimension4", Widget("Acme.getCustomers")) + "," +
         Page("General_Visitors", "customdimension5",
              Widget("CustomDimensions.getCustomDimension", R"(,"idDimension":"5x-jane")")) +
         "]";
}

struct Site {
  TempDir directory;
  ReportingApiServer server;
  std::string config = directory / "config";

  explicit Site(const std::string& pages) : server(With(pages)) {
    const std::string token = directory.Write("token", std::string(32, 'a'));
    WriteFile(config, fmt::format("rules_dir = \"{}\"\n[instance]\nurl = \"{}\"\ntoken_file = \"{}\"\n",
                                  directory / "rules", server.url(), token));
    std::filesystem::create_directory(directory / "rules");
  }
  static ReportingApiServer::Answers With(const std::string& pages) {
    ReportingApiServer::Answers answers = ReportingApiServer::AsMatomo();
    answers["API.getReportPagesMetadata"] = {.body = pages};
    return answers;
  }
  Outcome Run() const { return RunHushlog({"rules", "pages", "--config", config, "--idsite", "4"}); }
};

TEST_CASE("pages that the rules lack become rules, and names of the installation are left out") {
  const Site site(Pages());
  const Outcome outcome = site.Run();
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find(R"(id = "general_visitors_customdimension3")") != std::string::npos);
  CHECK(outcome.output.find(R"("CustomDimensions.getCustomDimension?idDimension=3")") != std::string::npos);
  CHECK(outcome.output.find("General_Downloads") == std::string::npos);
  for (const char* own : {"Acme", "customdimension4", "customdimension5", "jane"}) {
    CAPTURE(std::string(own));
    CHECK((outcome.output + outcome.errors).find(own) == std::string::npos);
  }
  CHECK(outcome.errors.find("1 pages of the Matomo are new, 1 are known, 3 are left out") != std::string::npos);
}

TEST_CASE("what was written is a rule file, by which the page is recognised, and then it is known") {
  const Site site(Pages());
  WriteFile(site.directory / "rules/pages.toml", site.Run().output);
  CHECK(RunHushlog({"rules", "test", "--config", site.config}).status == 0);
  const Outcome again = site.Run();
  CHECK(again.output == "");
  CHECK(again.errors.find("0 pages of the Matomo are new, 2 are known") != std::string::npos);
}

TEST_CASE("the token is in the body, and the site that was asked for") {
  const Site site(Pages());
  (void)site.Run();
  const auto requests = site.server.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].headers.find("aaaaaaaa") == std::string::npos);
  CHECK(requests[0].body.find("idSite=4") != std::string::npos);
  CHECK(requests[0].body.find("token_auth=aaaaaaaa") != std::string::npos);
}

TEST_CASE("without an answer that is understood nothing is written, and that is told") {
  for (const char* answer :
       {R"({"result":"error","message":"no access for jane"})", "<html>jane</html>", R"("jane")"}) {
    CAPTURE(std::string(answer));
    const Site site(answer);
    const Outcome outcome = site.Run();
    CHECK(outcome.status == 1);
    CHECK(outcome.output == "");
    CHECK(outcome.errors.find("the pages of the Matomo are not known") != std::string::npos);
    CHECK(outcome.errors.find("jane") == std::string::npos);
  }
  const TempDir directory;
  WriteFile(directory / "config", "");
  CHECK(RunHushlog({"rules", "pages", "--config", directory / "config"}).status == 2);
}

}  // namespace
}  // namespace hushlog
