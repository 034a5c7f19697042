// What the audit is for: a program that lets one byte of a log line slip into any single parameter is found out.
#include "tests/audit/leak.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "src/audit/auditor.h"
#include "src/cli/import.h"
#include "src/spool/store.h"
#include "tests/support/scripted_tracker.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

constexpr std::string_view kUser = "Jane~";

// A page view, an event and a download of somebody who is logged in at the web server.
std::string Log() {
  std::string log;
  for (const char* request : {
           "GET /index.php?module=UsersManager&action=index&idSite=2&period=day&date=yesterday",
           "POST /index.php?module=API&method=SegmentEditor.add&idSite=2",
           "POST /index.php?module=API&method=ScheduledReports.generateReport&idReport=3&reportFormat=pdf&idSite=2",
       }) {
    log += fmt::format(
        "192.0.2.7 {} [23/Nov/2026:05:19:28 +0000] \"{} HTTP/1.1\" 200 \"https://matomo.example.org/index.php?"
        "module=CoreHome&action=index\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\" "
        "\"de-AT,de\" \"?0\"\n",
        kUser, request);
  }
  return log;
}

const std::string kFormat =
    R"($remote_addr $remote_user [$time_local] "$request" $status "$http_referer" "$http_user_agent" "$http_accept_language" "$http_sec_ch_ua_mobile")";

// Imports the log for a target that takes nothing, so that everything waits, and copies show what was tried. A system
// report is only among it where it must be: it might be all that is tried.
struct State {
  TempDir directory;
  test::ScriptedTracker tracker;
  std::int64_t bodies = 0;

  State() {
    tracker.SetDown(true);
    ImportOptions options;
    const std::string token = directory.Write("token", test::TrackerOptions().token);
    ::chmod(token.c_str(), 0600);
    options.config = directory.Write(
        "config", fmt::format("keep_sent = \"30d\"\n[[target]]\nname = \"own\"\nurl = \"{}\"\nsite_id = 1\n"
                              "token_file = \"{}\"\nmax_attempts = 1\nretry_delay_ms = 0\nsystem_report = {}\n",
                              tracker.url(), token, test::leak.parameter == "e_v"));
    options.state_dir = directory / "state";
    options.format = kFormat;
    options.log.quiet = true;
    options.files = {directory.Write("log", Log())};
    (void)RunImport(options);
  }

  std::optional<Finding> Audit() {
    static const EgressGrammar grammar;
    Auditor auditor(grammar, grammar);
    const std::unique_ptr<Store> store = Store::Open(directory / "state");
    auditor.CheckStore(*store);
    bodies = auditor.Total().bodies;
    return auditor.finding();
  }
};

TEST_CASE("without a leak the audit passes") {
  test::leak.parameter.clear();
  State state;
  CHECK(!state.Audit());
  CHECK(state.bodies > 1);  // what waits, and copies
}

// A parameter that gets into the grammar, but not into this log, fails here: add what brings it about.
TEST_CASE("a byte of a log line in any single parameter fails the audit, which names the parameter") {
  const EgressGrammar grammar;
  for (const GrammarParameter& parameter : grammar.parameters()) {
    if (parameter.of == GrammarParameter::Of::kHeader) continue;
    // The token is taken out of copies, with whatever is in it; in captures it is checked (hit_checker_test.cc).
    if (parameter.of == GrammarParameter::Of::kRequest) continue;
    // `hushlog check` alone sends it, with nothing of a log.
    if (parameter.of == GrammarParameter::Of::kCheck) continue;
    CAPTURE(parameter.name);
    test::leak.parameter = parameter.name;
    test::leak.byte = kUser.back();
    test::leak.times = 0;
    State state;
    CHECK_MESSAGE(test::leak.times > 0, "no hit has it");
    const auto finding = state.Audit();
    REQUIRE(finding);
    CHECK(finding->violation.parameter == parameter.name);
  }
  test::leak.parameter.clear();
}

}  // namespace
}  // namespace hushlog
