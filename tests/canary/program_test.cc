// Logs full of secrets through the program: what it sends, keeps and says, also when it is in trouble.
#include "tests/cli/program.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "parsers/log_format.h"
#include "src/spool/store.h"
#include "tests/canary/line_maker.h"
#include "tests/canary/secret.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog::test {
namespace {

constexpr std::string_view kFormat =
    R"($host $remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" )"
    R"("$http_user_agent" "$http_accept_language" "$http_x_forwarded_for" "$http_sec_ch_ua" "$http_sec_ch_ua_platform")";

struct Log {
  TempDir directory;
  SecretFinder finder;
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  std::vector<SampleRequest> requests = SampleRequests(*rules);
  LineMaker maker{1, requests, rules->catalogue()};

  std::string Lines(int count, std::string_view format = kFormat) {
    std::string text;
    for (int i = 0; i < count; ++i) text += maker.Make(format);
    return text;
  }

  void CheckClean(std::string_view what, std::string_view text) {
    const auto found = finder.Find(text);
    CHECK_MESSAGE(!found, what, " holds ", found.value_or(""));
  }

  Outcome Run(std::vector<std::string> arguments) {
    const Outcome outcome = RunHushlog(arguments);
    CheckClean("what " + arguments[0] + " says", outcome.output + outcome.errors);
    return outcome;
  }
};

// One target, whose token is a secret, too.
struct Delivery : Log {
  const std::string token = Secret(36);
  const std::string state = directory / "state";

  Delivery() {
    WriteFile(directory / "token", token);
    ::chmod((directory / "token").c_str(), 0600);
  }

  // Imports further lines for a tracker that behaves as `script` and `poison` say.
  std::vector<ScriptedTracker::Request> Import(std::string_view script, std::vector<std::string> poison) {
    TrackerOptions options;
    options.token = token;
    options.poison = std::move(poison);
    const ScriptedTracker tracker(options, script);
    WriteFile(directory / "config",
              fmt::format("keep_sent = \"30d\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n[[target]]\nname = \"own\"\nurl = "
                          "\"{}\"\nsite_id = 1\ntoken_file = \"{}\"\nreports = true\nmax_attempts = 30\n"
                          "retry_delay_ms = 0\nlanes = 1\nbatch_rows = 50\n",
                          tracker.url(), directory / "token"));
    WriteFile(directory / "log", Lines(1000));
    Run({"import", "--format", std::string(kFormat), "--state-dir", state, "--config", directory / "config",
         "--summary-json", "-", directory / "log"});
    for (const ScriptedTracker::Request& request : tracker.requests()) CheckSent(request.headers, request.body);
    return tracker.requests();
  }

  void CheckSent(const std::string& headers, std::string body) {
    for (std::size_t at; (at = body.find(token)) != std::string::npos;) body.erase(at, token.size());
    CheckClean("a request", headers + body);
  }
};

// The visitors with the most hits: some of them are in any further lines.
std::vector<std::string> MostFrequent(const std::vector<ScriptedTracker::Request>& requests, std::size_t count) {
  std::map<std::string, int> hits;
  for (const ScriptedTracker::Request& request : requests) {
    for (const ScriptedTracker::Row& row : request.rows)
      if (row.contains("cid")) ++hits[row.at("cid")];
  }
  std::vector<std::string> visitors;
  for (const auto& [visitor, number] : hits) visitors.push_back(visitor);
  std::ranges::sort(visitors, std::greater(), [&](const std::string& visitor) { return hits[visitor]; });
  visitors.resize(std::min(count, visitors.size()));
  return visitors;
}

TEST_CASE_FIXTURE(Delivery, "no secret is in what is sent, parked, dead, waiting, copied or reported") {
  const std::vector<ScriptedTracker::Request> sent = Import("504-committed*2", {});
  REQUIRE(sent.size() > 10);
  (void)Import("", MostFrequent(sent, 10));
  (void)Import("ok,zero", {});

  const std::string database = ReadTree(state);
  CHECK(database.find("action_name") != std::string::npos);
  CHECK(database.find("\"token_auth\":\"removed\"") != std::string::npos);
  CheckClean("the state directory", database);
  const std::string ledger = Run({"targets", "--state-dir", state}).output;
  CHECK_MESSAGE(ledger.find("own") != std::string::npos, ledger);
  const Outcome audit = Run({"audit", "--json", "--state-dir", state});
  CHECK_MESSAGE(audit.status == 0, audit.output);
  CHECK(Run({"report", "--all", "--state-dir", state}).output.find("Dashboard") != std::string::npos);
  CHECK(Run({"report", "--json", "--state-dir", state}).status == 0);
  CHECK(Run({"report", "--csv", "--state-dir", state}).status == 0);
  CHECK(Run({"report", "--html", "-", "--state-dir", state}).status == 0);

  TargetLedger own;
  for (const TargetStatus& target : Store::Open(state)->Targets()) own = target.ledger;
  CHECK(own.tracked > 0);
  CHECK(own.parked > 0);
  CHECK(own.dead > 0);
  CHECK(own.pending > 0);
}

TEST_CASE_FIXTURE(Log, "no secret is in hits of a dry run, and the audit passes") {
  WriteFile(directory / "log", Lines(2000, "json"));
  CHECK(Run({"import", "--dry-run", "--format", "json", "--output", directory / "hits", "--summary-json", "-",
             directory / "log"})
            .status == 0);
  const std::string hits = ReadFile(directory / "hits");
  CHECK(std::ranges::count(hits, '\n') > 400);
  CheckClean("a hit", hits);
  CHECK(Run({"audit", "--hits", directory / "hits"}).status == 0);
}

TEST_CASE_FIXTURE(Log, "no value of a log is in what is told of its names") {
  std::string text;
  for (std::size_t i = 0; i < kDisguises; ++i) {
    const std::string secret = Disguised(Secret(i), static_cast<Disguise>(i));
    for (const char* query : {"label={0}", "a={0}", "module=CoreHome&action=index&segment={0}", "module[]={0}",
                              "module=API&method[]={0}", "date={0}", "urls[0]=label%3D{0}"}) {
      text += fmt::format(R"(192.0.2.7 - {0} [23/Nov/2026:05:19:28 +0000] "GET /index.php?{1} HTTP/2.0" 200 9 )"
                          R"("https://{0}.example.org/?{0}={0}" "Mozilla/5.0 (X11) {0}")",
                          secret, fmt::format(fmt::runtime(query), secret));
      text += "\n";
    }
  }
  WriteFile(directory / "log", text);
  const Outcome coverage = Run({"rules", "coverage", "--format", "combined", directory / "log"});
  CHECK(coverage.status == 0);
  CHECK(coverage.output.find("segment") != std::string::npos);
}

TEST_CASE_FIXTURE(Log, "no secret passes a rule of the site that does not allow it") {
  ::mkdir((directory / "rules").c_str(), 0700);
  WriteFile(directory / "rules/site.toml", R"(
[[parameter]]
id = "label"
names = ["label", "segment", "redirectTo"]
value = "pattern"
patterns = ['[a-z]{1,8}', '[0-9]{1,6}']
max_length = 8
reason = "Short words."
samples = ["label=word -> label=word"]
[[rule]]
id = "hosts"
drop = "host"
hosts = ["nobody.example.org"]
reason = "Not this one."
accept = ["GET / 200 host=nobody.example.org"]
reject = ["GET / 200 host=matomo.example.org"]
[opt_out]
users = ["nobody"]
)");
  WriteFile(directory / "log", Lines(2000));
  CHECK(Run({"import", "--dry-run", "--rules", directory / "rules", "--format", std::string(kFormat), "--output",
             directory / "hits", directory / "log"})
            .status == 0);
  const std::string hits = ReadFile(directory / "hits");
  CHECK(std::ranges::count(hits, '\n') > 400);
  CheckClean("a hit", hits);
}

TEST_CASE_FIXTURE(Log, "no secret and no control character is in an explanation") {
  WriteFile(directory / "log", Lines(500));
  const Outcome outcome = Run({"explain", "--format", std::string(kFormat), "--fields", "--all", directory / "log"});
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("sends to (example): {") != std::string::npos);
  const auto control = [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; };
  CHECK(std::ranges::none_of(outcome.output, control));
}

TEST_CASE_FIXTURE(Delivery, "no secret is in what a check says of a log and a target, or asks") {
  TrackerOptions options;
  options.token = token;
  const ScriptedTracker tracker(options);
  WriteFile(directory / "log", Lines(500));
  const auto check = [&](std::string_view format) {
    WriteFile(directory / "config",
              fmt::format("state_dir = \"{}\"\n[[source]]\nname = \"m\"\npaths = [\"{}\"]\nformat = '{}'\n"
                          "[[target]]\nname = \"own\"\nurl = \"{}\"\nsite_id = 1\ntoken_file = \"{}\"\n",
                          state, directory / "log", format, tracker.url(), directory / "token"));
    return Run({"check", "--online", "--config", directory / "config"});
  };
  const Outcome outcome = check(kFormat);
  CHECK_MESSAGE(outcome.status == 0, outcome.output);
  CHECK(outcome.output.find("become hits such as {") != std::string::npos);
  CHECK(check("combined").status == 2);
  (void)check("auto");
  for (const ScriptedTracker::Request& request : tracker.requests()) CheckSent(request.headers, request.body);
}

TEST_CASE_FIXTURE(Log, "no secret is in what is said of files that cannot be read") {
  std::string mixed;
  for (const Preset& preset : Presets()) mixed += Lines(20, preset.spec);
  WriteFile(directory / "mixed", mixed);
  WriteFile(directory / "cut.gz", "\x1f\x8b\x08" + Lines(5));
  WriteFile(directory / "cut.zst", "\x28\xb5\x2f\xfd" + Lines(5));
  WriteFile(directory / "binary", Lines(5) + std::string(100, '\0') + Lines(5));
  for (const std::string name : {"mixed", "cut.gz", "cut.zst", "binary"}) {
    CAPTURE(name);
    const int status = name == "binary" ? 0 : 4;  // one bad line
    CHECK(Run({"import", "--state-dir", directory / "state", directory / name}).status == status);
    CHECK(Run({"explain", directory / name}).status == status);
    CHECK(Run({"audit", "--hits", directory / name}).status != 0);
    CHECK(Run({"audit", "--capture", directory / name}).status != 0);
  }
  CheckClean("the state directory", ReadTree(directory / "state"));
}

TEST_CASE_FIXTURE(Log, "no secret of the configuration or of a token file is in an error message") {
  WriteFile(directory / "token", Secret(1) + " " + Secret(2));
  const std::string target = "[[target]]\nname = \"own\"\nsite_id = 1\n";
  for (const std::string& text : {
           target + fmt::format("url = \"https://jane:{}@example.org/\"\n", Secret(3)),
           target + fmt::format("url = \"https://example.org/?token_auth={}\"\n", Secret(3)),
           target + fmt::format("url = \"{}\"\n", Secret(3)),
           target + fmt::format("url = \"https://example.org/\"\ntoken_file = \"{}\"\n", directory / "token"),
           target + fmt::format("url = \"https://example.org/\"\nkeep_sent = \"{}\"\n", Secret(3)),
           target + fmt::format("url = https://{}.example.org/\n", Secret(3)),
           target + fmt::format("url = \"https://example.org/\"\ntoken_auth = \"{}\"\n", Secret(3)),
           target + fmt::format("url = \"https://example.org/\"\ntoken_auth = \"{}\n", Secret(3)),
       }) {
    WriteFile(directory / "config", text);
    CAPTURE(text);
    CHECK(Run({"import", "--config", directory / "config", directory / "log"}).status == 2);
  }
}

}  // namespace
}  // namespace hushlog::test
