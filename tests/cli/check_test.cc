// hushlog check, as somebody uses it before the first import.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "src/spool/state_directory.h"
#include "tests/cli/program.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

struct Site {
  TempDir directory;
  std::string log = directory / "access.log";
  std::string token = directory / "token";

  Site() {
    WriteFile(log, ReadFile(HUSHLOG_TEST_DATA "/formats/nginx_combined_rt.log"));
    WriteFile(token, test::TrackerOptions().token);
    ::chmod(token.c_str(), 0600);
  }

  std::string Source(const std::string& more = "") const {
    return fmt::format("state_dir = \"{}\"\n[[source]]\nname = \"m\"\npaths = [\"{}\"]\n{}\n", directory / "state", log,
                       more);
  }
  static std::string Target(const ScriptedTracker& tracker, const std::string& more = "") {
    return fmt::format("[[target]]\nname = \"own\"\nurl = \"{}\"\nsite_id = 1\n{}\n", tracker.url(), more);
  }
  Outcome Check(const std::string& config, std::vector<std::string> more = {}) const {
    WriteFile(directory / "c", config);
    std::vector<std::string> arguments = {"check", "--config", directory / "c"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunHushlog(arguments);
  }
};

std::vector<std::string> LinesWith(const std::string& mark, const Outcome& outcome) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = outcome.output.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = outcome.output.substr(begin, end - begin);
    if (line.starts_with(mark)) lines.push_back(line);
  }
  return lines;
}

// That there is one error, which says this, and the exit status.
void CheckOneError(const Outcome& outcome, int status, const std::string& says) {
  CAPTURE(outcome.output);
  CAPTURE(says);
  CHECK(outcome.status == status);
  CHECK(outcome.errors.empty());
  const std::vector<std::string> errors = LinesWith("error ", outcome);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].find(says) != std::string::npos);
}

void CheckOneWarning(const Outcome& outcome, const std::string& says) {
  CAPTURE(outcome.output);
  CAPTURE(says);
  CHECK(outcome.status == 0);
  const std::vector<std::string> warnings = LinesWith("warning ", outcome);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find(says) != std::string::npos);
}

TEST_CASE("a configuration that works is found good, a hit is shown, and nothing is made") {
  const Site site;
  const Outcome outcome = site.Check(site.Source());
  CAPTURE(outcome.output);
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("lines fit the format") != std::string::npos);
  CHECK(outcome.output.find("become hits such as {\"time\":") != std::string::npos);
  CHECK(outcome.output.find("192.0.2.10") == std::string::npos);
  CHECK(LinesWith("ok ", outcome).size() == static_cast<std::size_t>(std::ranges::count(outcome.output, '\n')));
  CHECK(!std::filesystem::exists(site.directory / "state"));
}

TEST_CASE("every mistake of a configuration is an error with its line") {
  const Site site;
  const Outcome outcome = site.Check("max_visits = 0\ncolour = 1\n");
  CHECK(outcome.status == 2);
  CHECK(LinesWith("error ", outcome).size() == 2);
  CHECK(outcome.output.find("c:2: unknown key 'colour'") != std::string::npos);
}

TEST_CASE("a configuration that is not there is named, with the way to one") {
  const TempDir directory;
  CheckOneError(RunHushlog({"check", "--config", directory / "none"}), 2, "to write one: hushlog init --config");
}

TEST_CASE("rules of the site that are wrong are errors") {
  const Site site;
  std::filesystem::create_directory(site.directory / "rules");
  WriteFile(site.directory / "rules/a.toml", "nonsense = 1\n");
  const Outcome outcome = site.Check(fmt::format("rules_dir = \"{}\"\n", site.directory / "rules"));
  CHECK(outcome.status == 2);
  CHECK(outcome.output.find("error    rules: ") != std::string::npos);
}

TEST_CASE("a format that is not that of the log is an error, and the log is not shown") {
  const Site site;
  CheckOneError(site.Check(site.Source("format = \"vhost_combined\"")), 2, "they look like combined_rt_host");
  WriteFile(site.log, "s3cret s3cret\ns3cret\n");
  const Outcome outcome = site.Check(site.Source());
  CheckOneError(outcome, 2, "set `format` to the log_format");
  CHECK(outcome.output.find("s3cret") == std::string::npos);
}

TEST_CASE("some lines that do not fit are a warning with their share") {
  const Site site;
  std::string text = ReadFile(site.log);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  for (std::size_t i = 0; i < lines / 4; ++i) text += "no such line\n";
  WriteFile(site.log, text);
  CheckOneWarning(site.Check(site.Source("format = \"combined_rt_host\"")),
                  fmt::format("{} of the last {} lines fit", lines, lines + lines / 4));
}

TEST_CASE("of a large log the last lines count") {
  const Site site;
  const std::string good = ReadFile(site.log);
  std::string old, recent;
  while (old.size() < 1 << 20) old += "an old line in another format\n";
  while (recent.size() < 1 << 20) recent += good;
  WriteFile(site.log, old + recent);
  const Outcome outcome = site.Check(site.Source("format = \"combined_rt_host\""));
  CAPTURE(outcome.output);
  CHECK(outcome.status == 0);
  CHECK(LinesWith("warning ", outcome).empty());
}

TEST_CASE("of many logs the first are looked at, and the others counted") {
  const Site site;
  for (int i = 0; i < 25; ++i) {
    std::filesystem::create_hard_link(site.log, site.directory / fmt::format("one{}.log", i));
    WriteFile(site.directory / fmt::format("host{}.log", i), ReadFile(site.log));
  }
  const Outcome outcome = site.Check(fmt::format(
      "state_dir = \"{0}/state\"\n[[source]]\nname = \"m\"\npaths = [\"{0}/host*.log\", \"{0}/one*.log\"]\n",
      site.directory.path()));
  CAPTURE(outcome.output);
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("files: 26, logs: 26\n") != std::string::npos);
  CHECK(outcome.output.find("6 more logs, whose lines were not looked at\n") != std::string::npos);
}

TEST_CASE("a log that is missing or cannot be opened is an error of the input") {
  const Site site;
  std::filesystem::remove(site.log);
  CheckOneError(site.Check(site.Source()), 4, "access.log: No such file");
  std::filesystem::create_directory(site.log);
  CheckOneError(site.Check(site.Source()), 4, site.log + " is a directory; name its files: ");
}

TEST_CASE("a log without lines, of something else, or without durations is a warning") {
  const Site site;
  WriteFile(site.log, ReadFile(HUSHLOG_TEST_DATA "/formats/nginx_combined.log"));
  CheckOneWarning(site.Check(site.Source()), "add $request_time to the log_format");
  WriteFile(site.log, "");
  CheckOneWarning(site.Check(site.Source()), "is empty");
  WriteFile(site.log, "192.0.2.1 - - [23/Nov/2026:05:19:30 +0000] \"GET /shop HTTP/1.1\" 200 1 \"-\" \"-\" 0.1\n");
  CheckOneWarning(site.Check(site.Source("format = \"combined_rt\"")), "none of these lines is use of a Matomo");
}

TEST_CASE("a state directory that is in use is fine, one that all may write to is not") {
  const Site site;
  {
    const StateDirectory tail(site.directory / "state");
    const Outcome outcome = site.Check(site.Source());
    CHECK(outcome.status == 0);
    CHECK(outcome.output.find(fmt::format("in use by hushlog, process {}", getpid())) != std::string::npos);
  }
  ::chmod((site.directory / "state").c_str(), 0755);
  CheckOneWarning(site.Check(site.Source()), "run: chmod 700");
  ::chmod((site.directory / "state").c_str(), 0777);
  CheckOneError(site.Check(site.Source()), 1, "run: chmod 700");
}

TEST_CASE("a state directory that cannot be made is an error") {
  const Site site;
  WriteFile(site.directory / "state", "a file");
  CheckOneError(site.Check(site.Source()), 1, "cannot be written to");
}

TEST_CASE("secrets that others can read are warned of") {
  const Site site;
  const ScriptedTracker tracker;
  ::chmod(site.token.c_str(), 0644);
  CheckOneWarning(site.Check(site.Source() + Site::Target(tracker, fmt::format("token_file = \"{}\"", site.token))),
                  "everybody on this machine can read the token");
  const Outcome outcome =
      site.Check(site.Source() + Site::Target(tracker, "proxy = \"http://u:s3cret@proxy.example.org\""));
  CheckOneWarning(outcome, "password of a proxy; run: chmod 600");
  CHECK(outcome.output.find("s3cret") == std::string::npos);
  CHECK(tracker.requests().empty());
}

TEST_CASE("targets are only asked if that is wanted") {
  const Site site;
  const ScriptedTracker tracker;
  const std::string config = site.Source() + Site::Target(tracker, fmt::format("token_file = \"{}\"", site.token));
  CHECK(site.Check(config).status == 0);
  CHECK(tracker.requests().empty());
  const Outcome outcome = site.Check(config, {"--online"});
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("ok       target 'own': answers as a Matomo tracker") != std::string::npos);
  CHECK(outcome.output.find("ok       target 'own': the token works") != std::string::npos);
  CHECK(tracker.recorded().empty());
}

TEST_CASE("a target with a wrong URL or token is one error without its URL or token") {
  const Site site;
  const ScriptedTracker tracker({}, "404");
  const std::string config = site.Source() + Site::Target(tracker, fmt::format("token_file = \"{}\"", site.token));
  CheckOneError(site.Check(config, {"--online"}), 5, "nothing is at this address (status 404)");
  const std::string wrong = "ffffffffffffffffffffffffffffffff";
  WriteFile(site.token, wrong);
  const Outcome outcome = site.Check(config, {"--online"});
  CheckOneError(outcome, 5, "the token does not work");
  CHECK(outcome.output.find(wrong) == std::string::npos);
  CHECK(outcome.output.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("of several errors the status is that of the configuration, then of the target, then of the input") {
  const Site site;
  const ScriptedTracker tracker({}, "404*2");
  std::filesystem::remove(site.log);
  CHECK(site.Check(site.Source() + Site::Target(tracker), {"--online"}).status == 5);
  WriteFile(site.log, "no line\n");
  CHECK(site.Check(site.Source() + Site::Target(tracker), {"--online"}).status == 2);
}

TEST_CASE("for programs there is one object with the same") {
  const Site site;
  const Outcome outcome = site.Check(site.Source(), {"--json"});
  CHECK(outcome.output.starts_with(R"({"status":0,"checks":[{"mark":"ok","subject":"configuration","text":)"));
  CHECK(outcome.output.ends_with("}]}\n"));
  CHECK(std::ranges::count(outcome.output, '\n') == 1);
}

TEST_CASE("output that cannot be written is told") {
  const Site site;
  WriteFile(site.directory / "c", site.Source());
  const pid_t process =
      StartHushlog({"check", "--config", site.directory / "c"}, "/dev/null", "/dev/full", site.directory / "err");
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(ReadFile(site.directory / "err").find("is the disk full?") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
