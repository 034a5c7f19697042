// hushlog audit, from log lines over what was stored and sent to the verdict.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";
constexpr int kForeign = 6;
constexpr int kUnreadable = 4;

// The sample log, imported for a target that keeps copies.
struct Import {
  TempDir directory;
  std::string state = directory / "state";

  Outcome Run(const ScriptedTracker& tracker) const {
    const std::string token = directory.Write("token", test::TrackerOptions().token);
    ::chmod(token.c_str(), 0600);
    const std::string config = directory.Write(
        "config",
        fmt::format("keep_sent = \"30d\"\n[[target]]\nname = \"own\"\nurl = \"{}\"\nsite_id = 1\nreports = true\n"
                    "token_file = \"{}\"\nmax_attempts = 1\nretry_delay_ms = 0\n",
                    tracker.url(), token));
    return RunHushlog({"import", "--quiet", "--config", config, "--state-dir", state, kSample});
  }
};

Outcome Audit(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "audit");
  return RunHushlog(arguments);
}

// As the tracker got them.
std::string CaptureOf(const ScriptedTracker& tracker) {
  std::string capture;
  for (const ScriptedTracker::Request& request : tracker.requests()) capture += request.headers + "\r\n" + request.body;
  return capture;
}

TEST_CASE("a dry run shows the hits of one target, and the audit of that kind passes them") {
  const TempDir directory;
  const std::string config = directory.Write(
      "config",
      "[[target]]\nname = \"inner\"\nurl = \"https://matomo.example.org\"\nsite_id = 1\nanonymize = false\n"
      "[[target]]\nname = \"own\"\nurl = \"https://matomo.example.org\"\nsite_id = 2\nreports = true\n");
  std::string log = ReadFile(kSample);
  for (std::size_t at = 0; (at = log.find(" - - [", at)) != std::string::npos;) log.replace(at, 5, " - jane ");
  const std::string file = directory.Write("log", log);
  const auto hits_of = [&](const std::string& target) {
    return RunHushlog({"import", "--dry-run", "--quiet", "--output", "-", "-c", config, "--target", target, file});
  };
  const Outcome inner = hits_of("inner");
  CHECK(inner.output.find("\"uid\":\"jane\"") != std::string::npos);
  CHECK(inner.output.find("\"e_c\":\"Reports\",\"e_a\":\"View\"") == std::string::npos);
  const Outcome own = hits_of("own");
  CHECK(own.output.find("jane") == std::string::npos);
  CHECK(own.output.find("\"e_c\":\"Reports\",\"e_a\":\"View\"") != std::string::npos);
  CHECK(Audit({"--hits", directory.Write("inner", inner.output)}).status == kForeign);
  CHECK(Audit({"--identified", "--hits", directory / "inner"}).status == 0);
  CHECK(Audit({"--hits", directory.Write("own", own.output)}).status == 0);
  CHECK(hits_of("other").status == 2);
}

TEST_CASE("what was sent passes: the copies, and a capture of the same requests") {
  const ScriptedTracker tracker;
  const Import import;
  REQUIRE(import.Run(tracker).status == 0);
  const Outcome copies = Audit({"--state-dir", import.state});
  CHECK(copies.status == 0);
  CHECK_MESSAGE(copies.output.find("a whole chain that ends with") != std::string::npos, copies.output);
  const std::string json = Audit({"--json", "--state-dir", import.state}).output;
  CHECK(JsonField(json, "passed") == "true");
  CHECK(JsonField(json, "bodies") == std::to_string(tracker.requests().size()));
  CHECK(JsonField(json, "hits") == std::to_string(tracker.recorded().size()));

  const Outcome capture = Audit({"--json", "--capture", import.directory.Write("capture", CaptureOf(tracker))});
  CHECK(capture.status == 0);
  CHECK(JsonField(capture.output, "bodies") == std::to_string(tracker.requests().size()));
}

TEST_CASE("what waits passes, and so do requests that ask whether a tracker works") {
  ScriptedTracker tracker({}, "503");
  tracker.SetDown(true);
  const Import import;
  REQUIRE(import.Run(tracker).status == 5);
  const Outcome waiting = Audit({"--state-dir", import.state});
  CHECK_MESSAGE(waiting.status == 0, waiting.output);
  CHECK(waiting.output.find("hits that wait: 0 bodies") == std::string::npos);
  const Outcome capture = Audit({"--capture", import.directory.Write("capture", CaptureOf(tracker))});
  CHECK_MESSAGE(capture.status == 0, capture.output);
}

TEST_CASE("no token is in the copies, nor anywhere else in the state directory") {
  const ScriptedTracker tracker;
  const Import import;
  REQUIRE(import.Run(tracker).status == 0);
  REQUIRE(tracker.requests().at(0).has_token);
  const std::string tree = ReadTree(import.state);
  CHECK(tree.find("token_auth\":\"removed") != std::string::npos);
  CHECK(tree.find(test::TrackerOptions().token) == std::string::npos);
}

TEST_CASE("without keep_sent nothing is kept of what was sent") {
  const ScriptedTracker tracker;
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--state-dir", directory / "state", "--url", tracker.url(), "--idsite", "1",
                      kSample})
              .status == 5);  // the sample is old: it needs a token
  CHECK(Audit({"--state-dir", directory / "state"}).output.find("copies of what was sent: 0 bodies") !=
        std::string::npos);
}

TEST_CASE("the hits of a dry run pass") {
  const TempDir directory;
  REQUIRE(RunHushlog({"import", "--quiet", "--dry-run", "--output", directory / "hits", kSample}).status == 0);
  const Outcome audit = Audit({"--json", "--hits", directory / "hits"});
  CHECK(audit.status == 0);
  CHECK(JsonField(audit.output, "hits") == std::to_string(std::ranges::count(ReadFile(directory / "hits"), '\n')));
}

TEST_CASE("a foreign byte fails the audit, is located, and never shown") {
  const ScriptedTracker tracker;
  const Import import;
  REQUIRE(import.Run(tracker).status == 0);
  std::string bytes = CaptureOf(tracker);
  const std::size_t at = bytes.find("\"action_name\":\"") + 15;
  bytes.replace(at, 4, "Jane");
  const std::string capture = import.directory.Write("capture", bytes);
  const Outcome text = Audit({"--capture", capture});
  CHECK(text.status == kForeign);
  CHECK_MESSAGE(text.output.find("FAILED: line 8 of " + capture + ", hit 1: byte ") != std::string::npos, text.output);
  CHECK(text.output.find("of action_name is foreign") != std::string::npos);
  const Outcome json = Audit({"--json", "--capture", capture});
  CHECK(json.status == kForeign);
  CHECK(JsonField(json.output, "passed") == "false");
  CHECK(JsonField(json.output, "kind") == "foreign_value");
  CHECK(JsonField(json.output, "parameter") == "action_name");
  CHECK((text.output + text.errors + json.output + json.errors).find("Jane") == std::string::npos);
}

TEST_CASE("a foreign name of a parameter is not shown either") {
  const TempDir directory;
  const Outcome outcome = Audit({"--capture", directory.Write("capture", R"({"requests":[{"idsite":1,"Jane":"1"}]})")});
  CHECK(outcome.status == kForeign);
  CHECK(outcome.output.find("a foreign parameter, with a name of 4 bytes") != std::string::npos);
  CHECK((outcome.output + outcome.errors).find("Jane") == std::string::npos);
}

TEST_CASE("a file or directory that cannot be read is no pass") {
  const TempDir directory;
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--capture", directory / "none"}, {"--hits", directory.path()}, {"--state-dir", directory / "none"}}) {
    const Outcome outcome = Audit(arguments);
    CHECK(outcome.status == kUnreadable);
    CHECK(outcome.output.empty());
  }
}

TEST_CASE("the grammar lists every parameter of a request, and in full if that is asked for") {
  const std::string sample = Audit({"--grammar"}).output;
  const std::string whole = Audit({"--grammar", "--all"}).output;
  for (const char* name : {"rec", "action_name", "url", "cid", "cdt", "ua", "lang", "e_c", "e_a", "e_n", "ca",
                           "download", "cip", "idsite", "token_auth", "Host"}) {
    CAPTURE(name);
    CHECK(sample.find(fmt::format("\n{} ", name)) != std::string::npos);
    CHECK(whole.find(fmt::format("\n{} ", name)) != std::string::npos);
  }
  CHECK(sample.find("...") != std::string::npos);
  CHECK(whole.find("...") == std::string::npos);
  CHECK(whole.find("\"/Actions/getPageUrls/\"") != std::string::npos);
  CHECK(JsonField(Audit({"--grammar", "--json"}).output, "name") == "rec");
}

}  // namespace
}  // namespace hushlog
