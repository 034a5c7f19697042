#include "src/visits/visits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace hushlog {
namespace {

const Parameter* Find(std::span<const Parameter> parameters, Name name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

}  // namespace

Visits::Visits(const RuleSet& rules, HitSink& sink)
    : catalogue_(rules.catalogue()),
      sink_(sink),
      pages_(PageMap::Shipped(catalogue_)),
      id_site_(catalogue_.Find("idSite")),
      period_(catalogue_.Find("period")),
      date_(catalogue_.Find("date")),
      segment_(catalogue_.Find("segment")),
      format_(catalogue_.Find("format")),
      id_report_(catalogue_.Find("idReport")),
      scheduled_reports_(catalogue_.Plugin("ScheduledReports")),
      generate_report_(catalogue_.ApiMethod(scheduled_reports_, "generateReport")) {}

void Visits::Consume(const UiAction& action, std::span<const Parameter> parameters) {
  switch (action.kind) {
    case ActionKind::kDocument:
    case ActionKind::kWidgetized:
      return Document(action, parameters);
    case ActionKind::kReport:
      return Report(action, parameters);
    case ActionKind::kExport:
      return Export(action, parameters);
    case ActionKind::kUiApiCall:
      return ApiCall(action, parameters);
    case ActionKind::kLogin:
      return Login(action, parameters);
    default:
      return;  // counted in usage totals only
  }
}

void Visits::StartHit(const UiAction& action, Hit::Kind kind) {
  hit_.kind = kind;
  hit_.time_ms = action.time_ms;
  hit_.day = action.day;
  hit_.visitor = action.visitor;
  hit_.address = action.address;
  hit_.user_agent = action.user_agent;
  hit_.language = action.language;
  hit_.title.clear();
  hit_.url.clear();
  hit_.category.clear();
  hit_.action.clear();
  hit_.name.clear();
  hit_.download.clear();
}

void Visits::PageView(const UiAction& action, PageName page, std::span<const Parameter> parameters) {
  StartHit(action, Hit::Kind::kPageView);
  // A page without a module is the login form: everybody else is redirected to one with a module.
  AppendTitle(page.top.empty() ? PageName{"Login", ""} : page, &hit_.title);
  AppendPageUrl(page, parameters, catalogue_, &hit_.url);
  sink_.OnHit(hit_);
}

void Visits::Document(const UiAction& action, std::span<const Parameter> parameters) {
  PageView(action, {catalogue_.Text(action.module), catalogue_.Text(action.action)}, parameters);
}

void Visits::Login(const UiAction& action, std::span<const Parameter> parameters) {
  constexpr int kFound = 302;  // the browser is sent on to the page it wanted: no page here
  if (action.status != kFound) Document(action, parameters);
}

void Visits::Report(const UiAction& action, std::span<const Parameter> parameters) {
  const PageMap::Match match = pages_->Find(action, parameters);
  if (!match.is_lead) return;
  PageView(action, ReportPageName(match.page->category, match.page->subcategory), PageParameters(parameters));
}

std::span<const Parameter> Visits::PageParameters(std::span<const Parameter> parameters) {
  page_parameters_.clear();
  for (const Name name : {id_site_, period_, date_, segment_}) {
    const Parameter* parameter = Find(parameters, name);
    if (parameter != nullptr && parameter->kind != Parameter::Kind::kEmpty) page_parameters_.push_back(*parameter);
  }
  return page_parameters_;
}

void Visits::Export(const UiAction& action, std::span<const Parameter> parameters) {
  StartHit(action, Hit::Kind::kEvent);
  const Parameter* format = Find(parameters, format_);
  hit_.category = "Reports";
  hit_.action = fmt::format("Export {}", format == nullptr ? std::string_view() : catalogue_.Text(format->value));
  hit_.name = fmt::format("{}.{}", catalogue_.Text(action.module), catalogue_.Text(action.action));
  AppendPageUrl({}, PageParameters(parameters), catalogue_, &hit_.url);
  sink_.OnHit(hit_);
}

void Visits::ApiCall(const UiAction& action, std::span<const Parameter> parameters) {
  if (action.module != scheduled_reports_ || action.action != generate_report_) return;
  StartHit(action, Hit::Kind::kDownload);
  const Parameter* report = Find(parameters, id_report_);
  const Parameter* format = Find(parameters, format_);
  // The plugin's name for it: the report's number and the format of the file.
  hit_.download =
      fmt::format("{}/scheduledreports/emailreport{}.{}", kPageBase, report == nullptr ? 1U : report->number,
                  format == nullptr ? std::string_view("original") : catalogue_.Text(format->value));
  AppendPageUrl({"ScheduledReports", "index"}, PageParameters(parameters), catalogue_, &hit_.url);
  sink_.OnHit(hit_);
}

}  // namespace hushlog
