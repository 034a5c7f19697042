#include "src/usage/totals.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace hushlog {
namespace {

// Days fit 24 bits, kinds 8, names 16 each.
std::uint64_t PackCall(std::int32_t day, TotalKind kind, Name module, Name action) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(day)) << 40 | static_cast<std::uint64_t>(kind) << 32 |
         static_cast<std::uint64_t>(module) << 16 | static_cast<std::uint64_t>(action);
}

// nginx's, for a client that did not wait: nobody knows how long the answer would have taken.
constexpr int kClientClosedRequest = 499;

std::optional<TotalKind> KindOfCall(ActionKind kind) {
  switch (kind) {
    case ActionKind::kReport:
    case ActionKind::kTable:
    case ActionKind::kDashboardWidget:
      return TotalKind::kReport;
    case ActionKind::kUiApiCall:
    case ActionKind::kExport:
      return TotalKind::kUiApiCall;
    case ActionKind::kApiClient:
    case ActionKind::kBulkApi:
      return TotalKind::kApiClient;
    default:
      return std::nullopt;
  }
}

bool IsProgram(ActionKind kind) { return kind == ActionKind::kApiClient || kind == ActionKind::kBulkApi; }

std::string WithMajor(std::string_view family, std::uint16_t major) {
  return major == UserAgent::kNoMajor ? std::string(family) : fmt::format("{} {}", family, major);
}

class TotalWriter {
 public:
  explicit TotalWriter(Database& database)
      : count_(database.Prepare("INSERT INTO usage_total(day, kind, name, count) VALUES(?1, ?2, ?3, ?4) "
                                "ON CONFLICT DO UPDATE SET count = count + excluded.count")),
        times_(database.Prepare("SELECT times FROM usage_total WHERE day = ?1 AND kind = ?2 AND name = ?3")),
        time_(database.Prepare("UPDATE usage_total SET timed = timed + ?4, total_us = total_us + ?5, "
                               "max_us = max(max_us, ?6), times = ?7 WHERE day = ?1 AND kind = ?2 AND name = ?3")) {}

  void Add(std::int32_t day, TotalKind kind, std::string_view name, std::int64_t count) {
    BindKey(count_, day, kind, name).Bind(4, count).Run();
  }
  // To what was added before.
  void AddTimes(std::int32_t day, TotalKind kind, std::string_view name, std::int64_t total_us, std::int64_t max_us,
                const Durations& durations) {
    Durations times;
    if (BindKey(times_, day, kind, name).Step()) {
      (void)times.Decode(times_.Blob(0));
      times_.Run();  // to its end
    }
    times.Add(durations);
    BindKey(time_, day, kind, name).Bind(4, durations.count()).Bind(5, total_us).Bind(6, max_us);
    time_.BindBlob(7, times.Encode()).Run();
  }

 private:
  static Statement& BindKey(Statement& statement, std::int32_t day, TotalKind kind, std::string_view name) {
    return statement.Bind(1, std::int64_t{day}).Bind(2, static_cast<std::int64_t>(kind)).Bind(3, name);
  }

  Statement count_, times_, time_;
};

}  // namespace

namespace {

// For databases from before there was the column.
void AddColumn(Database& database, std::string_view name, std::string_view definition) {
  {
    Statement column = database.Prepare("SELECT 1 FROM pragma_table_info('usage_total') WHERE name=?1");
    if (column.Bind(1, name).Step()) return;
  }
  database.Execute(fmt::format("ALTER TABLE usage_total ADD COLUMN {} {}", name, definition).c_str());
}

}  // namespace

void Totals::CreateTables(Database& database) {
  database.Execute(
      "CREATE TABLE IF NOT EXISTS usage_total(day INTEGER NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL, "
      "count INTEGER NOT NULL, timed INTEGER NOT NULL DEFAULT 0, total_us INTEGER NOT NULL DEFAULT 0, "
      "max_us INTEGER NOT NULL DEFAULT 0, "
      "PRIMARY KEY(day, kind, name)) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS usage_visitor(day INTEGER NOT NULL, visitor INTEGER NOT NULL, "
      "PRIMARY KEY(day, visitor)) WITHOUT ROWID;");
  AddColumn(database, "times", "BLOB NOT NULL DEFAULT x''");
}

void Totals::OnAction(const UiAction& action) {
  if (const auto kind = KindOfCall(action.kind)) CountCall(action, *kind);
  if (IsProgram(action.kind) || action.visitor == last_visitor_) return;
  last_visitor_ = action.visitor;
  visitors_.try_emplace(action.visitor, action.day, action.user_agent);
}

void Totals::OnFailedCall(const FailedCall& call) {
  const TotalKind kind = call.of_program ? TotalKind::kFailedApiClient : TotalKind::kFailedUiApiCall;
  ++calls_[PackCall(call.day, kind, call.plugin, call.method)].count;
}

void Totals::CountCall(const UiAction& action, TotalKind kind) {
  Cell& cell = calls_[PackCall(action.day, kind, action.module, action.action)];
  ++cell.count;
  if (!action.timed || action.status == kClientClosedRequest) return;
  cell.total_us += action.request_time_us;
  cell.max_us = std::max(cell.max_us, action.request_time_us);
  cell.times.Add(action.request_time_us);
}

void Totals::OnReportUse(std::int32_t day, const ReportUse& use) {
  const bool view = use.kind == ReportUse::Kind::kView;
  const TotalKind kind = view ? TotalKind::kReportView : TotalKind::kReportInteraction;
  ++calls_[PackCall(day, kind, use.plugin, use.report)].count;
}

void Totals::OnHit(const Hit& hit) {
  switch (hit.kind) {
    case Hit::Kind::kPageView:
      ++page_views_[{hit.day, hit.title}];
      ++hours_[{hit.day, hit.hour}];
      return;
    case Hit::Kind::kEvent:
      ++events_[{hit.day, fmt::format("{}: {}: {}", hit.category, hit.action, hit.name)}];
      return;
    case Hit::Kind::kDownload:
      ++events_[{hit.day, "Download: scheduled report"}];
      return;
    case Hit::Kind::kReportUse:
      return;  // counted by OnReportUse, whether a target asks for it or not
  }
}

void Totals::CountNewVisitors(Database& database) const {
  // In the order of the table, so that neighbouring rows are written together.
  std::vector<std::pair<std::uint64_t, std::pair<std::int32_t, UserAgent>>> sorted(visitors_.begin(), visitors_.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return std::pair(a.second.first, static_cast<std::int64_t>(a.first)) <
           std::pair(b.second.first, static_cast<std::int64_t>(b.first));
  });
  struct Clients {
    std::map<std::string, std::int64_t> visitors, browsers, systems, devices;
  };
  std::map<std::int32_t, Clients> days;
  Statement insert =
      database.Prepare("INSERT INTO usage_visitor(day, visitor) VALUES(?1, ?2) ON CONFLICT DO NOTHING RETURNING 1");
  const UserAgentRules& names = rules_.user_agents();
  for (const auto& [visitor, seen] : sorted) {
    const auto& [day, user_agent] = seen;
    insert.Bind(1, std::int64_t{day}).Bind(2, static_cast<std::int64_t>(visitor));
    if (!insert.Step()) continue;  // seen before
    insert.Run();                  // to its end
    Clients& clients = days[day];
    ++clients.visitors[""];
    ++clients.browsers[WithMajor(names.BrowserName(user_agent.browser), user_agent.browser_major)];
    ++clients.systems[WithMajor(names.SystemName(user_agent.system), user_agent.system_major)];
    ++clients.devices[std::string(ToString(user_agent.device))];
  }
  TotalWriter writer(database);
  for (const auto& [day, clients] : days) {
    for (const auto& [name, count] : clients.visitors) writer.Add(day, TotalKind::kVisitor, name, count);
    for (const auto& [name, count] : clients.browsers) writer.Add(day, TotalKind::kBrowser, name, count);
    for (const auto& [name, count] : clients.systems) writer.Add(day, TotalKind::kSystem, name, count);
    for (const auto& [name, count] : clients.devices) writer.Add(day, TotalKind::kDevice, name, count);
  }
}

void Totals::AddTo(WriteTransaction& transaction) const {
  Database& database = transaction.database();
  CountNewVisitors(database);
  TotalWriter writer(database);
  const Catalogue& catalogue = rules_.catalogue();
  for (const auto& [packed, cell] : calls_) {
    const auto day = static_cast<std::int32_t>(packed >> 40);
    const auto kind = static_cast<TotalKind>(packed >> 32 & 0xff);
    const auto module = static_cast<Name>(packed >> 16 & 0xffff);
    const auto action = static_cast<Name>(packed & 0xffff);
    const std::string name = fmt::format("{}.{}", catalogue.Text(module), catalogue.Text(action));
    writer.Add(day, kind, name, cell.count);
    if (!cell.times.empty()) writer.AddTimes(day, kind, name, cell.total_us, cell.max_us, cell.times);
  }
  for (const auto& [key, count] : page_views_) writer.Add(key.first, TotalKind::kPageView, key.second, count);
  for (const auto& [key, count] : events_) writer.Add(key.first, TotalKind::kEvent, key.second, count);
  for (const auto& [key, count] : hours_) {
    writer.Add(key.first, TotalKind::kHour, fmt::format("{:02}", key.second), count);
  }
}

void Totals::Clear() {
  calls_.clear();
  page_views_.clear();
  events_.clear();
  hours_.clear();
  visitors_.clear();
  last_visitor_ = 0;
}

void Totals::ForgetVisitors(std::span<const std::int32_t> days, WriteTransaction& transaction) {
  Statement forget = transaction.database().Prepare("DELETE FROM usage_visitor WHERE day = ?1");
  for (const std::int32_t day : days) forget.Bind(1, std::int64_t{day}).Run();
}

}  // namespace hushlog
