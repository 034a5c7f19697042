// hushlog import against a tracker that behaves as Matomo's: from log lines to recorded rows.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;
using test::TrackerOptions;

using Seconds = std::chrono::sys_seconds;

// Some minutes ago: hits need no token. It and the minutes after it are of one day: at midnight everybody becomes
// somebody else.
Seconds Recently() {
  const Seconds time =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - std::chrono::minutes(30);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return time + std::chrono::minutes(10) < day + std::chrono::days(1) ? time : time - std::chrono::minutes(15);
}

// A line in `combined`; `request` is "GET /index.php?..." of one of many clients.
std::string Line(Seconds time, int visitor, std::string_view request) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  const std::chrono::hh_mm_ss clock{time - std::chrono::floor<std::chrono::days>(time)};
  static const char* const kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format(
      "198.51.{}.{} - - [{:02}/{}/{}:{:02}:{:02}:{:02} +0000] \"{} HTTP/1.1\" 200 9 \"-\" "
      "\"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"\n",
      visitor / 250, visitor % 250, static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(), request);
}

// Documents of `visitors` clients, `views` of each.
std::string RecentLog(int visitors, int views) {
  std::string log;
  const Seconds now = Recently();
  for (int view = 0; view < views; ++view) {
    for (int visitor = 0; visitor < visitors; ++visitor) {
      log += Line(now + std::chrono::seconds(view), visitor,
                  fmt::format("GET /index.php?module=UsersManager&action=index&idSite={}", view % 20 + 1));
    }
  }
  return log;
}

struct Import {
  TempDir directory;
  std::string log = directory / "access.log";

  explicit Import(const std::string& text) { WriteFile(log, text); }

  Outcome Run(const ScriptedTracker& tracker, std::vector<std::string> more = {"--retry-max-attempts", "1"}) const {
    std::vector<std::string> arguments = {
        "import", "--quiet", "--format",    "combined", "--state-dir", directory / "state", "--summary-json",
        "-",      "--url",   tracker.url(), "--idsite", "1",           "--retry-delay",     "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(log);
    return RunHushlog(arguments);
  }
};

// Of each visitor, which pages were recorded, in order; visitors that are not known by name.
std::multimap<std::vector<std::string>, std::string> PagesByVisitor(const ScriptedTracker& tracker) {
  std::map<std::string, std::vector<std::string>> visitors;
  for (const auto& row : tracker.recorded()) visitors[row.at("cid")].push_back(row.at("url"));
  std::multimap<std::vector<std::string>, std::string> pages;
  for (const auto& [visitor, urls] : visitors) pages.emplace(urls, visitor);
  return pages;
}

// That every visitor's views were recorded once and in order.
void CheckComplete(const ScriptedTracker& tracker, std::size_t visitors, std::size_t views) {
  const auto pages = PagesByVisitor(tracker);
  CHECK(pages.size() == visitors);
  for (const auto& [urls, visitor] : pages) {
    CHECK(urls.size() == views);
    for (std::size_t view = 0; view < urls.size(); ++view) {
      CHECK(urls[view] ==
            fmt::format("https://demo-anonymous.matomo.org/UsersManager/index/?idSite={}", view % 20 + 1));
    }
  }
}

TEST_CASE("every hit is recorded once and in order, and importing again sends nothing") {
  const ScriptedTracker tracker;
  const Import import(RecentLog(40, 30));
  const Outcome first = import.Run(tracker);
  CHECK(first.status == 0);
  CHECK(JsonField(first.output, "tracked") == "1200");
  CHECK(JsonField(first.output, "pending") == "0");
  CheckComplete(tracker, 40, 30);
  const std::size_t requests = tracker.requests().size();
  CHECK(import.Run(tracker).status == 0);
  CHECK(tracker.requests().size() == requests);
}

// What the tracker recorded, whoever it was of: pseudonyms differ from one state directory to the other.
std::multiset<std::string> RecordedWithoutCid(const ScriptedTracker& tracker) {
  std::multiset<std::string> rows;
  for (auto row : tracker.recorded()) {
    row.erase("cid");
    rows.insert(fmt::to_string(fmt::join(row, "&")));
  }
  return rows;
}

// Imports the beginnings of `text` of these lengths one after the other.
std::multiset<std::string> ImportInPieces(const std::string& text, const std::vector<std::size_t>& ends) {
  const ScriptedTracker tracker;
  const Import import("");
  WriteFile(import.directory / "token", TrackerOptions().token);
  for (const std::size_t end : ends) {
    WriteFile(import.log, text.substr(0, end));
    std::vector<std::string> more = {"--token-auth-file", import.directory / "token"};
    if (end == text.size()) more.push_back("--complete");
    CHECK(import.Run(tracker, more).status == 0);
  }
  return RecordedWithoutCid(tracker);
}

TEST_CASE("a log that is imported in pieces, cut anywhere, gives the hits of the whole") {
  const std::string text = ReadFile(HUSHLOG_TEST_DATA "/formats/nginx_combined.log");
  const auto whole = ImportInPieces(text, {text.size()});
  CHECK(whole.size() > 20);
  std::vector<std::size_t> ends;
  for (std::size_t end = 1'789; end < text.size(); end += 4'729) ends.push_back(end);
  ends.push_back(text.size());
  CHECK(ends.size() > 8);
  CHECK(ImportInPieces(text, ends) == whole);
}

TEST_CASE("what a target does not take stays for the next run, and the exit status says so") {
  struct Row {
    std::string script;
    std::string state;
  };
  for (const Row& row : {Row{"zero", "refused"}, Row{"html", "refused"}, Row{"rolled-back*99", "unreachable"},
                         Row{"503*99", "unreachable"}, Row{"redirect", "refused"}}) {
    CAPTURE(row.script);
    const ScriptedTracker tracker({}, row.script);
    const Import import(RecentLog(5, 10));
    const Outcome refused = import.Run(tracker);
    CHECK(refused.status == 5);
    CHECK(JsonField(refused.output, "state") == row.state);
    CHECK(JsonField(refused.output, "pending") == "50");
    CHECK(tracker.recorded().empty());
  }
}

TEST_CASE("a target that was down gets everything once it is back") {
  ScriptedTracker tracker;
  tracker.SetDown(true);
  const Import import(RecentLog(20, 10));
  CHECK(import.Run(tracker).status == 5);
  CHECK(tracker.recorded().empty());
  tracker.SetDown(false);
  CHECK(import.Run(tracker).status == 0);
  CheckComplete(tracker, 20, 10);
}

TEST_CASE("hits that were sent but never answered are parked, not sent twice") {
  const ScriptedTracker tracker({}, "504-committed");
  const Import import(RecentLog(5, 10));
  const Outcome outcome = import.Run(tracker, {"--retry-max-attempts", "2"});
  CHECK(outcome.status == 3);
  CHECK(JsonField(outcome.output, "parked") != "0");
  CheckComplete(tracker, 5, 10);
}

TEST_CASE("hits that the tracker cannot digest are put aside, the others are recorded") {
  const Import import(RecentLog(30, 10));
  const auto run = [&](const ScriptedTracker& tracker) {
    WriteFile(import.directory / "config",
              fmt::format("[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nmax_attempts = "
                          "30\nretry_delay_ms = 0\n",
                          tracker.url()));
    return RunHushlog({"import", "--quiet", "--format", "combined", "--config", import.directory / "config",
                       "--state-dir", import.directory / "state", "--summary-json", "-", import.log});
  };
  // Visitors have names that no test can foresee: one that refuses everything tells one.
  const ScriptedTracker refusing({}, "zero");
  CHECK(run(refusing).status == 5);
  REQUIRE(refusing.requests().size() == 1);
  TrackerOptions options;
  options.poison = {refusing.requests()[0].rows.at(0).at("cid")};
  const ScriptedTracker tracker(options);
  const Outcome outcome = run(tracker);
  CHECK(outcome.status == 3);
  CHECK(JsonField(outcome.output, "dead") == "10");
  CHECK(JsonField(outcome.output, "pending") == "0");
  CheckComplete(tracker, 29, 10);
}

TEST_CASE("a wrong token stops the target at the first failure, with a message that does not show it") {
  const ScriptedTracker tracker;
  const Import import(RecentLog(20, 10));
  WriteFile(import.directory / "token", "ffffffffffffffffffffffffffffffff");
  ::chmod((import.directory / "token").c_str(), 0600);
  const Outcome outcome = import.Run(tracker, {"--token-auth-file", import.directory / "token"});
  CHECK(outcome.status == 5);
  CHECK(tracker.requests().size() == 1);
  CHECK(JsonField(outcome.output, "pending") == "200");
  CHECK(outcome.output.find("token") != std::string::npos);
  CHECK((outcome.output + outcome.errors).find("ffffffff") == std::string::npos);
}

TEST_CASE("hits older than a day are not sent without a token, and with one they are") {
  const std::string log =
      "192.0.2.1 - - [01/Mar/2024:05:19:28 +0000] \"GET /index.php?module=UsersManager&action=index&idSite=1 "
      "HTTP/1.1\" 200 9 "
      "\"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"\n";
  const ScriptedTracker tracker;
  const Import import(log);
  const Outcome without = import.Run(tracker);
  CHECK(without.status == 5);
  CHECK(JsonField(without.output, "state") == "needs_token");
  CHECK(tracker.recorded().empty());
  WriteFile(import.directory / "token", TrackerOptions().token);
  ::chmod((import.directory / "token").c_str(), 0600);
  CHECK(import.Run(tracker, {"--token-auth-file", import.directory / "token"}).status == 0);
  REQUIRE(tracker.recorded().size() == 1);
  CHECK(tracker.recorded()[0].at("cip") == "192.0.0.0");
}

TEST_CASE("an import killed at any moment loses nothing, and repeats no more than what was on its way") {
  const ScriptedTracker tracker;
  const Import import(RecentLog(400, 30));
  // One request may be on its way at several of the kills.
  WriteFile(
      import.directory / "config",
      fmt::format(
          "[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\non_ambiguous = \"resend\"\n"
          "ambiguous_retries = 10\n",
          tracker.url()));
  const std::vector<std::string> arguments = {"import",      "--quiet",
                                              "--format",    "combined",
                                              "--state-dir", import.directory / "state",
                                              "--config",    import.directory / "config",
                                              import.log};
  int kills = 0;
  for (const int milliseconds : {15, 40, 60, 80, 100, 120, 150}) {
    RunAndKillHushlog(arguments, milliseconds);
    ++kills;
  }
  CHECK(RunHushlog(arguments).status == 0);
  std::map<std::pair<std::string, std::string>, int> copies;
  for (const auto& row : tracker.recorded()) ++copies[{row.at("cid"), row.at("url") + row.at("cdt")}];
  CHECK(copies.size() == 400 * 30);
  const auto repeated = tracker.recorded().size() - copies.size();
  CHECK(repeated <= static_cast<std::size_t>(kills) * 4 * 200);  // lanes, rows of a request
}

TEST_CASE("parked hits are sent when the operator says so") {
  const ScriptedTracker tracker({}, "504");
  const Import import(RecentLog(5, 10));
  CHECK(import.Run(tracker, {"--retry-max-attempts", "2"}).status == 3);
  const std::size_t recorded = tracker.recorded().size();
  CHECK(recorded < 50);
  const std::string name = tracker.url() + " site 1";
  CHECK(RunHushlog({"targets", "--state-dir", import.directory / "state", "--resend-parked", name}).status == 0);
  CHECK(import.Run(tracker).status == 0);
  CHECK(tracker.recorded().size() == 50);
}

TEST_CASE("a target that is no longer named gets no more hits, and its waiting ones are not forgotten silently") {
  ScriptedTracker tracker;
  tracker.SetDown(true);
  const Import import(RecentLog(5, 10));
  CHECK(import.Run(tracker).status == 5);
  WriteFile(import.log, ReadFile(import.log) + ReadFile(import.log));
  const Outcome without =
      RunHushlog({"import", "--format", "combined", "--state-dir", import.directory / "state", import.log});
  CHECK(without.status == 0);
  CHECK_MESSAGE(without.errors.find("50 hits wait for the target") != std::string::npos, without.errors);
  const std::string name = tracker.url() + " site 1";
  const Outcome retired = RunHushlog({"targets", "--state-dir", import.directory / "state", "--retire", name});
  CHECK(retired.status == 0);
  CHECK(retired.output.find(" 0 pending") != std::string::npos);
}

TEST_CASE("two targets get the same hits, and one that is down does not hold up the other") {
  ScriptedTracker up;
  ScriptedTracker down;
  down.SetDown(true);
  const Import import(RecentLog(10, 10));
  WriteFile(
      import.directory / "config",
      fmt::format("[[target]]\nname = \"up\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\n"
                  "[[target]]\nname = \"down\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nmax_attempts = 1\n",
                  up.url(), down.url()));
  const std::vector<std::string> arguments = {"import",      "--quiet",
                                              "--format",    "combined",
                                              "--config",    import.directory / "config",
                                              "--state-dir", import.directory / "state",
                                              import.log};
  CHECK(RunHushlog(arguments).status == 5);
  CheckComplete(up, 10, 10);
  CHECK(down.recorded().empty());
  down.SetDown(false);
  CHECK(RunHushlog(arguments).status == 0);
  CheckComplete(up, 10, 10);
  CheckComplete(down, 10, 10);
}

// What a target recorded of each visitor, in order: titles of page views, actions of events.
std::vector<std::vector<std::string>> NamesByVisitor(const ScriptedTracker& tracker) {
  std::map<std::string, std::vector<std::string>> visitors;
  for (const auto& row : tracker.recorded()) {
    const auto title = row.find("action_name");
    visitors[row.at("cid")].push_back(title != row.end() ? title->second : row.at("e_a"));
  }
  std::vector<std::vector<std::string>> names;
  for (auto& [visitor, list] : visitors) names.push_back(std::move(list));
  return names;
}

// Two targets, of which one asks for the use of reports.
struct TwoTargets {
  TempDir directory;
  ScriptedTracker plain;
  ScriptedTracker reports;

  explicit TwoTargets(const std::string& log) { WriteFile(directory / "log", log); }

  // `wishes`: the lines of the configuration that are of the second target only.
  Outcome Run(const std::string& wishes, std::vector<std::string> more = {}) const {
    WriteFile(
        directory / "config",
        fmt::format(
            "[[target]]\nname = \"plain\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nmax_attempts = 1\n"
            "[[target]]\nname = \"reports\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nmax_attempts = 1\n{}",
            plain.url(), reports.url(), wishes));
    std::vector<std::string> arguments = {"import",      "--quiet",          "--format",
                                          "combined",    "--config",         directory / "config",
                                          "--state-dir", directory / "state"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(directory / "log");
    return RunHushlog(arguments);
  }
};

// Visitors who open a page, read a report, sort it, show it as a graph and open another page.
std::string ReadersLog(int visitors) {
  const std::string report = "POST /index.php?date=today&module=Actions&action=getPageUrls&idSite=2&period=day";
  const std::vector<std::string> requests = {
      "GET /index.php?module=UsersManager&action=index&idSite=2", report + "&widget=&showtitle=1&random=7",
      report + "&random=8&filter_sort_column=nb_visits",          report + "&random=9&viewDataTable=graphPie",
      "GET /index.php?module=MultiSites&action=index&idSite=2",
  };
  std::string log;
  Seconds time = Recently();
  for (const std::string& request : requests) {
    for (int visitor = 0; visitor < visitors; ++visitor) log += Line(time, visitor, request);
    time += std::chrono::seconds(1);
  }
  return log;
}

const std::vector<std::string> kForAll = {"UsersManager Index", "Actions Pages", "Sort", "MultiSites Index"};
const std::vector<std::string> kWithReports = {"UsersManager Index", "Actions Pages",   "View", "Sort",
                                               "Interaction",        "MultiSites Index"};

// The part of a summary that is about one target.
std::string SummaryOf(const std::string& target, const std::string& summary) {
  const std::size_t targets = summary.find("\"targets\":");
  return summary.substr(summary.find("\"" + target + "\":", targets));
}

TEST_CASE("only the target that asks for it gets the use of reports, in order with all else") {
  constexpr std::size_t kVisitors = 300;  // more than one batch a lane
  TwoTargets targets(ReadersLog(kVisitors));
  targets.reports.SetDown(true);
  const Outcome first = targets.Run("reports = true\n", {"--summary-json", "-"});
  CHECK(JsonField(first.output, "hits") == "1800");
  CHECK(JsonField(SummaryOf("plain", first.output), "tracked") == "1200");
  CHECK(JsonField(SummaryOf("reports", first.output), "pending") == "1800");
  CHECK(NamesByVisitor(targets.plain) == std::vector(kVisitors, kForAll));
  targets.reports.SetDown(false);
  const Outcome second = targets.Run("reports = true\n", {"--summary-json", "-"});
  CHECK(second.status == 0);
  CHECK(JsonField(SummaryOf("reports", second.output), "tracked") == "1800");
  CHECK(NamesByVisitor(targets.reports) == std::vector(kVisitors, kWithReports));
  CHECK(targets.plain.recorded().size() == kVisitors * kForAll.size());
}

TEST_CASE("the use of reports is not stored unless a target asks for it") {
  for (const bool asked : {false, true}) {
    TwoTargets targets(ReadersLog(3));
    targets.plain.SetDown(true);
    targets.reports.SetDown(true);
    CHECK(targets.Run(asked ? "reports = true\n" : "").status == 5);
    const std::string state = ReadTree(targets.directory / "state");
    CHECK(state.find("\"e_a\":\"Sort\"") != std::string::npos);
    CHECK((state.find("\"e_a\":\"View\"") != std::string::npos) == asked);
    CHECK((state.find("\"e_a\":\"Interaction\"") != std::string::npos) == asked);
  }
}

TEST_CASE("a dry run shows the use of reports if a target asks for it") {
  const TwoTargets targets(ReadersLog(1));
  const auto shown = [&](const std::string& wishes) {
    const Outcome outcome = targets.Run(wishes, {"--dry-run", "--output", "-"});
    CHECK_FALSE(std::filesystem::exists(targets.directory / "state"));
    return std::count(outcome.output.begin(), outcome.output.end(), '\n');
  };
  CHECK(shown("") == 4);
  CHECK(shown("reports = true\n") == 6);
  CHECK(shown("reports = true\nenabled = false\n") == 4);
}

TEST_CASE("a use of a report that waits from one run to the next is only for targets that still ask for it") {
  for (const bool still_asked : {false, true}) {
    // A document, and a report that is on several pages: what page it was, is not known when the log ends.
    const Seconds time = Recently();
    const std::string begin = Line(time, 1, "GET /index.php?module=CoreHome&action=index&idSite=2") +
                              Line(time, 1,
                                   "POST /index.php?date=today&module=Goals&action=get&idSite=2&period=day&idGoal=7"
                                   "&widget=&showtitle=1&random=7");
    TwoTargets targets(begin);
    CHECK(targets.Run("reports = true\n").status == 0);
    CHECK(targets.reports.recorded().empty());
    WriteFile(targets.directory / "log", begin + Line(time + std::chrono::seconds(70), 1,
                                                      "GET /index.php?module=MultiSites&action=index&idSite=2"));
    CHECK(targets.Run(still_asked ? "reports = true\n" : "").status == 0);
    std::vector<std::string> names = {"CoreHome Index", "View", "MultiSites Index"};
    if (!still_asked) std::erase(names, "View");
    CHECK(NamesByVisitor(targets.reports) == std::vector(1, names));
  }
}

TEST_CASE("a target that gets identified hits shares no batch with others, and gets no secret") {
  const TempDir directory;
  ScriptedTracker own;
  ScriptedTracker community;
  const std::string format =
      R"($host $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent")";
  std::string log = "matomo.example.org " + Line(Recently(), 1,
                                                 "GET /index.php?module=AcmeReports&action=index&idSite=57&"
                                                 "token_auth=secretsecret");
  log.replace(log.find("- -"), 3, "- jane");
  WriteFile(directory / "log", log);
  const auto config_with = [&](const char* anonymize) {
    WriteFile(
        directory / "config",
        fmt::format("[[target]]\nname = \"own\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\nanonymize = {}\n"
                    "[[target]]\nname = \"community\"\nurl = \"{}\"\nsite_id = 1\nsystem_report = false\n",
                    own.url(), anonymize, community.url()));
  };
  const auto import = [&] {
    return RunHushlog({"import", "--config", directory / "config", "--state-dir", directory / "state", "--format",
                       format, "--complete", directory / "log"});
  };
  config_with("false");
  const Outcome outcome = import();
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("the target 'own' gets users, titles and URLs as they are") != std::string::npos);
  REQUIRE(own.recorded().size() == 1);
  REQUIRE(community.recorded().size() == 1);
  const auto identified = own.recorded()[0];
  CHECK(identified.at("url") == "https://matomo.example.org/index.php?module=AcmeReports&action=index&idSite=57");
  CHECK(identified.at("action_name") == "AcmeReports Index");
  CHECK(identified.at("uid") == "jane");
  const auto anonymous = community.recorded()[0];
  CHECK(anonymous.at("action_name") == "XYZ XYZ");
  CHECK(anonymous.at("url").find("57") == std::string::npos);
  CHECK_FALSE(anonymous.contains("uid"));
  CHECK(identified.at("cid") != anonymous.at("cid"));
  for (const auto& [name, value] : identified) CHECK(value.find("secretsecret") == std::string::npos);

  config_with("true");
  const Outcome changed = import();
  CHECK(changed.status != 0);
  CHECK(changed.errors.find("the target 'own' got identified hits so far") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
