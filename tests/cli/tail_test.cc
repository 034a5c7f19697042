// hushlog tail, as a user runs it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "src/spool/store.h"
#include "tests/cli/program.h"
#include "tests/cli/service.h"
#include "tests/cli/tail_site.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

namespace fs = std::filesystem;
using test::ScriptedTracker;

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";

std::string Target(const ScriptedTracker& tracker, const std::string& name = "t") {
  return fmt::format(
      "[[target]]\nname = \"{}\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nretry_delay_ms = 1\n", name,
      tracker.url());
}

TEST_CASE("tail gives the same report as an import of the same log") {
  Site site;
  const std::string text = ReadFile(kSample);
  Append(site.log, text.substr(0, text.size() / 3));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, text.substr(text.size() / 3));
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(service.WaitFor("STOPPING=1"));
  CHECK(RunHushlog(
            {"import", "--quiet", "--format", "combined_rt_host", "--state-dir", site.directory / "imported", kSample})
            .status == 0);
  CHECK(site.Report() == RunHushlog({"report", "--json", "--state-dir", site.directory / "imported"}).output);
  CHECK(site.Ledger()["lines_read"] == 2459);
}

TEST_CASE("tail warns of fields that rules of the site ask for and the log lacks") {
  const Site site("", "beginning", "combined");
  const TempDir rules;
  rules.Write("a.toml", "[opt_out]\nhosts = [\"private.example.org\"]\n");
  const std::string config = site.directory / "config";
  WriteFile(config, fmt::format("rules_dir = \"{}\"\n{}", rules.path(), ReadFile(config)));
  Append(site.log, "192.0.2.7 - - [23/Nov/2026:05:19:28 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n");
  const Outcome outcome = site.Once();
  CHECK(outcome.errors.find("warning: the log format combined has no field host, which a rule asks for\n") !=
        std::string::npos);
}

// A tail whose rules are in a directory of their own.
struct SiteWithRules {
  TempDir rules;
  Site site{"", "beginning", "combined"};
  Service service;

  SiteWithRules() : service(Start()) {}
  std::vector<std::string> Start() {
    const std::string config = site.directory / "config";
    WriteFile(config, fmt::format("rules_dir = \"{}\"\n{}", rules.path(), ReadFile(config)));
    return site.Command();
  }
  void Reload() {
    service.Send(SIGHUP);
    CHECK(service.WaitFor("READY=1"));
  }
  void See(int second) {
    Append(site.log,
           fmt::format("192.0.2.7 - - [23/Nov/2026:05:19:{} +0000] \"GET /index.php?module=AcmeReports&action=index "
                       "HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 "
                       "Firefox/131.0\"\n",
                       second));
  }
};

TEST_CASE_FIXTURE(SiteWithRules, "60: SIGHUP reads the rules again") {
  REQUIRE(service.WaitFor("READY=1"));
  See(10);
  rules.Write("site.toml", "[plugins.AcmeReports]\nreason = \"Ours.\"\nactions = [\"index\"]\n");
  Reload();
  See(20);
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("the rules were read again") != std::string::npos);
  CHECK(site.Report().find("AcmeReports") != std::string::npos);
  CHECK(site.Ledger()["hits"] == 2);
}

TEST_CASE_FIXTURE(SiteWithRules, "60: SIGHUP changes nothing if the new rules are bad, and says why") {
  REQUIRE(service.WaitFor("READY=1"));
  rules.Write("site.toml", "[plugins.AcmeReports]\naction = [\"index\"]\n");
  Reload();
  See(20);
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("configuration and rules stay as they were: ") != std::string::npos);
  CHECK(outcome.errors.find("site.toml:2: unknown key 'action'") != std::string::npos);
  CHECK(site.Ledger()["hits"] == 1);
}

TEST_CASE("60: SIGHUP starts anew with a changed configuration, as the same process, and loses nothing") {
  const Site site;
  const std::string config = site.directory / "config", text = ReadFile(config);
  const std::string other = site.directory / "other.log";
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  const std::string lines = ReadFile(kSample), rest = lines.substr(lines.find('\n', lines.size() / 2) + 1);
  Append(site.log, lines.substr(0, lines.size() - rest.size()));
  Append(other, rest);
  WriteFile(config, text + fmt::format("[[source]]\nname = \"b\"\npaths = [\"{}\"]\nformat = \"combined_rt_host\"\n"
                                       "start = \"beginning\"\n",
                                       other));
  service.Send(SIGHUP);
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, rest);
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(outcome.errors.find("the configuration is read again") != std::string::npos);
  CHECK(site.Ledger()["lines_read"] == 2459 + std::count(rest.begin(), rest.end(), '\n'));
}

TEST_CASE("60: SIGHUP changes nothing if the new configuration is bad, and says why") {
  Site site;
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.directory / "config", "[[target]]\n");
  service.Send(SIGHUP);
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, ReadFile(kSample));
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("a target needs a name") != std::string::npos);
  CHECK(site.Ledger()["lines_read"] == 2459);
}

TEST_CASE("60: SIGHUP changes nothing if a target would get hits of another kind") {
  const std::string target =
      "[[target]]\nname = \"t\"\nurl = \"http://127.0.0.1:1/\"\nsite_id = 1\nsystem_report = false\n";
  Site site(target);
  Append(site.log, ReadFile(kSample));
  CHECK(site.Once().status == 0);
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.directory / "config", "anonymize = false\n");
  service.Send(SIGHUP);
  REQUIRE(service.WaitFor("READY=1"));
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("stay as they were: the target 't' has got hits of the other kind") != std::string::npos);
}

TEST_CASE("131: many SIGHUPs and a changed configuration neither end the process nor lose a line") {
  Site site;
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, ReadFile(kSample));
  for (int i = 0; i < 5; ++i) {
    Append(site.directory / "config", "# changed\n");
    for (int j = 0; j < 20; ++j) service.Send(SIGHUP);
    REQUIRE(service.WaitFor("READY=1"));
  }
  CHECK(service.Stop(SIGTERM).status == 0);
  CHECK(site.Ledger()["lines_read"] == 2459);
}

TEST_CASE("131: a SIGTERM that comes while a configuration is read again ends the process") {
  const Site site;
  for (int i = 0; i < 10; ++i) {
    Service service(site.Command());
    REQUIRE(service.WaitFor("READY=1"));
    Append(site.directory / "config", "# changed\n");
    service.Send(SIGHUP);
    if (i % 2 == 0) REQUIRE(service.WaitFor("RELOADING=1"));
    CHECK(service.Stop(SIGTERM).status == 0);
  }
}

TEST_CASE("117: the first start begins at the end of what is there, and says so; the next one where the last ended") {
  Site site("", "end");
  const std::string text = ReadFile(kSample);
  const std::size_t half = text.find('\n', text.size() / 2) + 1;
  Append(site.log, text.substr(0, half));
  const Outcome first = site.Once();
  CHECK(first.errors.find("followed from where they end") != std::string::npos);
  CHECK(site.Ledger()["lines_read"] == 0);
  Append(site.log, text.substr(half));
  const Outcome second = site.Once();
  CHECK(second.errors.find("followed from where") == std::string::npos);
  CHECK(site.Ledger()["lines_read"] == std::count(text.begin() + static_cast<std::ptrdiff_t>(half), text.end(), '\n'));
}

TEST_CASE("hits reach the target while the log is followed") {
  const ScriptedTracker tracker;
  const TempDir secrets;
  WriteFile(secrets / "token", "0123456789abcdef0123456789abcdef");
  Site site(Target(tracker) + fmt::format("token_file = \"{}\"\n", secrets / "token"));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, ReadFile(kSample));
  CHECK(tracker.WaitForRequests(1));
  CHECK(service.Stop(SIGTERM).status == 0);
  CHECK(!tracker.recorded().empty());
}

TEST_CASE("59, 82: a target that does not answer delays neither the reading nor the end") {
  const ScriptedTracker silent({}, "hang*1000");
  const TempDir secrets;
  WriteFile(secrets / "token", "0123456789abcdef0123456789abcdef");
  Site site(Target(silent) + fmt::format("token_file = \"{}\"\n", secrets / "token"));
  Append(site.log, ReadFile(kSample));
  WriteFile(site.directory / "config", std::regex_replace(ReadFile(site.directory / "config"),
                                                          std::regex("stop_timeout_s = 60"), "stop_timeout_s = 0"));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  REQUIRE(silent.WaitForRequests(1));
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = service.Stop(SIGTERM);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(outcome.errors.find("has not answered in time") != std::string::npos);
}

// Rotates the log as logrotate would.
void Rotate(const Site& site, int kind) {
  for (int i = 8; i > 0; --i) {
    for (const char* suffix : {"", ".gz"}) {
      const std::string from = fmt::format("{}.{}{}", site.log, i, suffix);
      if (fs::exists(from)) fs::rename(from, fmt::format("{}.{}{}", site.log, i + 1, suffix));
    }
  }
  if (!fs::exists(site.log)) return;
  if (kind == 0) {
    fs::copy_file(site.log, site.log + ".1");
    fs::resize_file(site.log, 0);
  } else {
    fs::rename(site.log, site.log + ".1");
    if (kind == 1) REQUIRE(std::system(("gzip " + site.log + ".1").c_str()) == 0);
  }
}

TEST_CASE("21-23, 27-30, 39-41: killed at any moment, while the log is rotated in any way, every line counts once") {
  std::mt19937 random(20261125);
  const std::string sample = ReadFile(kSample);
  Site whole, killed;
  CHECK(killed.Once().status == 0);  // from now on all is new
  for (int day = 10; day < 26; ++day) {
    const std::string text = std::regex_replace(sample, std::regex("23/Nov"), fmt::format("{}/Nov", day));
    Append(whole.log, text);
    const std::size_t parts = 3;
    for (std::size_t part = 0; part < parts; ++part) {
      // Also in the middle of a line.
      const std::size_t begin = text.size() * part / parts, end = text.size() * (part + 1) / parts;
      Append(killed.log, text.substr(begin, end - begin));
      if (part == 0) RunAndKillHushlog(killed.Command(), static_cast<int>(random() % 60));
      if (part == 1) {
        Service service(killed.Command());
        CHECK(service.WaitFor("READY=1"));
        service.Kill();  // while it reads
      }
    }
    if (day % 2 == 0) Rotate(killed, static_cast<int>(random() % 3));
    if (day % 3 == 0) CHECK(killed.Once().status == 0);
  }
  CHECK(killed.Once().status == 0);
  CHECK(whole.Once().status == 0);
  CHECK(killed.Ledger()["lines_read"] == 16 * 2459);
  CHECK(killed.Ledger()["lines_read"] == whole.Ledger()["lines_read"]);
  CHECK(killed.Ledger()["actions"] == whole.Ledger()["actions"]);
  CHECK(killed.Report() == whole.Report());
}

TEST_CASE("a log in another format than the configured one is left alone, and told once") {
  Site site("", "beginning", "common");
  Append(site.log, ReadFile(kSample));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, ReadFile(kSample));
  const std::string errors = service.Stop(SIGTERM).errors;
  const std::size_t told = errors.find("do not fit the format");
  REQUIRE(told != std::string::npos);
  CHECK(errors.find("do not fit the format", told + 1) == std::string::npos);
  CHECK(site.Ledger()["lines_read"] == 0);
}

TEST_CASE("the format of a followed log is found by itself") {
  Site site("", "beginning", "auto");
  const std::string text = ReadFile(kSample);
  Append(site.log, text.substr(0, text.find('\n') + 1));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Append(site.log, text.substr(text.find('\n') + 1));
  CHECK(service.Stop(SIGTERM).status == 0);
  CHECK(site.Ledger()["lines_read"] == 2459);
  CHECK(site.Ledger()["dropped.format_mismatch"] == 0);
}

TEST_CASE("53: a second tail on the same state directory is refused") {
  Site site;
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  const Outcome second = RunHushlog(site.Command());
  CHECK(second.status == 1);
  CHECK(second.errors.find("in use by another hushlog") != std::string::npos);
}

TEST_CASE("tail needs a source to follow") {
  const TempDir directory;
  WriteFile(directory / "config", "max_visits = 10\n");
  const Outcome outcome = RunHushlog({"tail", "--config", directory / "config"});
  CHECK(outcome.status == 2);
  CHECK(outcome.errors.find("nothing to follow") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
