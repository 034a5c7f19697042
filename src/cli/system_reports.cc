#include "src/cli/system_reports.h"

#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <utility>

#include "src/base/failpoint.h"
#include "src/visits/hit_encoder.h"

namespace hushlog {
namespace {

constexpr std::string_view kDayCounter = "system_report.day";
constexpr std::string_view kMinuteCounter = "system_report.minute";
constexpr int kFirstMinute = 60;
constexpr int kLastMinute = 10 * 60 - 1;
constexpr int kLastMinuteForNoon = 10 * 60;       // noon of yesterday is 22 hours ago
constexpr int kLastMinuteForYesterday = 22 * 60;  // its last minute is
constexpr int kMinutesAfterNoon = 12 * 60 - 1;
constexpr std::int64_t kMillisPerMinute = 60'000;
constexpr std::uint32_t kBatchRows = 200;  // what one bulk request may hold at most

// Noon is on the same day in nearly all time zones that the site of a target may have.
std::int64_t NoonMs(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  std::tm noon{};
  noon.tm_year = static_cast<int>(date.year()) - 1900;
  noon.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  noon.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  noon.tm_hour = 12;
  noon.tm_isdst = -1;
  return std::int64_t{std::mktime(&noon)} * 1000;
}

// A pseudonym that says nothing: two reports of one installation have nothing in common.
std::uint64_t RandomVisitor() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random() | 1;  // 0 would be nobody's
}

int DrawMinute() {
  std::random_device random;
  return std::uniform_int_distribution(kFirstMinute, kLastMinute)(random);
}

}  // namespace

LocalTime LocalTimeAt(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  localtime_r(&seconds, &local);
  const std::chrono::sys_days day = std::chrono::year{local.tm_year + 1900} /
                                    std::chrono::month{static_cast<unsigned>(local.tm_mon) + 1} /
                                    std::chrono::day{static_cast<unsigned>(local.tm_mday)};
  return {static_cast<std::int32_t>(day.time_since_epoch().count()), local.tm_hour * 60 + local.tm_min};
}

SystemReports::SystemReports(Store& store, std::vector<Subscribers> subscribers)
    : store_(store), subscribers_(std::move(subscribers)) {
  last_day_ = static_cast<std::int32_t>(Counter(kDayCounter));
  minute_ = static_cast<int>(Counter(kMinuteCounter));
}

std::int64_t SystemReports::Counter(std::string_view name) {
  const auto counters = store_.IngestLedger();
  const auto counter = counters.find(std::string(name));
  return counter == counters.end() ? 0 : counter->second;
}

void SystemReports::NoteDay(std::int32_t day) {
  const int minute = minute_ == 0 ? DrawMinute() : minute_;
  WriteTransaction transaction = store_.BeginWrite();
  transaction.Count(kDayCounter, day - last_day_);
  transaction.Count(kMinuteCounter, minute - minute_);
  transaction.Commit();
  last_day_ = day;
  minute_ = minute;
}

bool SystemReports::IsDue(LocalTime now) {
  // A clock that was ahead must not silence the reports until it gets there again.
  if (last_day_ == 0 || last_day_ > now.day) NoteDay(now.day);
  return last_day_ < now.day && now.minute >= minute_;
}

std::vector<std::int32_t> SystemReports::DaysToReport(LocalTime now, bool goes_on) {
  if (std::ranges::all_of(subscribers_, [](const Subscribers& to) { return to.system_report == 0; })) return {};
  const std::int32_t yesterday = now.day - 1;
  std::vector<std::int32_t> days = ReportedDays::Missing(store_.database(), now.day);
  // After a longer pause, or with a clock that is ahead, nobody knows what happened yesterday.
  const bool is_quiet = !std::ranges::binary_search(days, yesterday) && last_day_ == yesterday;
  if (goes_on && is_quiet && ReportedDays::Of(store_.database(), yesterday).with_page_view) days.push_back(yesterday);
  return days;
}

bool SystemReports::TellsOfInstance(LocalTime now, bool goes_on) {
  const std::int32_t yesterday = now.day - 1;
  return std::ranges::binary_search(DaysToReport(now, goes_on), yesterday) &&
         ReportedDays::Of(store_.database(), yesterday).with_page_view;
}

std::int64_t SystemReports::Make(const RuleSet& rules, LocalTime now, bool goes_on, const InstanceFacts& instance) {
  std::int64_t hits = 0;
  const std::int32_t yesterday = now.day - 1;
  for (const std::int32_t day : DaysToReport(now, goes_on)) {
    SystemReport report = ReportedDays::Of(store_.database(), day);
    report.time_ms = NoonMs(day);
    if (day == yesterday) {
      report.instance = instance;
      report.time_ms += std::clamp(now.minute - kLastMinuteForNoon, 0, kMinutesAfterNoon) * kMillisPerMinute;
    }
    hits += Add(rules, report, day < yesterday || now.minute > kLastMinuteForYesterday);
  }
  if (goes_on && last_day_ != now.day) NoteDay(now.day);
  return hits;
}

Audience SystemReports::ReceiversOf(const Subscribers& group, bool is_old) {
  return is_old ? group.system_report & group.with_token : group.system_report;
}

std::int64_t SystemReports::Add(const RuleSet& rules, const SystemReport& report, bool is_old) {
  const auto gets_none = [is_old](const Subscribers& to) { return ReceiversOf(to, is_old) == 0; };
  if (std::ranges::all_of(subscribers_, gets_none)) return 0;
  const std::vector<Hit> hits = ToHits(report, RandomVisitor());
  std::string params;
  HitBatch batch;
  WriteTransaction transaction = store_.BeginWrite();
  const auto append = [&] {
    for (const Subscribers& to : subscribers_) {
      transaction.Append(LaneOf(hits.front().visitor), batch, ReceiversOf(to, is_old));
    }
    batch.clear();
  };
  for (const Hit& hit : hits) {
    params.clear();
    AppendParams(hit, rules.user_agents(), &params);
    batch.Add({hit.time_ms, {}, params, hit.visitor});
    if (batch.rows() == kBatchRows) append();
  }
  append();
  ReportedDays::Mark(transaction, report.day);
  transaction.Count("hits", static_cast<std::int64_t>(hits.size()));
  Failpoint("before-report");
  transaction.Commit();
  Failpoint("reported");
  return static_cast<std::int64_t>(hits.size());
}

}  // namespace hushlog
