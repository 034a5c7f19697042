// hushlog status, as a user runs it.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <filesystem>

#include "src/cli/status_text.h"
#include "src/spool/state_directory.h"
#include "src/status/status_report.h"
#include "tests/cli/tail_site.h"

namespace hushlog {
namespace {

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";
// Nobody listens there.
const std::string kDown =
    "[[target]]\nname = \"down\"\nurl = \"http://127.0.0.1:1/\"\nsite_id = 1\nsystem_report = false\nretry_delay_ms = "
    "1\nmax_attempts = 1\n";

Outcome StatusOf(const Site& site, const std::string& option = "--json") {
  return RunHushlog({"status", "--config", site.directory / "config", option});
}

TEST_CASE("status tells what a running tail follows, without disturbing it") {
  const Site site;
  Append(site.log, ReadFile(kSample));
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  const Outcome outcome = StatusOf(site);
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(JsonField(outcome.output, "process") != "0");
  CHECK(JsonField(outcome.output, "path") == site.log);
  CHECK(JsonField(outcome.output, "size") == std::to_string(std::filesystem::file_size(site.log)));
  CHECK(service.Stop(SIGTERM).status == 0);
}

TEST_CASE("status without a tail tells what the state database holds, and the ledger adds up") {
  const Site site(kDown);
  Append(site.log, ReadFile(kSample));
  CHECK(site.Once().status == 0);
  const Outcome outcome = StatusOf(site);
  CHECK(JsonField(outcome.output, "process") == "0");
  CHECK(JsonField(outcome.output, "lines_read") == "2459");
  CHECK(outcome.output.find("\"adds_up\":false") == std::string::npos);
  CHECK(outcome.output.find("\"adds_up\":true") != std::string::npos);
  CHECK(RunHushlog({"status", "--state-dir", site.directory / "state"}).output.find("2459 read") != std::string::npos);
}

TEST_CASE("status fails with a status of its own if a target does not take hits, and tells why") {
  const Site site(kDown);
  Append(site.log, ReadFile(kSample));
  const Outcome import = RunHushlog({"import", "--quiet", "--config", site.directory / "config"});
  CHECK(import.status == 5);
  const Outcome outcome = StatusOf(site);
  CHECK(outcome.status == 5);
  CHECK(JsonField(outcome.output, "state") == "waits");
  CHECK(JsonField(outcome.output, "trouble") != "");
}

TEST_CASE("status makes no state database") {
  const Site site;
  std::filesystem::create_directory(site.directory / "state");
  CHECK(StatusOf(site).status == 1);
  CHECK(std::filesystem::is_empty(site.directory / "state"));
}

TEST_CASE("what cannot be told on standard error is no reason to crash") {
  const TempDir directory;
  const pid_t process =
      StartHushlog({"tail", "--config", directory / "missing"}, "/dev/null", "/dev/null", "/dev/full");
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 2);
}

TEST_CASE("status tells when another command uses the state directory, or there is none") {
  const Site site;
  CHECK(StatusOf(site).errors.find("nothing was imported or followed yet") != std::string::npos);
  const StateDirectory import(site.directory / "state");
  const Outcome outcome = StatusOf(site);
  CHECK(outcome.status == 1);
  CHECK(outcome.errors.find("uses the state directory") != std::string::npos);
}

StatusReport Example() {
  StatusReport report;
  report.time_ms = 1'000'000'000;
  report.process = 7;
  report.counters = {{"lines_read", 10}, {"actions", 4}, {"dropped.asset", 5}, {"dropped.bot", 1}, {"followed.a", 3}};
  report.sources = {{"a", {{"/var/log/a\x1b[31m", 0, 100, 1100, std::chrono::seconds(90)}}}, {"b", {}}};
  TargetStatus target;
  target.name = "t";
  target.active = true;
  target.ledger = {.hits = 10, .sent = 6, .tracked = 3, .invalid = 2, .unaccounted = 1, .dead = 1, .pending = 3};
  target.oldest_ms = report.time_ms - 7'200'000;
  report.targets = {target};
  report.conditions = {{"t", TargetState::kRefused, "the token is wrong", "the token is wrong", 999'998'000, 5000, 2}};
  return report;
}

TEST_CASE("the text of a status shows lag, waiting hits, the last answer and the equations") {
  CHECK(StatusText(ToJson(Example()), 1'000'003'000) ==
        "hushlog tail is running (process 7); as of 3 s ago\n"
        "source  a: 1000 bytes behind, for 90 s\n"
        "          /var/log/a\\x1b[31m: 100 of 1100 bytes\n"
        "source  b: no file is open\n"
        "target  t: waits: the token is wrong\n"
        "          10 hits = 3 tracked + 2 refused + 1 unaccounted + 0 parked + 1 undeliverable + 3 waiting\n"
        "          the oldest that waits was stored 2 h ago\n"
        "          last answer 2 s ago: the token is wrong; requests at a time: 2\n"
        "          its clock is 5 s behind: hits wait for so long\n"
        "lines   10 read = 4 of the user interface + 6 others\n"
        "                     5 asset\n"
        "                     1 bot\n");
}

TEST_CASE("a process that does not tell its status any more is told") {
  const std::string json = ToJson(Example());
  CHECK(IsSound(json, 1'000'020'000));
  CHECK_FALSE(IsSound(json, 1'000'040'000));
  CHECK(StatusText(json, 1'000'040'000).find("as of 40 s ago  <- IT HANGS") != std::string::npos);
}

TEST_CASE("a ledger that does not add up is told") {
  StatusReport report = Example();
  report.counters["lines_read"] = 11;
  CHECK_FALSE(IsSound(ToJson(report), report.time_ms));
  CHECK(StatusText(ToJson(report), 0).find("11 read = 4 of the user interface + 6 others  <- DOES NOT ADD UP") !=
        std::string::npos);
  report = Example();
  report.targets[0].ledger.tracked = 4;
  CHECK(StatusText(ToJson(report), 0).find("waiting  <- DOES NOT ADD UP") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
