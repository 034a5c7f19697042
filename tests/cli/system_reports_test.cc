#include "src/cli/system_reports.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>

#include "src/cli/stored_state.h"
#include "src/usage/totals.h"
#include "tests/cli/program.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

constexpr std::int32_t kDay = 20780;  // 2026-11-23
constexpr int kLast = 24 * 60 - 1;

struct Fixture {
  TempDir directory;
  std::unique_ptr<Store> store = Store::Open(directory / "state");
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  std::int64_t target = store->AddTarget("t");
  std::vector<Subscribers> subscribers = {{.audience = AudienceOf(target), .system_report = AudienceOf(target)}};
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
  // Whether it was time, and the hits that were made.
  std::int64_t Turn(LocalTime now) {
    return reports->IsDue(now) ? reports->Make(*rules, now, /*of_quiet_day=*/true, {}) : 0;
  }
  // All that waits for the target, in order.
  std::string Waiting() {
    std::string text;
    for (int lane = 0; lane < kLanes; ++lane) {
      if (const auto slice = store->Read(target, lane, 1000, 1 << 20)) {
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
  CHECK(f.Turn({kDay + 4000, kLast}) == 1);  // the quiet day before
  CHECK(f.Turn({kDay + 2, kLast}) == 0);
  f.Call(kDay + 2);
  CHECK(f.Turn({kDay + 3, kLast}) == 2);
}

TEST_CASE("days that were missed are reported each for itself, in order") {
  Fixture f;
  CHECK(f.Turn({kDay - 1, kLast}) == 0);
  for (const std::int32_t day : {kDay, kDay + 2}) f.Call(day);
  CHECK(f.Turn({kDay + 4, kLast}) == 5);  // two days with a call, and yesterday, on which nothing happened
  const std::string text = f.Waiting();
  CHECK(Count(text, "System-Report") == 3);
  CHECK(Count(text, R"_("e_a":"Actions.get (count)","e_n":"Actions (count)","e_v":"1")_") == 2);
}

TEST_CASE("the hits have the time of noon of the day they describe") {
  Fixture f;
  f.Call(kDay);
  f.reports->Make(*f.rules, {kDay + 9, 0}, false, {});
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto slice = f.store->Read(f.target, lane, 1000, 1 << 20);
    if (!slice) continue;
    const LocalTime time =
        LocalTimeAt(std::chrono::system_clock::time_point(std::chrono::milliseconds(slice->rows[0].time_ms)));
    CHECK(time.day == kDay);
    CHECK(time.minute == 12 * 60);
  }
  CHECK(f.Hits() == 2);
}

TEST_CASE("what the Matomo is goes into yesterday's report alone") {
  Fixture f;
  for (const std::int32_t day : {kDay, kDay + 1}) f.Call(day);
  InstanceFacts facts;
  facts.matomo_version = "5.2.0";
  f.reports->Make(*f.rules, {kDay + 2, 0}, false, facts);
  CHECK(Count(f.Waiting(), "Matomo Version") == 1);
}

TEST_CASE("a target that does not want system reports gets none") {
  Fixture f;
  f.subscribers[0].system_report = 0;
  f.Start();
  f.Call(kDay);
  f.reports->Make(*f.rules, {kDay + 1, 0}, false, {});
  CHECK(f.Hits() == 0);
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
