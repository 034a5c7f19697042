#include "src/visits/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/visits/hit_maker.h"
#include "src/visits/page_titles.h"
#include "src/visits/parameters.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxDashboardWidgets = 64;
constexpr int kFound = 302;
constexpr std::int64_t kPassword = 5 * 60 * 1000;  // a password is entered within this

std::string Filled(std::string text, std::string_view place, std::string_view value) {
  const std::size_t at = text.find(place);
  if (at != std::string::npos) text.replace(at, place.size(), value);
  return text;
}

}  // namespace

Events::Events(const RuleSet& rules, HitSink& sink, bool report_use, VisitTrace* trace)
    : catalogue_(rules.catalogue()),
      sink_(sink),
      trace_(trace),
      events_(rules.events()),
      report_use_(report_use),
      format_(catalogue_.Find("format")),
      id_report_(catalogue_.Find("idReport")),
      plugin_name_(catalogue_.Find("pluginName")),
      core_home_(catalogue_.Plugin("CoreHome")),
      index_(catalogue_.Action(core_home_, "index")),
      dashboard_(catalogue_.Plugin("Dashboard")),
      layout_(catalogue_.Action(dashboard_, "getDashboardLayout")),
      embedded_index_(catalogue_.Action(dashboard_, "embeddedIndex")),
      scheduled_reports_(catalogue_.Plugin("ScheduledReports")),
      generate_report_(catalogue_.ApiMethod(scheduled_reports_, "generateReport")) {}

void Events::Consume(const UiAction& action, std::span<const Parameter> parameters, const PageChange& change,
                     std::span<const Parameter> page, Visit& visit) {
  const EventNames* names = events_.Find(action, parameters);
  if (names != nullptr && IsRepeatedChange(action, parameters, visit)) names = nullptr;
  Add(names, action, parameters, page, visit);
  if (!change.drawn_again) UseReport(action, names != nullptr, parameters, page, visit);
  if (change.opened && (IsDashboardLayout(action) || action.action == embedded_index_)) visit.dashboard_widgets.clear();
  if (change.segment_selected) Add(events_.Find(EventSource::kSegment), action, parameters, page, visit);
  if (change.comparison_started) Add(events_.Find(EventSource::kComparison), action, parameters, page, visit);
  const bool is_reporting = action.module == core_home_ && action.action == index_;
  if (action.kind == ActionKind::kDocument && is_reporting && action.page.from_other_site && !change.reloaded) {
    Add(events_.Find(EventSource::kSite), action, parameters, page, visit);
  }
  if (action.kind == ActionKind::kDashboardWidget && IsRefresh(action, visit)) {
    Add(events_.Find(EventSource::kWidgetAgain), action, parameters, page, visit);
  }
  if (action.module == scheduled_reports_ && action.action == generate_report_ &&
      action.kind == ActionKind::kUiApiCall) {
    AddDownload(action, parameters, page, visit);
  }
}

// A link that changes something is followed twice if Matomo asks for the password in between.
bool Events::IsRepeatedChange(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) const {
  if (action.kind != ActionKind::kController || action.status != kFound) return false;
  const Parameter plugin = ValueOf(parameters, plugin_name_);
  if (plugin.kind != Parameter::Kind::kName || plugin.value <= Name::kPlaceholder) return false;  // which one is hidden
  const std::uint64_t change = static_cast<std::uint64_t>(action.module) << 32 |
                               static_cast<std::uint64_t>(action.action) << 16 |
                               static_cast<std::uint64_t>(plugin.value);
  const bool repeated = visit.last_change == change && action.time_ms - visit.last_change_ms <= kPassword;
  visit.last_change = repeated ? 0 : change;
  visit.last_change_ms = action.time_ms;
  return repeated;
}

// Remembers which widgets the dashboard has asked for.
bool Events::IsRefresh(const UiAction& action, Visit& visit) const {
  const std::uint64_t widget =
      (static_cast<std::uint64_t>(action.module) << 16 | static_cast<std::uint64_t>(action.action)) ^
      action.page.document ^ action.page.view ^ action.page.item * 3;
  if (std::ranges::find(visit.dashboard_widgets, widget) != visit.dashboard_widgets.end()) return true;
  if (visit.dashboard_widgets.size() < kMaxDashboardWidgets) visit.dashboard_widgets.push_back(widget);
  return false;
}

void Events::Add(const EventNames* names, const UiAction& action, std::span<const Parameter> parameters,
                 std::span<const Parameter> page, Visit& visit, Hit::Kind kind) {
  if (names == nullptr) return;
  const Parameter* format = FindParameter(parameters, format_);
  std::string format_text(format == nullptr ? "XML" : catalogue_.Text(format->value));  // XML is Matomo's default
  if (format_text.empty()) format_text = catalogue_.Text(Name::kPlaceholder);
  std::ranges::transform(format_text, format_text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  const std::string call = CallText(action.module, action.action);
  const ReportUse use = events_.UseOf(action);
  const std::string report = use.kind == ReportUse::Kind::kNone ? call : CallText(use.plugin, use.report);
  Hit hit = MakeHit(kind, action, visit);
  hit.category = names->category;
  hit.action = Filled(names->action, "{format}", format_text);
  hit.name = Filled(Filled(names->name, "{call}", call), "{report}", report);
  AppendPageUrl({}, page, catalogue_, &hit.url);
  if (trace_ != nullptr) {
    trace_->OnNote(VisitNote::kEvent,
                   fmt::format("{} / {} / {} (rule {})", hit.category, hit.action, hit.name, names->rule), 0);
  }
  visit.hits.Add(std::move(hit), sink_);
}

std::string Events::CallText(Name plugin, Name action) const {
  return fmt::format("{}.{}", catalogue_.Text(plugin), catalogue_.Text(action));
}

// An interaction that is an event of its own (`is_event`) is no second hit.
void Events::UseReport(const UiAction& action, bool is_event, std::span<const Parameter> parameters,
                       std::span<const Parameter> page, Visit& visit) {
  const ReportUse use = events_.UseOf(action);
  if (use.kind == ReportUse::Kind::kNone) return;
  sink_.OnReportUse(action.day, use);
  const bool view = use.kind == ReportUse::Kind::kView;
  if (!report_use_ || (is_event && !view)) return;
  const EventNames* names = events_.Find(view ? EventSource::kReportView : EventSource::kReportInteraction);
  Add(names, action, parameters, page, visit, Hit::Kind::kReportUse);
}

// The plugin's name of a report that is sent as a file: its number and the format of the file.
void Events::AddDownload(const UiAction& action, std::span<const Parameter> parameters, std::span<const Parameter> page,
                         Visit& visit) {
  const Parameter* report = FindParameter(parameters, id_report_);
  const Parameter* format = FindParameter(parameters, format_);
  Hit hit = MakeHit(Hit::Kind::kDownload, action, visit);
  const bool numbered = report != nullptr && report->kind == Parameter::Kind::kNumber;
  const bool named = format != nullptr && format->kind == Parameter::Kind::kName;
  hit.download = fmt::format("{}/scheduledreports/emailreport{}.{}", kPageBase, numbered ? report->number : 1U,
                             named ? catalogue_.Text(format->value) : std::string_view("original"));
  if (trace_ != nullptr) trace_->OnNote(VisitNote::kEvent, "download of a scheduled report", 0);
  AppendPageUrl({"ScheduledReports", "index"}, page, catalogue_, &hit.url);
  visit.hits.Add(std::move(hit), sink_);
}

}  // namespace hushlog
