#include "src/usage/system_report.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <iterator>

#include "src/usage/totals.h"

namespace hushlog {
namespace {

// Those of the plugin.
constexpr const char* kTitle = "System-Report";
constexpr const char* kUrl = "https://demo-anonymous.matomo.org/system-report";

// Matomo takes custom variables only as text of JSON: {"1":["name",value],...}
class VisitVariables {
 public:
  void Add(int slot, std::string_view name, const std::string& value) {
    if (!value.empty()) AddJson(slot, name, fmt::format("\"{}\"", value));
  }
  void Add(int slot, std::string_view name, std::optional<std::int64_t> value) {
    if (value) AddJson(slot, name, fmt::format("{}", *value));
  }
  std::string text() const { return inside_.empty() ? std::string() : fmt::format("{{{}}}", inside_); }

 private:
  void AddJson(int slot, std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(inside_), "{}\"{}\":[\"{}\",{}]", inside_.empty() ? "" : ",", slot, name, value);
  }

  std::string inside_;
};

std::string VariablesOf(const InstanceFacts& instance) {
  VisitVariables variables;
  variables.Add(1, "Matomo Version", instance.matomo_version);
  variables.Add(2, "PHP Version", instance.php_version);
  variables.Add(3, "Num Users", instance.users);
  variables.Add(4, "Num Websites", instance.websites);
  variables.Add(5, "Num Segments", instance.segments);
  variables.Add(6, "MySQL Version", instance.mysql_version);
  return variables.text();
}

// One decimal at most, as the plugin rounds: "18.1", "10".
std::string Rounded(double milliseconds) {
  std::string text = fmt::format("{:.1f}", milliseconds);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

void AppendEvent(const Hit& common, std::string_view what, const std::string& method, std::string value,
                 std::vector<Hit>* hits) {
  Hit& event = hits->emplace_back(common);
  event.kind = Hit::Kind::kEvent;
  event.category = fmt::format("API ({})", what);
  event.action = fmt::format("{} ({})", method, what);
  event.name = fmt::format("{} ({})", method.substr(0, method.find('.')), what);
  event.value = std::move(value);
}

constexpr std::string_view kIsCall = "kind IN (4, 5)";
static_assert(static_cast<int>(TotalKind::kUiApiCall) == 4 && static_cast<int>(TotalKind::kApiClient) == 5);

}  // namespace

bool IsVersion(std::string_view text) {
  static const RE2 kForm(R"([0-9]{1,3}(\.[0-9]{1,4}){1,3}(-[A-Za-z0-9.+~-]{1,40})?)");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kForm);
}

std::vector<Hit> ToHits(const SystemReport& report, std::uint64_t visitor) {
  Hit common;
  common.day = report.day;
  common.time_ms = report.time_ms;
  common.visitor = visitor;
  common.url = kUrl;
  std::vector<Hit> hits;
  if (report.with_page_view) {
    Hit& page_view = hits.emplace_back(common);
    page_view.title = kTitle;
    page_view.variables = VariablesOf(report.instance);
  }
  for (const MethodCalls& calls : report.calls) {
    AppendEvent(common, "count", calls.method, fmt::format("{}", calls.count), &hits);
    if (calls.mean_ms) AppendEvent(common, "speed", calls.method, Rounded(*calls.mean_ms), &hits);
  }
  return hits;
}

void ReportedDays::CreateTables(Database& database) {
  {
    Statement exists = database.Prepare("SELECT 1 FROM sqlite_master WHERE name='system_report'");
    if (exists.Step()) return;
  }
  Transaction transaction(database);
  database.Execute(
      "CREATE TABLE system_report(day INTEGER PRIMARY KEY);"
      "ALTER TABLE usage_total ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE usage_total ADD COLUMN reported_timed INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE usage_total ADD COLUMN reported_us INTEGER NOT NULL DEFAULT 0;"
      "INSERT INTO system_report SELECT DISTINCT day FROM usage_total WHERE day < strftime('%s') / 86400;"
      "UPDATE usage_total SET reported=count, reported_timed=timed, reported_us=total_us;");
  transaction.Commit();
}

std::vector<std::int32_t> ReportedDays::Missing(Database& database, std::int32_t day) {
  Statement query = database.Prepare(
      fmt::format("SELECT DISTINCT day FROM usage_total WHERE day < ?1 AND (({} AND count > reported) OR "
                  "day NOT IN (SELECT day FROM system_report)) ORDER BY day",
                  kIsCall));
  query.Bind(1, std::int64_t{day});
  std::vector<std::int32_t> days;
  while (query.Step()) days.push_back(static_cast<std::int32_t>(query.Integer(0)));
  return days;
}

SystemReport ReportedDays::Of(Database& database, std::int32_t day) {
  constexpr double kMicrosPerMilli = 1000;
  SystemReport report;
  report.day = day;
  {
    Statement known = database.Prepare("SELECT 1 FROM system_report WHERE day = ?1");
    report.with_page_view = !known.Bind(1, std::int64_t{day}).Step();
  }
  Statement query = database.Prepare(
      fmt::format("SELECT name, sum(count - reported), sum(timed - reported_timed), sum(total_us - reported_us) "
                  "FROM usage_total WHERE day = ?1 AND {} AND count > reported GROUP BY name ORDER BY name",
                  kIsCall));
  query.Bind(1, std::int64_t{day});
  while (query.Step()) {
    MethodCalls& calls = report.calls.emplace_back();
    calls.method = query.Text(0);
    calls.count = query.Integer(1);
    const std::int64_t timed = query.Integer(2);
    if (timed > 0) calls.mean_ms = static_cast<double>(query.Integer(3)) / static_cast<double>(timed) / kMicrosPerMilli;
  }
  return report;
}

void ReportedDays::Mark(WriteTransaction& transaction, std::int32_t day) {
  Database& database = transaction.database();
  database.Prepare("INSERT OR IGNORE INTO system_report VALUES(?1)").Bind(1, std::int64_t{day}).Run();
  database
      .Prepare(fmt::format(
          "UPDATE usage_total SET reported=count, reported_timed=timed, reported_us=total_us WHERE day=?1 AND {}",
          kIsCall))
      .Bind(1, std::int64_t{day})
      .Run();
}

}  // namespace hushlog
