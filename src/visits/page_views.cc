#include "src/visits/page_views.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "src/visits/hit_maker.h"
#include "src/visits/parameters.h"

namespace hushlog {
namespace {

constexpr std::int64_t kSecond = 1000;
// The widgets of a page that is not shown any more come in within this time.
constexpr std::int64_t kPageLoad = 30 * kSecond;
constexpr std::int64_t kLayout = 15 * kSecond;  // a dashboard's layout follows its frame within this
// A widget that was given up, or a layout, and asked for again within this time was drawn twice, not opened twice.
constexpr std::int64_t kRedraw = 2 * kSecond;
// Matomo 4.7 and later may draw the first page of a document again once they have read all descriptions of pages.
constexpr std::int64_t kFirstPageRedraw = 5 * kSecond;

// More than a person has open. The oldest gives way.
constexpr std::size_t kMaxLoads = 16;
constexpr std::size_t kMaxWidgets = 128;  // of a page; more tell nothing new

constexpr int kClientClosed = 499;  // nginx: the browser did not wait for the answer

std::uint64_t WidgetId(Name module, Name action, std::uint64_t item) {
  return (static_cast<std::uint64_t>(module) << 16 | static_cast<std::uint64_t>(action)) ^ item;
}

// The page that its document shows: no other was opened in it since.
bool IsShown(const PageLoad& load, const Visit& visit) {
  const auto newest = std::find_if(visit.loads.rbegin(), visit.loads.rend(),
                                   [&](const PageLoad& other) { return other.document == load.document; });
  return &*newest == &load;
}

// Drops what no widget can join any more.
void ForgetOldLoads(Visit& visit, std::int64_t now_ms) {
  for (std::size_t i = 0; i < visit.loads.size();) {
    const bool over = now_ms - visit.loads[i].time_ms > kPageLoad && !IsShown(visit.loads[i], visit);
    if (over) {
      visit.loads.erase(visit.loads.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

// A widget that the load has asked for before: is the page drawn again (or opened again)?
bool IsDrawnAgain(const PageLoad& load, const PageLoad::Widget& seen, bool post, std::int64_t now_ms,
                  const Visit& visit) {
  if (load.page == PageViews::kUnknownPage) return true;
  if (seen.aborted && now_ms - seen.time_ms <= kRedraw) return true;
  // Up to 4.6, when widgets were GET, the first page is drawn again because a `segment` is added to the fragment, which
  // the plugin counts.
  return post && load.first && IsShown(load, visit) && now_ms - load.time_ms <= kFirstPageRedraw;
}

}  // namespace

PageViews::PageViews(const RuleSet& rules, HitSink& sink, VisitTrace* trace)
    : catalogue_(rules.catalogue()),
      sink_(sink),
      trace_(trace),
      pages_(rules.pages()),
      documents_(rules, sink, trace),
      core_home_(catalogue_.Plugin("CoreHome")),
      index_(catalogue_.Action(core_home_, "index")),
      dashboard_(catalogue_.Plugin("Dashboard")),
      embedded_index_(catalogue_.Action(dashboard_, "embeddedIndex")),
      id_site_(catalogue_.Find("idSite")),
      period_(catalogue_.Find("period")),
      date_(catalogue_.Find("date")),
      segment_(catalogue_.Find("segment")) {}

PageChange PageViews::Document(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  if (action.module == core_home_ && action.action == index_ && !action.post) {
    std::erase_if(visit.loads, [&](const PageLoad& load) { return load.document == action.page.document; });
    return documents_.Load(action, parameters, visit);
  }
  if (action.kind == ActionKind::kDocument) documents_.LeaveFor(action, visit);
  const PageName page{catalogue_.Text(action.module), catalogue_.Text(action.action)};
  Hit hit = MakePageView(action, page, parameters, visit, catalogue_);
  if (trace_ != nullptr) trace_->OnNote(VisitNote::kCounted, hit.title, hit.time_ms);
  visit.hits.Add(std::move(hit), sink_);
  return {};
}

PageChange PageViews::Widget(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  const std::int32_t page = PageOf(action, parameters);
  if (page == PageMap::kNone) {
    if (trace_ != nullptr) trace_->OnNote(VisitNote::kNoPage, {}, 0);
    return {};
  }
  const std::uint64_t item = page != kUnknownPage && pages_->IsNumbered(page) ? action.page.item : 0;
  PageLoad load{.document = action.page.document,
                .view = action.page.view,
                .item = item,
                .page = page,
                .time_ms = action.time_ms,
                .widgets = {{WidgetId(action.module, action.action, action.page.item), action.time_ms,
                             action.status == kClientClosed}}};
  ForgetOldLoads(visit, action.time_ms);
  if (const std::optional<PageChange> joined = Join(load, action.post, visit)) return *joined;
  return OpenPage(action, parameters, std::move(load), visit);
}

std::int32_t PageViews::PageOf(const UiAction& action, std::span<const Parameter> parameters) const {
  const std::int32_t page = pages_->Find(action, parameters);
  if (page == PageMap::kNone && action.module == Name::kPlaceholder && action.page.in_reporting) return kUnknownPage;
  return page;
}

// Adds the one widget that was `asked` for to the newest load that it belongs to, if there is one.
std::optional<PageChange> PageViews::Join(const PageLoad& asked, bool post, Visit& visit) const {
  const PageLoad::Widget& widget = asked.widgets.front();
  for (auto load = visit.loads.rbegin(); load != visit.loads.rend(); ++load) {
    if (load->page != asked.page || load->item != asked.item || load->document != asked.document ||
        load->view != asked.view) {
      continue;
    }
    const auto seen = std::ranges::find(load->widgets, widget.id, &PageLoad::Widget::id);
    if (seen == load->widgets.end()) {
      if (load->widgets.size() < kMaxWidgets) load->widgets.push_back(widget);
      Note(VisitNote::kJoined, *load);
      return PageChange{};
    }
    if (IsDrawnAgain(*load, *seen, post, widget.time_ms, visit)) {
      // Widgets of plugins that are not public cannot be told apart.
      const bool shown_before = !seen->aborted && load->page != kUnknownPage;
      *seen = widget;
      Note(VisitNote::kDrawnAgain, *load);
      return PageChange{.drawn_again = shown_before};
    }
  }
  return std::nullopt;
}

// Matomo 4, already on a dashboard, shows another one (or another period of it) with a new layout only.
PageChange PageViews::DashboardLayout(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  const std::int32_t page = pages_->dashboard();
  if (action.page.in_widgetize || page == PageMap::kNone) return {};
  for (auto load = visit.loads.rbegin(); load != visit.loads.rend(); ++load) {
    // Not compared: the view. With a range the layout is asked for with other dates than the frame.
    if (load->page != page || load->item != action.page.item || load->document != action.page.document ||
        action.time_ms - load->time_ms > (load->has_layout ? kRedraw : kLayout)) {
      continue;
    }
    Note(load->has_layout ? VisitNote::kDrawnAgain : VisitNote::kJoined, *load);
    load->has_layout = true;
    return {};
  }
  ForgetOldLoads(visit, action.time_ms);
  // As if the frame had been asked for: when it is, the dashboard was opened again.
  const std::uint64_t frame = WidgetId(dashboard_, embedded_index_, action.page.item);
  return OpenPage(action, parameters,
                  {.document = action.page.document,
                   .view = action.page.view,
                   .item = action.page.item,
                   .page = page,
                   .time_ms = action.time_ms,
                   .has_layout = true,
                   .widgets = {{frame, action.time_ms, false}}},
                  visit);
}

PageChange PageViews::OpenPage(const UiAction& action, std::span<const Parameter> parameters, PageLoad load,
                               Visit& visit) {
  Hit hit = MakePageView(action, NameOf(load.page), PageParameters(parameters), visit, catalogue_);
  if (load.page != kUnknownPage) AppendFragment(action, pages_->page(load.page), &hit);
  Note(VisitNote::kOpened, load);
  const PageChange change = documents_.Show(action, parameters, load.page == pages_->dashboard(), hit, visit);
  load.first = change.first;
  if (visit.loads.size() == kMaxLoads) visit.loads.erase(visit.loads.begin());
  visit.loads.push_back(std::move(load));
  visit.hits.Add(std::move(hit), sink_);
  return change;
}

void PageViews::Note(VisitNote note, const PageLoad& load) const {
  if (trace_ == nullptr) return;
  std::string title;
  AppendTitle(NameOf(load.page), &title);
  trace_->OnNote(note, title, load.time_ms);
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
    const Parameter* parameter = FindParameter(parameters, name);
    if (parameter != nullptr && parameter->kind != Parameter::Kind::kEmpty) page_parameters_.push_back(*parameter);
  }
  return page_parameters_;
}

}  // namespace hushlog
