// The status page of hushlog tail, as a browser or a monitoring sees it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/cli/tail_site.h"
#include "tests/support/http_socket.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";

void ListenOn(const Site& site, const std::string& address) {
  const std::string config = site.directory / "config";
  std::string text = ReadFile(config);
  const std::string off = "\"off\"";
  text.replace(text.find(off), off.size(), "\"" + address + "\"");
  WriteFile(config, text);
}

// The port that the service says it has got.
int PortOf(const Service& service) {
  const std::string said = service.errors();
  const std::string before = "the status page is at http://127.0.0.1:";
  const std::size_t at = said.find(before);
  REQUIRE_MESSAGE(at != std::string::npos, said);
  return std::stoi(said.substr(at + before.size()));
}

std::string Get(int port, std::string_view path) {
  return test::Ask(port, fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", path));
}

// Asks until the answer holds the text; that is a matter of a second.
bool ComesToHold(int port, std::string_view path, std::string_view text) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < end) {
    if (Get(port, path).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

TEST_CASE("a running tail tells its health and its metrics") {
  const test::ScriptedTracker tracker;
  const Site site(fmt::format(
      "[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nmax_backlog_age = \"9000d\"\n",
      tracker.url()));
  ListenOn(site, "127.0.0.1:0");
  Append(site.log, ReadFile(kSample));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  const int port = PortOf(service);
  CHECK(Get(port, "/healthz").starts_with("HTTP/1.1 200"));
  CHECK(Get(port, "/readyz").starts_with("HTTP/1.1 200"));
  CHECK(ComesToHold(port, "/metrics", "\nhushlog_lines_read_total 2459\n"));
  CHECK(ComesToHold(port, "/metrics", "hushlog_hits_total{target=\"t\",outcome=\"dead\"} 0\n"));
  CHECK(service.Stop(SIGTERM).status == 0);
}

TEST_CASE("no page holds a token, an address, a user, a host or a URL of a target") {
  const test::ScriptedTracker tracker;
  const TempDir secrets;
  WriteFile(secrets / "token", test::TrackerOptions().token);
  const Site site(
      fmt::format("[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\ntoken_file = \"{}\"\nsystem_report = false\n",
                  tracker.url(), secrets / "token"));
  ListenOn(site, "127.0.0.1:0");
  Append(site.log, ReadFile(kSample));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  const int port = PortOf(service);
  REQUIRE(ComesToHold(port, "/transparency", "<dt>cip</dt>"));
  for (const char* path : {"/", "/status", "/transparency", "/metrics", "/healthz", "/readyz"}) {
    const std::string page = Get(port, path);
    CHECK_MESSAGE(page.starts_with("HTTP/1.1 200"), path);
    for (const std::string& secret :
         {test::TrackerOptions().token, std::string("192.0.2.10"), std::string("198.51.100."),
          std::string("analytics.example.org"), tracker.url(), std::string("<dt>token_auth")}) {
      CHECK_MESSAGE(page.find(secret) == std::string::npos, path << ": " << secret);
    }
  }
  CHECK(service.Stop(SIGTERM).status == 0);
}

TEST_CASE("a port that is in use costs the status page, not the measuring") {
  const Site site;
  int port = 0;
  const UniqueFd taken = test::ListenOnLoopback(&port);
  ListenOn(site, fmt::format("127.0.0.1:{}", port));
  Append(site.log, ReadFile(kSample));
  const Outcome outcome = site.Once();
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("warning: there is no status page") != std::string::npos);
  CHECK(site.Ledger()["lines_read"] == 2459);
}

TEST_CASE("the status page is there again when the configuration was read anew") {
  const Site site;
  ListenOn(site, "127.0.0.1:0");
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  const int first = PortOf(service);
  const std::string config = site.directory / "config";
  std::string text = ReadFile(config);
  text.replace(text.find(":0\""), 3, fmt::format(":{}\"", first));
  WriteFile(config, text);
  service.Send(SIGHUP);
  REQUIRE(service.WaitFor("RELOADING=1"));
  REQUIRE(service.WaitFor("READY=1"));
  CHECK(Get(first, "/readyz").starts_with("HTTP/1.1 200"));
  CHECK(service.Stop(SIGTERM).status == 0);
}

}  // namespace
}  // namespace hushlog
