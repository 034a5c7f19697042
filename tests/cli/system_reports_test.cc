#include "src/cli/system_reports.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "src/cli/stored_state.h"
#include "src/usage/totals.h"
#include "tests/cli/program.h"
#include "tests/cli/service.h"
#include "tests/cli/tail_site.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

constexpr std::int32_t kDay = 20780;  // 2026-11-23
constexpr int kLast = 24 * 60 - 1;
constexpr int kMethods = 450;

struct Fixture {
  TempDir directory;
  std::unique_ptr<Store> store = Store::Open(directory / "state");
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  std::int64_t target = store->AddTarget("t");
  std::vector<Subscribers> subscribers = {
      {.audience = AudienceOf(target), .system_report = AudienceOf(target), .with_token = AudienceOf(target)}};
  std::optional<SystemReports> reports;

  Fixture() {
    Totals::CreateTables(store->database());
    ReportedDays::CreateTables(store->database());
    Start();
  }
  void Start() { reports.emplace(*store, subscribers); }
  void Call(std::int32_t day) {
    Totals totals(*rules);
    UiAction action;
    action.kind = ActionKind::kApiClient;
    action.module = rules->catalogue().Plugin("Actions");
    action.action = rules->catalogue().ApiMethod(action.module, "get");
    action.day = day;
    totals.OnAction(action);
    WriteTransaction transaction = store->BeginWrite();
    totals.AddTo(transaction);
    transaction.Commit();
  }
  // The number of hits that were made.
  std::int64_t Make(LocalTime now, bool goes_on = false, const InstanceFacts& instance = {}) {
    const std::int64_t before = Hits();
    reports->Make(*rules, now, goes_on, instance);
    return Hits() - before;
  }
  std::int64_t Turn(LocalTime now) { return reports->IsDue(now) ? Make(now, /*goes_on=*/true) : 0; }
  // One call of each of many methods.
  void CallEachMethod(std::int32_t day) {
    store->database().Execute(fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
                                          "INSERT INTO usage_total(day, kind, name, count)"
                                          "SELECT {}, 5, 'Actions.get' || i, 1 FROM n",
                                          kMethods, day)
                                  .c_str());
  }
  std::size_t Visitors() {
    std::set<std::uint64_t> visitors;
    for (int lane = 0; lane < kLanes; ++lane) {
      if (const auto slice = store->Read(target, lane, 10'000, 10 << 20)) {
        for (const HitRow& row : slice->rows) visitors.insert(row.visitor);
      }
    }
    return visitors.size();
  }
  // All that waits for the target, in order.
  std::string Waiting() {
    std::string text;
    for (int lane = 0; lane < kLanes; ++lane) {
      if (const auto slice = store->Read(target, lane, 10'000, 10 << 20)) {
        for (const HitRow& row : slice->rows) text.append(row.params) += '\n';
      }
    }
    return text;
  }
  std::int64_t Hits() { return store->LedgerOf(target).hits; }
};

std::size_t Count(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST_CASE("a process that goes on reports once a day, from the next day on, at a time of night that stays") {
  Fixture f;
  f.Call(kDay);
  CHECK(f.Turn({kDay, kLast}) == 0);
  int first = -1;
  for (int minute = 0; minute <= kLast; ++minute) {
    if (f.Turn({kDay + 1, minute}) > 0) {
      CHECK(first == -1);
      first = minute;
    }
  }
  CHECK(first >= 60);
  CHECK(first < 600);
  f.Start();  // restarted
  CHECK(f.Turn({kDay + 1, kLast}) == 0);
  CHECK(f.Turn({kDay + 2, first - 1}) == 0);
  CHECK(f.Turn({kDay + 2, first}) > 0);
}

TEST_CASE("a clock that goes back reports no day again, and one that was ahead does not silence the reports") {
  Fixture f;
  f.Call(kDay);
  CHECK(f.Turn({kDay, kLast}) == 0);
  CHECK(f.Turn({kDay + 1, kLast}) == 2);
  CHECK(f.Turn({kDay, kLast}) == 0);
  CHECK(f.Turn({kDay + 1, kLast}) == 0);
  CHECK(f.Turn({kDay + 4000, kLast}) == 0);
  CHECK(f.Turn({kDay + 2, kLast}) == 0);
  f.Call(kDay + 2);
  CHECK(f.Turn({kDay + 3, kLast}) == 2);
}

TEST_CASE("days that were missed are reported each for itself") {
  Fixture f;
  CHECK(f.Turn({kDay - 1, kLast}) == 0);
  for (const std::int32_t day : {kDay, kDay + 2}) f.Call(day);
  CHECK(f.Turn({kDay + 4, kLast}) == 4);
  const std::string text = f.Waiting();
  CHECK(Count(text, "System-Report") == 2);
  CHECK(Count(text, R"_("e_a":"Actions.get (count)","e_n":"Actions (count)","e_v":"1")_") == 2);
}

TEST_CASE("a day on which nothing happened is reported by a process that ran, and by no import") {
  Fixture f;
  CHECK(f.Turn({kDay, kLast}) == 0);
  CHECK(f.Make({kDay + 1, 0}) == 0);
  CHECK(f.Turn({kDay + 1, kLast}) == 1);
  CHECK(Count(f.Waiting(), "System-Report") == 1);
}

// When the hits of the report of kDay, made at `now`, are said to be.
LocalTime TimeOfReport(Fixture& f, LocalTime now) {
  f.Call(kDay);
  f.Make(now);
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto slice = f.store->Read(f.target, lane, 1000, 1 << 20);
    if (!slice) continue;
    return LocalTimeAt(std::chrono::system_clock::time_point(std::chrono::milliseconds(slice->rows[0].time_ms)));
  }
  return {};
}

TEST_CASE("the hits are of noon of their day, or of a time of yesterday that is no 24 hours ago") {
  struct {
    LocalTime now;
    int minute;
  } static const kCases[] = {{{kDay + 9, 0}, 720},    {{kDay + 1, 599}, 720},   {{kDay + 1, 601}, 721},
                             {{kDay + 1, 900}, 1020}, {{kDay + 1, 1319}, 1439}, {{kDay + 1, kLast}, 1439}};
  for (const auto& c : kCases) {
    CAPTURE(c.now.minute);
    Fixture f;
    const LocalTime time = TimeOfReport(f, c.now);
    CHECK(time.day == kDay);
    CHECK(time.minute == c.minute);
  }
}

TEST_CASE("a target without token gets the report of yesterday, and none that it would refuse for its age") {
  Fixture f;
  f.subscribers[0].with_token = 0;
  f.Start();
  for (const std::int32_t day : {kDay, kDay + 1}) f.Call(day);
  CHECK(f.Make({kDay + 2, 600}) == 2);
  CHECK(f.reports->DaysToReport({kDay + 2, 600}, false) == std::vector{kDay});
}

TEST_CASE("what the Matomo is goes into yesterday's report alone") {
  Fixture f;
  for (const std::int32_t day : {kDay, kDay + 1}) f.Call(day);
  InstanceFacts facts;
  facts.matomo_version = "5.2.0";
  f.Make({kDay + 2, 0}, false, facts);
  CHECK(Count(f.Waiting(), "Matomo Version") == 1);
}

TEST_CASE("while no target gets system reports, what there is to report waits for one") {
  Fixture f;
  const std::vector<Subscribers> all = f.subscribers;
  f.subscribers[0].system_report = 0;
  f.Start();
  f.Call(kDay);
  CHECK(f.Make({kDay + 1, 0}) == 0);
  CHECK(f.store->IngestLedger()["hits"] == 0);
  f.subscribers = all;
  f.Start();
  CHECK(f.Make({kDay + 1, 0}) == 2);
}

TEST_CASE("each target gets a report whole, however many methods were called, and each report another visitor") {
  Fixture f;
  const std::int64_t other = f.store->AddTarget("other");
  const Audience bit = AudienceOf(other);
  f.subscribers.push_back({.audience = bit, .reports = true, .system_report = bit, .with_token = bit});
  f.Start();
  for (const std::int32_t day : {kDay, kDay + 1}) f.CallEachMethod(day);
  f.Make({kDay + 2, 0});
  CHECK(Count(f.Waiting(), "API (count)") == 2 * kMethods);
  CHECK(f.Hits() == 2 * (kMethods + 1));
  CHECK(f.store->LedgerOf(other).hits == f.Hits());
  CHECK(f.Visitors() == 2);
}

// A line of `days` ago that calls an API method, in combined_rt_host.
std::string CallLine(int days) {
  const auto time = std::chrono::system_clock::now() - std::chrono::days(days);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%d/%b/%Y:12:00:00 %z", &local);
  return fmt::format(
      "192.0.2.1 - - [{}] \"GET /index.php?module=API&method=Actions.get&format=JSON&idSite=1 HTTP/1.1\" 200 9 \"-\" "
      "\"curl/8.0\"\n",
      text.data());
}

TEST_CASE("tail, started after a pause, reads what was written meanwhile before it reports") {
  const test::ScriptedTracker tracker;
  const TempDir secrets;
  const Site site(
      fmt::format("[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\nretry_delay_ms = 1\ntoken_file = \"{}\"\n",
                  tracker.url(), secrets.Write("token", test::TrackerOptions().token)),
      "beginning", "combined");
  Append(site.log, CallLine(2) + CallLine(1) + CallLine(0));
  {
    // It has reported the day before yesterday, and does so from the first minute of a day on.
    const auto store = Store::Open(site.directory / "state");
    WriteTransaction transaction = store->BeginWrite();
    transaction.Count("system_report.day", LocalTimeAt(std::chrono::system_clock::now()).day - 1);
    transaction.Count("system_report.minute", 1);
    transaction.Commit();
  }
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  CHECK(tracker.WaitForRequests(1));
  CHECK(service.Stop(SIGTERM).status == 0);
  std::size_t page_views = 0, calls = 0;
  for (const auto& row : tracker.recorded()) {
    page_views += row.contains("action_name") ? 1 : 0;
    calls += row.contains("e_v") && row.at("e_c") == "API (count)" ? 1 : 0;
  }
  CHECK(page_views == 2);
  CHECK(calls == 2);
}

TEST_CASE("an import of archived logs reports each of their days, and another import none again") {
  const test::ScriptedTracker tracker;
  const TempDir directory;
  WriteFile(directory / "token", test::TrackerOptions().token);
  std::filesystem::permissions(directory / "token", std::filesystem::perms::owner_read);
  WriteFile(
      directory / "config",
      fmt::format("state_dir = \"{}\"\n[[target]]\nname = \"t\"\nurl = \"{}\"\nsite_id = 1\ntoken_file = \"{}\"\n",
                  directory / "state", tracker.url(), directory / "token"));
  std::string log;
  for (const char* day : {"01/Oct/2025", "02/Oct/2025", "03/Oct/2025"}) {
    log += fmt::format(
        "192.0.2.1 - - [{}:10:00:00 +0000] \"GET /index.php?module=API&method=Actions.get&format=JSON&idSite=1 "
        "HTTP/1.1\" 200 9 \"-\" \"curl/8.0\"\n",
        day);
  }
  WriteFile(directory / "log", log);
  const std::vector<std::string> import = {"import",         "-q", "-c", directory / "config", "--format", "combined",
                                           directory / "log"};
  CHECK(RunHushlog(import).errors == "");
  std::size_t page_views = 0, counts = 0;
  for (const auto& row : tracker.recorded()) {
    page_views += row.contains("action_name") && row.at("action_name") == "System-Report" ? 1 : 0;
    counts += row.contains("e_a") && row.at("e_a") == "Actions.get (count)" && row.at("e_v") == "1" ? 1 : 0;
  }
  CHECK(page_views == 3);
  CHECK(counts == 3);
  CHECK(RunHushlog({"audit", "-c", directory / "config"}).status == 0);
  const std::size_t requests = tracker.requests().size();
  CHECK(RunHushlog(import).status == 0);
  CHECK(tracker.requests().size() == requests);
}

}  // namespace
}  // namespace hushlog
