// hushlog explain, as a user runs it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <string>

#include "tests/cli/program.h"

namespace hushlog {
namespace {

const std::string kPage = "/index.php?module=CoreHome&action=index&idSite=2&period=day&date=yesterday";

std::string Line(int second, const std::string& request, const std::string& referer) {
  return fmt::format(
      "192.0.2.10 - - [23/Nov/2026:05:00:{:02} +0000] \"{} HTTP/2.0\" 200 723 \"{}\" \"Mozilla/5.0 (X11; Linux x86_64; "
      "rv:128.0) Gecko/20100101 Firefox/128.0\"\n",
      second, request, referer);
}

std::string Widget(const std::string& call) {
  return "POST /index.php?date=yesterday&" + call + "&idSite=2&period=day&segment=&widget=&showtitle=1&random=7";
}

// A document with a fragment, its page, an asset and an export.
std::string Log() {
  const std::string referer = "https://matomo.example.org" + kPage;
  return Line(1, "GET " + kPage, "-") + Line(2, "GET /plugins/CoreHome/images/logo.svg", referer) +
         Line(3, Widget("module=DevicesDetection&action=getType"), referer) +
         Line(4, Widget("module=DevicesDetection&action=getModel"), referer) +
         Line(5, "GET /index.php?module=API&format=CSV&method=Actions.getPageUrls&token_auth=x&force_api_session=1",
              referer);
}

Outcome Explain(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "explain");
  arguments.push_back("-");
  return RunHushlog(arguments, Log());
}

bool Says(const Outcome& outcome, const std::string& text) { return outcome.output.find(text) != std::string::npos; }

TEST_CASE("an explanation tells what each line is, which page view it belongs to and why") {
  const Outcome outcome = Explain({});
  CHECK(outcome.status == 0);
  CHECK(Says(
      outcome,
      "standard input:1 GET 200: document, CoreHome.index (rule document)\n    waits: page view \"CoreHome Index\""));
  CHECK(Says(outcome,
             "standard input:3 POST 200: report of a page, DevicesDetection.getType (rule report)\n"
             "    opens page view \"Visitors Devices\"\n"
             "    page view \"CoreHome Index\" of 05:00:01 does not count"));
  CHECK(Says(outcome, "getModel (rule report)\n    belongs to page view \"Visitors Devices\" of 05:00:03\n"));
  CHECK(Says(outcome,
             "event Reports / Export CSV / Actions.getPageUrls (rule export)\n"
             "    sends to (example): {\"requests\":[{\"idsite\":1,\"rec\":\"1\","));
  CHECK_FALSE(Says(outcome, "input:2"));
  CHECK_FALSE(Says(outcome, "\x1b"));
}

TEST_CASE("an explanation tells on demand what is no use, and what becomes of each field") {
  CHECK(Says(Explain({"--all"}), "standard input:2 no use: asset (path static_file)\n"));
  const Outcome fields = Explain({"--fields", "--all"});
  CHECK(Says(fields, "remote_addr                reduced   192.0.0.0 ([reduce])\n"));
  CHECK(Says(fields, "referer                    dropped "));
  CHECK(Says(fields, "status                     dropped   only tells what is asked for (rule document)\n"));
  CHECK(Says(fields, "action                     kept      getModel (rule names_of_the_request)\n"));
  CHECK(Says(fields, "period                     kept      day (rule words)\n"));
  CHECK(Says(fields, "token_auth                 replaced  XYZ (rule secrets)\n"));
  CHECK(Says(fields, "path                       dropped   decides (path static_file)\n"));
}

TEST_CASE("a parameter that is not public is told by its place, and one that counts for nothing as such") {
  const std::string log = Line(1, "GET /?idSite=1&jane=doe&module=AcmeJane&idSite=25&action=index&period=day", "-");
  const Outcome outcome = RunHushlog({"explain", "--fields", "-"}, log);
  CHECK(Says(outcome, "idSite                     dropped   is given again behind it\n"));
  CHECK(Says(outcome, "parameter 2                dropped   its name is not public (hushlog rules coverage)\n"));
  CHECK(Says(outcome, "module                     replaced  XYZ (rule names_of_the_request)\n"));
  CHECK(Says(outcome, "idSite                     reduced   5 (rule ids)\n"));
  CHECK_FALSE(Says(outcome, "jane"));
}

// What stands between `from` and the next quote behind it, of the line that begins with `line`.
std::string Value(const std::string& text, const std::string& line, const std::string& from) {
  const std::size_t at = text.find(from, text.find(line));
  REQUIRE(at != std::string::npos);
  return text.substr(at + from.size(), text.find('"', at + from.size()) - at - from.size());
}

TEST_CASE("an explanation shows the request that each target gets, but for its token") {
  const TempDir directory;
  const std::string token = directory.Write("token", "0123456789abcdef0123456789abcdef\n");
  const std::string target = "[[target]]\nurl = \"https://matomo.example.org/\"\n";
  const std::string config =
      directory.Write("hushlog.toml", target + "name = \"own\"\nsite_id = 7\ntoken_file = \"" + token + "\"\n" +
                                          target + "name = \"community\"\nsite_id = 9\n" + target +
                                          "name = \"inner\"\nsite_id = 3\nanonymize = false\n");
  std::string log = Log();
  for (std::size_t at = 0; (at = log.find(" - - ", at)) != std::string::npos;) log.replace(at, 5, " - jane ");
  const Outcome outcome = RunHushlog({"explain", "-c", config, "-"}, log);
  CHECK(Says(outcome, "    sends to own: {\"requests\":[{\"idsite\":7,"));
  CHECK(Says(outcome, "\",\"cip\":\"192.0.0.0\"}],\"token_auth\":\"removed\"}\n"));
  CHECK(Says(outcome, "    sends to community: {\"requests\":[{\"idsite\":9,"));
  CHECK(Value(outcome.output, "sends to community", "\"cid\":\"").size() == 16);
  CHECK(Value(outcome.output, "sends to community", "\"cid\":\"") !=
        Value(outcome.output, "sends to own", "\"cid\":\""));
  CHECK(Value(outcome.output, "sends to inner", "\"uid\":\"") == "jane");
  CHECK(Value(outcome.output, "sends to own", "\"url\":\"").find("https://demo-anonymous.matomo.org/") == 0);
  CHECK_FALSE(Says(outcome, "0123456789abcdef0"));
}

TEST_CASE("a line of somebody who is not measured names the key that says so, and an undecidable one its rule") {
  struct Row {
    const char* rules;
    const char* line;
    const char* says;
  };
  const Row rows[] = {
      {"[opt_out]\nusers = [\"jane\"]\n", "192.0.2.1 - jane", "opt_out ([opt_out] users, {}site.toml:2)\n"},
      {"[opt_out]\naddresses = [\"192.0.2.0/24\"]\n", "192.0.2.1 - -",
       "opt_out ([opt_out] addresses, {}site.toml:2)\n"},
      {"[opt_out]\naddresses = [\"192.0.2.0/24\"]\n", "box.example.org - -",
       "undecidable ([opt_out] addresses, {}site.toml:2)\n"},
      {"[[rule]]\nid = \"probe\"\ndrop = \"probe\"\naddresses = [\"192.0.2.0/24\"]\nreason = \"r\"\n"
       "accept = [\"GET / 200 remote_addr=192.0.2.1\"]\nreject = [\"GET / 200 remote_addr=198.51.100.1\"]\n",
       "box.example.org - -", "undecidable (rule probe)\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    const TempDir directory;
    directory.Write("site.toml", row.rules);
    std::string log = Line(1, "GET " + kPage, "-");
    log.replace(0, log.find(" ["), row.line);
    const Outcome outcome = RunHushlog({"explain", "--all", "--rules", directory / "", "-"}, log);
    CAPTURE(outcome.output);
    CHECK(Says(outcome, fmt::format(fmt::runtime(row.says), directory / "")));
  }
  const std::string log = "192.0.2.1 - - [23/Nov/2026:05:00:01 +0000] \"GET / HTTP/2.0\" 200 \"1\"\n";
  const Outcome outcome = RunHushlog(
      {"explain", "--all", "--format", R"($remote_addr - - [$time_local] "$request" $status "$http_dnt")", "-"}, log);
  CHECK(Says(outcome, "no use: dnt ([opt_out] dnt, rules/privacy.toml:"));
}

TEST_CASE("a bot is told by the rule that knows it, and a browser by those that tell its families") {
  std::string log = Line(1, "GET " + kPage, "-") + Line(2, "GET " + kPage, "-");
  log.insert(log.find(" Firefox/128.0"), " Googlebot/2.1");
  const Outcome outcome = RunHushlog({"explain", "--all", "--fields", "-"}, log);
  CHECK(Says(outcome, "input:1 no use: bot (bot bot_words, rules/user_agents.toml:"));
  CHECK(Says(outcome, "user_agent                 dropped   decides (bot bot_words, rules/user_agents.toml:"));
  CHECK(Says(outcome, "Firefox/128.0 (browser firefox, system linux)\n"));
  const TempDir directory;
  const std::string file = directory.Write(
      "site.toml",
      "\n[[bot]]\nid = \"probe\"\npatterns = ['Firefox/128']\nreason = \"r\"\naccept = [\"Firefox/128.0\"]\n"
      "reject = [\"Firefox/129.0\"]\n");
  const Outcome own = RunHushlog({"explain", "--all", "--rules", directory / "", "-"}, Line(1, "GET " + kPage, "-"));
  CHECK(Says(own, "input:1 no use: bot (bot probe, " + directory / "" + "site.toml:2)\n"));
}

TEST_CASE("the name of a rule file writes no control characters to the terminal") {
  const TempDir directory;
  directory.Write("a\x1b[2J.toml",
                  "[[bot]]\nid = \"probe\"\npatterns = ['Firefox/128']\nreason = \"r\"\naccept = [\"Firefox/128.0\"]\n"
                  "reject = [\"Firefox/129.0\"]\n");
  const Outcome outcome = Explain({"--all", "--fields", "--rules", directory / ""});
  CHECK(Says(outcome, "no use: bot (bot probe, " + directory / "" + "a\\x1b[2J.toml:1)\n"));
  CHECK_FALSE(Says(outcome, "\x1b"));
}

TEST_CASE("an explanation follows the rules of the site") {
  const TempDir directory;
  ::mkdir((directory / "rules").c_str(), 0700);
  WriteFile(directory / "rules/site.toml",
            "[[rule]]\nid = \"exports\"\ndrop = \"no_exports\"\napi = true\ncalls = [\"Actions.getPageUrls\"]\nreason "
            "= \"r\"\n"
            "accept = [\"GET /index.php?module=API&format=CSV&method=Actions.getPageUrls 200\"]\n"
            "reject = [\"GET /index.php?module=API&format=CSV&method=Actions.getPageTitles 200\"]\n");
  const Outcome outcome = Explain({"--all", "--rules", directory / "rules"});
  CHECK(Says(outcome, "standard input:5 no use: no_exports (rule exports)"));
}

TEST_CASE("an explanation believes trusted proxies as an import does") {
  const TempDir directory;
  const std::string config = directory.Write("hushlog.toml", "trusted_proxies = [\"192.0.2.10\"]\n");
  const std::string log = directory.Write(
      "log", "192.0.2.10 - - [23/Nov/2026:05:00:01 +0000] \"GET " + kPage + " HTTP/2.0\" 200 \"203.0.113.7\"\n");
  const Outcome outcome =
      RunHushlog({"explain", "--fields", "--config", config, "--format",
                  R"($remote_addr - $remote_user [$time_local] "$request" $status "$http_x_forwarded_for")", log});
  CHECK(Says(outcome, "remote_addr                reduced   203.0.0.0 ([reduce])\n"));
}

TEST_CASE("an explanation has colours if that is wanted") { CHECK(Says(Explain({"--color", "always"}), "\x1b[1m")); }

TEST_CASE("a file name writes no control characters to the terminal") {
  const TempDir directory;
  const std::string name = directory.Write("a\x1b[2J\xc2\x9b.log", Log());
  const Outcome outcome = RunHushlog({"explain", name, name + ".missing"});
  CHECK(Says(outcome, "a\\x1b[2J\\xc2\\x9b"));
  CHECK(outcome.errors.find("a\\x1b[2J\\xc2\\x9b") != std::string::npos);
  CHECK_FALSE(Says(outcome, "\x1b"));
  CHECK(outcome.errors.find('\x1b') == std::string::npos);
}

TEST_CASE("what cannot be read is no explanation") {
  const Outcome outcome = RunHushlog({"explain", "/nowhere/access.log"});
  CHECK(outcome.status == 4);
  CHECK(outcome.errors.find("/nowhere/access.log") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
