// Rules of a site, and the commands about rules.
#include <doctest/doctest.h>

#include <string>

#include "tests/cli/program.h"

namespace hushlog {
namespace {

constexpr const char* kFormat =
    R"($host $remote_addr - $remote_user [$time_local] "$request" $status 5 "$http_referer" "$http_user_agent" "$cookie_no_usage")";

std::string Line(const std::string& target, const std::string& cookie = "-", const std::string& user = "-") {
  return "m.example.org 192.0.2.7 - " + user + " [23/Nov/2026:05:19:28 +0000] \"GET " + target +
         " HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0\" \"" +
         cookie + "\"\n";
}

std::string Combined(const std::string& target) {
  return "192.0.2.7 - - [23/Nov/2026:05:19:28 +0000] \"GET " + target +
         " HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0\"\n";
}

const std::string kPlugin =
    "[plugins.AcmeReports]\nreason = \"Ours.\"\nreports = [\"getSales\"]\nactions = [\"index\"]\n";

TEST_CASE("rules of a site are in effect, from the command line or the configuration") {
  const TempDir site;
  site.Write("10-plugins.toml", kPlugin);
  site.Write("20-privacy.toml", "[opt_out]\ncookie = \"no_usage\"\nusers = [\"jane\"]\n");
  site.Write("notes.txt", "this is no rule file");
  site.Write(".30.toml", "nor this = [");
  const TempDir directory;
  const std::string log = directory.Write("log", Line("/?module=AcmeReports&action=index") +
                                                     Line("/?module=AcmeReports&action=index", "1") +
                                                     Line("/?module=AcmeReports&action=index", "-", "jane"));
  const std::string config = directory.Write("hushlog.toml", "rules_dir = \"" + site.path() + "\"\n");
  for (const std::vector<std::string>& rules :
       {std::vector<std::string>{"--rules", site.path()}, std::vector<std::string>{"--config", config}}) {
    std::vector<std::string> arguments = {
        "import", "--dry-run", "--output", "-", "--summary-json", directory / "summary", "--format", kFormat, log};
    arguments.insert(arguments.end(), rules.begin(), rules.end());
    const Outcome outcome = RunHushlog(arguments);
    CHECK(outcome.status == 0);
    CHECK(JsonField(outcome.output, "action_name") == "AcmeReports Index");
    CHECK(JsonField(ReadFile(directory / "summary"), "opt_out") == "2");
    CHECK(JsonField(ReadFile(directory / "summary"), "actions") == "1");
    CHECK(outcome.errors.find("warning") == std::string::npos);
  }
}

TEST_CASE("a mistake in the rules stops every command that uses them, with file and line") {
  const TempDir site;
  site.Write("a.toml", "[plugins.AcmeReports]\nreason = \"Ours.\"\nreport = [\"getSales\"]\n");
  site.Write("b.toml", "[[rule]]\nid = \"no_such\"\nenabled = false\nreason = \"r\"\n");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"import", "--dry-run", "-"},
                                                  {"rules", "list"},
                                                  {"rules", "test"},
                                                  {"rules", "coverage", "-"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--rules", site.path()});
    const Outcome outcome = RunHushlog(arguments, Line("/"));
    CAPTURE(outcome.errors);
    CHECK(outcome.status == 2);
    CHECK(outcome.errors.find(site / "a.toml:3: unknown key 'report'") != std::string::npos);
    CHECK(outcome.errors.find(site / "b.toml:1: there is no rule 'no_such'") != std::string::npos);
  }
  const Outcome missing = RunHushlog({"rules", "test", "--rules", site / "nowhere"});
  CHECK(missing.status == 2);
  CHECK(missing.errors.find("cannot be read") != std::string::npos);
}

TEST_CASE("a log format without a field that a rule of the site asks for is told once") {
  const std::string rule = "[[rule]]\nid = \"a\"\ndrop = \"x\"\nreason = \"r\"\n";
  const std::pair<std::string, std::string> cases[] = {
      {"[opt_out]\ncookie = \"no_usage\"\n", "cookie_no_usage"},
      {"[opt_out]\nhosts = [\"a.example.org\"]\n", "host"},
      {rule + "hosts = [\"a.example.org\"]\naccept = [\"GET / 200 host=a.example.org\"]\nreject = [\"GET / 200\"]\n",
       "host"},
      {rule + "fields = { http_dnt = '0' }\naccept = [\"GET / 200 dnt=0\"]\nreject = [\"GET / 200\"]\n", "dnt"},
  };
  for (const auto& [text, field] : cases) {
    CAPTURE(text);
    const TempDir site;
    site.Write("a.toml", text);
    const TempDir directory;
    directory.Write("1.log", Combined("/"));
    directory.Write("2.log", Combined("/?idSite=2"));
    const Outcome outcome = RunHushlog({"import", "--dry-run", "--quiet", "--format", "combined", "--rules",
                                        site.path(), directory / "1.log", directory / "2.log"});
    CHECK(outcome.status == 0);
    CHECK(outcome.errors ==
          "hushlog: warning: the log format combined has no field " + field + ", which a rule asks for\n");
  }
}

TEST_CASE("fields that the log format has, and those of shipped rules, are not told to be missing") {
  const TempDir site;
  site.Write("a.toml", "[opt_out]\nusers = [\"jane\"]\naddresses = [\"198.51.100.0/24\"]\n");
  const TempDir directory;
  const Outcome outcome = RunHushlog({"import", "--dry-run", "--quiet", "--format", "combined", "--rules", site.path(),
                                      directory.Write("log", Combined("/"))});
  CHECK(outcome.errors.empty());
}

TEST_CASE("all samples of all rules hold, and a failing one is told") {
  const Outcome shipped = RunHushlog({"rules", "test"});
  CHECK(shipped.status == 0);
  CHECK(std::atoi(shipped.output.c_str()) > 300);
  const TempDir site;
  site.Write("a.toml",
             "[[bot]]\nid = \"acme\"\npatterns = ['AcmeProbe']\nreason = \"Ours.\"\n"
             "accept = [\"AcmeProbe/1\", \"AnotherProbe/1\"]\nreject = [\"Chrome\"]\n");
  const Outcome failing = RunHushlog({"rules", "test", "--rules", site.path()});
  CHECK(failing.status == 2);
  CHECK(failing.errors.find(site / "a.toml:5: the sample") != std::string::npos);
}

TEST_CASE("the list tells what may be shown and where that stands") {
  const TempDir site;
  const std::string file = site.Write(
      "a.toml",
      kPlugin +
          "[[rule]]\nid = \"document\"\nenabled = false\nreason = \"Not wanted.\"\n[reduce]\nlanguage = \"tag\"\n"
          "[secrets]\nwords = [\"customer_pin\"]\n[no_reports]\nwidgets = [\"AcmeReports.getSales\"]\n"
          "[[device]]\nid = \"acme_pads\"\ndevice = \"tablet\"\npatterns = [\"AcmePad\"]\nreason = \"Ours.\"\n"
          "accept = [\"AcmePad/1\"]\nreject = [\"Chrome\"]\n[[bot]]\nid = \"bot_names\"\nenabled = false\nreason = "
          "\"No.\"\n");
  const std::string list = RunHushlog({"rules", "list", "--rules", site.path()}).output;
  for (const std::string& line :
       {"plugin      AcmeReports: Ours.  [" + file + ":1]",
        "report      AcmeReports.getSales  [" + file + ":3]",
        std::string("parameter   idSite: number, reduced to 1..20, or a word  [rules/parameters.toml:"),
        std::string("parameter   token_auth: secret  [rules/parameters.toml:"),
        std::string("parameter   label: hidden  [rules/"),
        std::string("method      VisitsSummary.get  [rules/catalogue/"),
        "rule        document: (replaced by " + file + ":5) document. ",
        "rule        document: (switched off) Not wanted.  [" + file + ":5]",
        "secrets     words: customer_pin  [" + file + ":12]",
        "no_reports  widgets: AcmeReports.getSales  [" + file + ":14]",
        "device      acme_pads: tablet: AcmePad. Ours.  [" + file + ":15]",
        "bot         bot_names: (replaced by " + file + ":22) a bot: 360JK yunjiankong, ",
        "bot         bot_names: (switched off) No.  [" + file + ":22]",
        std::string("browser     firefox: Firefox. "),
        std::string("browser     curl: api_clients  [rules/user_agents.toml:"),
        std::string("system      linux: Linux. "),
        std::string("page        devices: General_Visitors / DevicesDetection_Devices: DevicesDetection.getType, "),
        std::string("access      login_form: anonymous: Login, "),
        std::string("plugin      VisitsSummary: Comes, or came, with Matomo"),
        std::string("rule        sparkline: drop image. An image"),
        "reduce      language: tag  [" + file + ":10]",
        std::string("event       segment_save: Segments, Save, SegmentEditor. A segment was")}) {
    CAPTURE(line);
    CHECK(list.find(line) != std::string::npos);
  }
  const std::string own = RunHushlog({"rules", "list", "--site", "--rules", site.path()}).output;
  CHECK(own.find("AcmeReports.getSales") != std::string::npos);
  CHECK(own.find("rules/requests.toml") == std::string::npos);
}

TEST_CASE("coverage tells the names of a log that are not whitelisted") {
  const TempDir directory;
  const std::string log = directory.Write(
      "log", Line("/?module=AcmeReports&action=index&acmeView=secret1") + Line("/?module=AcmeReports&action=index") +
                 Line("/?module=CoreHome&action=index&a-b=1&segment=secret2") + Line("/wp-login.php?module=Stranger"));
  const Outcome before = RunHushlog({"rules", "coverage", "--format", kFormat, log});
  CHECK(before.status == 0);
  for (const std::string line :
       {"4 lines, 3 of them usage\n", "         2  AcmeReports\n", "         2  AcmeReports.index\n",
        "         1  acmeView\n", "(1 other names)\n", "         1  segment\n"}) {
    CAPTURE(line);
    CHECK(before.output.find(line) != std::string::npos);
  }
  CHECK(before.output.find("Stranger") == std::string::npos);
  CHECK(before.output.find("secret") == std::string::npos);
  const TempDir site;
  site.Write("a.toml", kPlugin);
  const Outcome after = RunHushlog({"rules", "coverage", "--rules", site.path(), "--format", kFormat, log});
  CHECK(after.output.find("AcmeReports") == std::string::npos);
  CHECK(RunHushlog({"rules", "coverage", directory / "nowhere"}).status == 4);
}

TEST_CASE("coverage believes trusted proxies as an import does") {
  const TempDir site;
  site.Write("a.toml", "[opt_out]\naddresses = [\"203.0.113.7\"]\n");
  const TempDir directory;
  const std::string config =
      directory.Write("hushlog.toml", "rules_dir = \"" + site.path() + "\"\ntrusted_proxies = [\"192.0.2.7\"]\n");
  const std::string log =
      directory.Write("log", "192.0.2.7 - - [23/Nov/2026:05:19:28 +0000] \"GET / HTTP/1.1\" 200 \"203.0.113.7\"\n");
  const Outcome outcome =
      RunHushlog({"rules", "coverage", "--config", config, "--format",
                  R"($remote_addr - $remote_user [$time_local] "$request" $status "$http_x_forwarded_for")", log});
  CHECK(outcome.output.find("1 lines, 0 of them usage\n") != std::string::npos);
}

TEST_CASE("coverage reads a log of one line without an end of line") {
  const TempDir directory;
  std::string line = Combined("/?module=AcmeReports");
  line.pop_back();
  const Outcome outcome = RunHushlog({"rules", "coverage", directory.Write("log", line)});
  CAPTURE(outcome.errors);
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("         1  AcmeReports\n") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
