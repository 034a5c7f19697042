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
  CHECK(Says(outcome, "event Reports / Export CSV / Actions.getPageUrls (rule export)\n    sends {\"rec\":\"1\","));
  CHECK_FALSE(Says(outcome, "input:2"));
  CHECK_FALSE(Says(outcome, "\x1b"));
}

TEST_CASE("an explanation tells on demand what is no use, and what becomes of each field") {
  CHECK(Says(Explain({"--all"}), "standard input:2 no use: asset"));
  const Outcome fields = Explain({"--fields"});
  CHECK(Says(fields, "remote_addr              reduced   192.0.0.0\n"));
  CHECK(Says(fields, "referer                  dropped "));
  CHECK(Says(fields, "period                   kept      day (rule words)\n"));
  CHECK(Says(fields, "token_auth               replaced  XYZ (rule secrets)\n"));
}

TEST_CASE("an explanation follows the rules of the site") {
  const TempDir directory;
  ::mkdir((directory / "rules").c_str(), 0700);
  WriteFile(directory / "rules/site.toml",
            "[[rule]]\nid = \"exports\"\ndrop = \"no_exports\"\napi = true\ncalls = [\"Actions.getPageUrls\"]\nreason "
            "= \"r\"\n"
            "accept = [\"GET /index.php?module=API&format=CSV&method=Actions.getPageUrls 200\"]\n");
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
  CHECK(Says(outcome, "remote_addr              reduced   203.0.0.0\n"));
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
