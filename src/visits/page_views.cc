#include "src/visits/page_views.h"

#include <algorithm>
#include <utility>

#include "src/visits/hit_maker.h"

namespace hushlog {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kPageLoad = 30 * kSecond;   // the widgets of a page are asked for within this time
constexpr std::int64_t kFirstPage = 30 * kSecond;  // and the first page of a document within this
constexpr std::int64_t kLogin = 120 * kSecond;     // somebody who is shown the login form logs in within this
constexpr std::int64_t kLayout = 15 * kSecond;     // a dashboard's layout follows its frame within this
// A widget that was given up and asked for again within this time was drawn twice, not opened twice.
constexpr std::int64_t kRedraw = 2 * kSecond;

// More than a person has open. The oldest gives way.
constexpr std::size_t kMaxDocuments = 16;
constexpr std::size_t kMaxLoads = 16;
constexpr std::size_t kMaxHeldHits = 64;

constexpr int kForbidden = 403;
constexpr int kClientClosed = 499;  // nginx: the browser did not wait for the answer

const Parameter* Find(std::span<const Parameter> parameters, Name name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

Parameter Get(std::span<const Parameter> parameters, Name name) {
  const Parameter* parameter = Find(parameters, name);
  return parameter == nullptr ? Parameter{} : *parameter;
}

bool SameValue(const Parameter& a, const Parameter& b) {
  return a.kind == b.kind && a.value == b.value && a.number == b.number && a.date.kind == b.date.kind &&
         a.date.first == b.date.first && a.date.last == b.date.last;
}

std::uint64_t WidgetId(const UiAction& action) {
  return (static_cast<std::uint64_t>(action.module) << 16 | static_cast<std::uint64_t>(action.action)) ^
         action.page.item;
}

}  // namespace

PageViews::PageViews(const RuleSet& rules, HitSink& sink)
    : catalogue_(rules.catalogue()),
      sink_(sink),
      pages_(PageMap::Shipped(catalogue_)),
      core_home_(catalogue_.Plugin("CoreHome")),
      index_(catalogue_.Action(core_home_, "index")),
      id_site_(catalogue_.Find("idSite")),
      period_(catalogue_.Find("period")),
      date_(catalogue_.Find("date")),
      segment_(catalogue_.Find("segment")) {}

void PageViews::Document(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  const bool reporting = action.module == core_home_ && action.action == index_ && !action.post;
  if (reporting) return LoadReportingDocument(action, parameters, visit);
  const PageName page{catalogue_.Text(action.module), catalogue_.Text(action.action)};
  visit.hits.Add(MakePageView(action, page, parameters, catalogue_), sink_);
}

void PageViews::LoadReportingDocument(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  std::erase_if(visit.loads, [&](const PageLoad& load) { return load.document == action.page.document; });
  ReportingDocument document;
  document.document = action.page.document;
  document.time_ms = action.time_ms;
  document.site = Get(parameters, id_site_);
  document.period = Get(parameters, period_);
  document.date = Get(parameters, date_);
  document.forbidden = action.status == kForbidden;
  if (document.forbidden) {
    // A document that had been loaded before is loaded again with the fragment that it had. On the dashboard that is
    // shown without a fragment, too, it has none.
    const auto before = std::find_if(visit.documents.rbegin(), visit.documents.rend(), [&](const auto& earlier) {
      return earlier.document == document.document && !earlier.last_title.empty();
    });
    if (before != visit.documents.rend() && !before->last_was_dashboard) {
      Hit hit = MakeHit(Hit::Kind::kPageView, action);
      hit.title = before->last_title;
      hit.url = before->last_url;
      return visit.hits.Add(hit, sink_);
    }
  }
  // The site selector keeps the fragment of the page that it stands on: the page will be counted, not the document.
  document.undecided = document.forbidden || !action.page.from_other_site;
  if (document.undecided) {
    const PageName page{catalogue_.Text(core_home_), catalogue_.Text(index_)};
    document.index_hit = visit.hits.Hold(MakePageView(action, page, parameters, catalogue_));
  }
  if (visit.hits.size() > kMaxHeldHits) DecideAll(visit);
  if (visit.documents.size() == kMaxDocuments) {
    Decide(visit.documents.front(), true, visit);
    visit.documents.erase(visit.documents.begin());
  }
  visit.documents.push_back(std::move(document));
}

PageChange PageViews::Widget(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  std::int32_t page = pages_->Find(action, parameters);
  if (page == PageMap::kNone) {
    if (action.module != Name::kPlaceholder || !action.page.in_reporting) return {};
    page = kUnknownPage;
  }
  const PageContext& context = action.page;
  const PageLoad::Widget widget{WidgetId(action), action.time_ms, action.status == kClientClosed};
  const std::uint64_t item = page != kUnknownPage && pages_->IsNumbered(page) ? context.item : 0;
  std::erase_if(visit.loads, [&](const PageLoad& load) { return action.time_ms - load.time_ms > kPageLoad; });
  for (auto load = visit.loads.rbegin(); load != visit.loads.rend(); ++load) {
    if (load->page != page || load->item != item || load->document != context.document || load->view != context.view) {
      continue;
    }
    const auto seen = std::ranges::find(load->widgets, widget.id, &PageLoad::Widget::id);
    if (seen == load->widgets.end()) {
      load->widgets.push_back(widget);
      return {};
    }
    if (page == kUnknownPage || (seen->aborted && action.time_ms - seen->time_ms <= kRedraw)) {
      *seen = widget;
      return {};
    }
  }
  if (visit.loads.size() == kMaxLoads) visit.loads.erase(visit.loads.begin());
  visit.loads.push_back({context.document, context.view, item, page, action.time_ms, false, {widget}});
  return OpenPage(action, parameters, page, visit);
}

// Matomo 4, already on a dashboard, shows another one (or another period of it) with a new layout only.
PageChange PageViews::DashboardLayout(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  if (action.page.in_widgetize) return {};
  const std::int32_t page = pages_->dashboard();
  for (auto load = visit.loads.rbegin(); load != visit.loads.rend(); ++load) {
    // Not compared: the view. With a range the layout is asked for with other dates than the frame.
    if (load->page != page || load->item != action.page.item || load->document != action.page.document ||
        load->has_layout || action.time_ms - load->time_ms > kLayout) {
      continue;
    }
    load->has_layout = true;
    return {};
  }
  return OpenPage(action, parameters, page, visit);
}

PageChange PageViews::OpenPage(const UiAction& action, std::span<const Parameter> parameters, std::int32_t page,
                               Visit& visit) {
  Hit hit = MakePageView(action, NameOf(page), PageParameters(parameters), catalogue_);
  PageChange change{true, action.page.segment != 0, action.page.comparison != 0};
  const auto loaded = [&](const ReportingDocument& document) {
    return document.document == action.page.document && !document.forbidden;
  };
  // Of several loads of one URL, the first undecided one is the first to show a page.
  const auto first = std::ranges::find_if(
      visit.documents, [&](const ReportingDocument& document) { return loaded(document) && document.undecided; });
  if (first != visit.documents.end()) {
    const bool landing = IsLandingPage(action, parameters, page, *first);
    NameForbidden(first->document, landing, hit, visit);
    Decide(*first, landing, visit);
    change.segment_selected = change.comparison_started = false;  // it came with the document
  }
  const auto shown = std::find_if(visit.documents.rbegin(), visit.documents.rend(), loaded);
  if (shown == visit.documents.rend()) {
    change.segment_selected = change.comparison_started = false;  // nothing is known of the page before
  } else {
    change.segment_selected &= shown->segment != action.page.segment && !shown->last_title.empty();
    change.comparison_started &= shown->comparison != action.page.comparison && !shown->last_title.empty();
    shown->segment = action.page.segment;
    shown->comparison = action.page.comparison;
    shown->last_was_dashboard = page == pages_->dashboard();
    shown->last_title = hit.title;
    shown->last_url = hit.url;
  }
  visit.hits.Add(hit, sink_);
  return change;
}

// Was the document loaded without a fragment? Then it shows the default dashboard of the site, period and date in its
// URL; and its request, a POST since 4.7, names the period before the site. With a fragment it is the other way round.
bool PageViews::IsLandingPage(const UiAction& action, std::span<const Parameter> parameters, std::int32_t page,
                              const ReportingDocument& document) const {
  if (page != pages_->dashboard()) return false;
  const auto agrees = [&](const Parameter& of_document, Name name) {
    return of_document.name == Name::kNone || SameValue(of_document, Get(parameters, name));
  };
  if (!agrees(document.site, id_site_) || !agrees(document.period, period_) || !agrees(document.date, date_)) {
    return false;
  }
  if (!action.post) return true;
  const Parameter* period = Find(parameters, period_);
  const Parameter* site = Find(parameters, id_site_);
  return period == nullptr || site == nullptr || period < site;
}

// The login form stood in the place of a document, which after the login shows the page of its fragment: the plugin
// counted the form under the name of that page.
void PageViews::NameForbidden(std::uint64_t document, bool landing, const Hit& first_page, Visit& visit) {
  for (ReportingDocument& form : visit.documents) {
    if (!form.forbidden || !form.undecided || form.document != document) continue;
    Hit* hit = visit.hits.Find(form.index_hit);
    if (hit != nullptr && !landing) {
      hit->title = first_page.title;
      hit->url = first_page.url;
    }
    Decide(form, true, visit);
  }
}

void PageViews::Decide(ReportingDocument& document, bool happened, Visit& visit) {
  if (!document.undecided) return;
  document.undecided = false;
  if (happened) {
    visit.hits.Release(document.index_hit, sink_);
  } else {
    visit.hits.Drop(document.index_hit, sink_);
  }
}

void PageViews::DecideOverdue(Visit& visit, std::int64_t now_ms) {
  for (ReportingDocument& document : visit.documents) {
    const std::int64_t patience = document.forbidden ? kLogin : kFirstPage;
    if (document.undecided && now_ms - document.time_ms > patience) Decide(document, true, visit);
  }
}

void PageViews::DecideAll(Visit& visit) {
  for (ReportingDocument& document : visit.documents) Decide(document, true, visit);
}

PageName PageViews::NameOf(std::int32_t page) const {
  if (page == kUnknownPage) {
    const std::string_view placeholder = catalogue_.Text(Name::kPlaceholder);
    return {placeholder, placeholder};
  }
  const ReportPage& report_page = pages_->page(page);
  return ReportPageName(report_page.category, report_page.subcategory);
}

std::span<const Parameter> PageViews::PageParameters(std::span<const Parameter> parameters) {
  page_parameters_.clear();
  for (const Name name : {id_site_, period_, date_, segment_}) {
    const Parameter* parameter = Find(parameters, name);
    if (parameter != nullptr && parameter->kind != Parameter::Kind::kEmpty) page_parameters_.push_back(*parameter);
  }
  return page_parameters_;
}

}  // namespace hushlog
