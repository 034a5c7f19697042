#include "src/cli/import_logs.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "src/cli/command_line.h"
#include "src/cli/exit_status.h"
#include "tests/cli/program.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using Kind = ImportLogsOption::Kind;

TEST_CASE("all 69 options of import_logs.py are known") {
  std::set<std::string_view> names;
  for (const ImportLogsOption& each : ImportLogsOptions()) names.insert(each.name);
  CHECK(names.size() == 69);
  CHECK(ImportLogsOptions().size() == 69);
}

TEST_CASE("each option of import_logs.py means the same, or says what to do instead") {
  const CommandLine program;
  const CLI::App* import = program.app().get_subcommand("import");
  for (const ImportLogsOption& each : ImportLogsOptions()) {
    CAPTURE(each.name);
    CHECK(each.text.ends_with("."));
    CHECK(import->get_option_no_throw(fmt::format("--{}", each.name)) != nullptr);
    if (each.kind == Kind::kSame || each.name == "config" || each.name == "output") continue;  // options of hushlog
    for (const std::string value : {"", "=7"}) {
      const Outcome outcome = RunHushlog({"import", fmt::format("--{}{}", each.name, value)});
      CHECK(outcome.status == kExitUsage);
      CHECK(outcome.errors ==
            fmt::format("hushlog: error: --{} of import_logs.py is no option here. {}\n", each.name, each.text));
    }
  }
}

TEST_CASE("a command line of import_logs.py imports") {
  const test::ScriptedTracker tracker;
  const TempDir directory;
  const std::string url = fmt::format("http://127.0.0.1:{}/", tracker.port());
  const Outcome outcome = RunHushlog(
      {"import", "--url=" + url, "--idsite=1", "--token-auth=0123456789abcdef0123456789abcdef", "--recorders=8",
       "--recorder-max-payload-size=3", "--request-timeout=20", "--retry-max-attempts=2", "--retry-delay=1",
       "--log-format-name=ncsa_extended", "--debug", "--state-dir", directory / "state", "--complete", "-"},
      "192.0.2.1 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=CoreHome&action=index&idSite=1&period=day"
      "&date=today HTTP/1.1\" 200 5120 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 "
      "Firefox/131.0\"\n");
  CHECK(outcome.status == kExitDone);
  CHECK(outcome.errors.find("warning: others on this machine can see --token-auth") != std::string::npos);
  CHECK(outcome.errors.find("standard input: 1 lines, 1 of them usage") != std::string::npos);  // --debug
  CHECK(outcome.errors.find("0123456789abcdef") == std::string::npos);
  REQUIRE(!tracker.requests().empty());
  CHECK(tracker.requests().front().body.find("\"token_auth\":\"0123456789abcdef0123456789abcdef\"") !=
        std::string::npos);
}

}  // namespace
}  // namespace hushlog
