#include "src/visits/reporting_documents.h"

#include <algorithm>
#include <utility>

#include "src/visits/hit_maker.h"
#include "src/visits/parameters.h"

namespace hushlog {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kFirstPage = 60 * kSecond;  // a document asks for its first page within this
constexpr std::int64_t kLogin = 120 * kSecond;     // somebody who is shown the login form logs in within this
constexpr std::int64_t kScripts = 10 * kSecond;    // its scripts run within this
// Loads of one URL within this time are tabs that were opened together; a later one takes the place of the earlier.
constexpr std::int64_t kTogether = 3 * kSecond;

// More than a person has open. The oldest gives way.
constexpr std::size_t kMaxDocuments = 16;
constexpr std::size_t kMaxHeldHits = 64;

constexpr int kForbidden = 403;

bool SameValue(const Parameter& a, const Parameter& b) {
  return a.kind == b.kind && a.value == b.value && a.number == b.number && a.date.kind == b.date.kind &&
         a.date.first == b.date.first && a.date.last == b.date.last;
}

// A document that was left before its scripts ran was not counted by the plugin either.
bool WasShown(const ReportingDocument& document) { return document.alive || !document.left; }

}  // namespace

ReportingDocuments::ReportingDocuments(const RuleSet& rules, HitSink& sink, VisitTrace* trace)
    : catalogue_(rules.catalogue()),
      sink_(sink),
      trace_(trace),
      core_home_(catalogue_.Plugin("CoreHome")),
      index_(catalogue_.Action(core_home_, "index")),
      id_site_(catalogue_.Find("idSite")),
      period_(catalogue_.Find("period")),
      date_(catalogue_.Find("date")),
      range_(catalogue_.Find("range")) {}

PageChange ReportingDocuments::Load(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  // Browsers repeat the Referer when they load a document again. One that refers to itself was opened by a link in it.
  const bool reloaded = action.page.document == visit.last_document && action.page.opener == visit.last_opener &&
                        action.page.opener != 0 && action.page.opener != action.page.document;
  LeaveFor(action, visit);
  for (ReportingDocument& earlier : visit.documents) {
    const bool replaced = earlier.document == action.page.document && action.time_ms - earlier.time_ms > kTogether;
    if (earlier.undecided && !earlier.forbidden && replaced) Decide(earlier, WasShown(earlier), visit);
  }
  if (action.status == kForbidden) {
    LoadForbidden(action, parameters, visit);
    return {};
  }
  ReportingDocument document;
  document.undecided = !reloaded && !action.page.from_other_site;
  if (!document.undecided) Note(reloaded ? VisitNote::kReload : VisitNote::kSiteSelector, nullptr);
  Hold(action, parameters, std::move(document), visit);
  return {.reloaded = reloaded};
}

// A document that had been loaded before is loaded again with the fragment that it had. On the dashboard that is shown
// without a fragment, too, it has none.
void ReportingDocuments::LoadForbidden(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  const auto before = std::find_if(visit.documents.rbegin(), visit.documents.rend(), [&](const auto& earlier) {
    return earlier.document == action.page.document && !earlier.last_title.empty();
  });
  if (before != visit.documents.rend() && !before->last_was_dashboard) {
    Hit hit = MakeHit(Hit::Kind::kPageView, action, visit);
    hit.title = before->last_title;
    hit.url = before->last_url;
    Note(VisitNote::kSamePageAsBefore, &hit);
    return visit.hits.Add(std::move(hit), sink_);
  }
  ReportingDocument document;
  document.undecided = document.forbidden = true;
  Hold(action, parameters, std::move(document), visit);
}

void ReportingDocuments::Hold(const UiAction& action, std::span<const Parameter> parameters, ReportingDocument document,
                              Visit& visit) {
  document.document = action.page.document;
  document.time_ms = action.time_ms;
  document.site = ValueOf(parameters, id_site_);
  document.period = ValueOf(parameters, period_);
  document.date = ValueOf(parameters, date_);
  if (document.undecided) {
    const PageName page{catalogue_.Text(core_home_), catalogue_.Text(index_)};
    Hit hit = MakePageView(action, page, parameters, visit, catalogue_);
    Note(VisitNote::kHeld, &hit);
    document.index_hit = visit.hits.Hold(std::move(hit));
  }
  if (visit.hits.size() > kMaxHeldHits) DecideAll(visit);
  if (visit.documents.size() == kMaxDocuments) {
    Decide(visit.documents.front(), WasShown(visit.documents.front()), visit);
    visit.documents.erase(visit.documents.begin());
  }
  visit.documents.push_back(std::move(document));
}

void ReportingDocuments::LeaveFor(const UiAction& action, Visit& visit) {
  for (ReportingDocument& document : visit.documents) {
    // Who follows a link of a page, or is shown a page inside of it (up to Matomo 2), has seen it.
    document.alive |= document.document == action.page.opener;
    document.left |= !document.forbidden && action.time_ms - document.time_ms <= kScripts;
  }
  visit.last_document = action.page.document;
  visit.last_opener = action.page.opener;
}

// What a page asks for when its scripts begin to run carries the site and period of the fragment, if it has one. (The
// date is not compared for ranges: the document may say last7 where the scripts say from and to.)
void ReportingDocuments::Boot(const UiAction& action, std::span<const Parameter> parameters, Visit& visit) {
  const auto waits = [&](const ReportingDocument& document) {
    // A log without Referers says nothing of the document.
    const bool same = document.document == action.page.document || action.page.document == 0;
    return same && document.undecided && !document.forbidden && !document.alive;
  };
  const auto document = std::ranges::find_if(visit.documents, waits);
  if (document == visit.documents.end()) return;
  document->alive = true;
  visit.hits.Postpone(document->index_hit, action.time_ms, sink_);  // the plugin counts when its script runs
  const auto differs = [&](const Parameter& of_document, Name name) {
    const Parameter* parameter = FindParameter(parameters, name);
    return of_document.name != Name::kNone && parameter != nullptr && !SameValue(of_document, *parameter);
  };
  const bool range = document->period.value == range_ || ValueOf(parameters, period_).value == range_;
  if (differs(document->site, id_site_) || differs(document->period, period_) ||
      (!range && differs(document->date, date_))) {
    Decide(*document, false, visit);
  }
}

PageChange ReportingDocuments::Show(const UiAction& action, std::span<const Parameter> parameters, bool dashboard,
                                    const Hit& hit, Visit& visit) {
  const auto loaded = [&](const ReportingDocument& document) {
    return document.document == action.page.document && !document.forbidden;
  };
  // Of several loads of one URL, the first undecided one is the first to show a page.
  const auto first = std::ranges::find_if(
      visit.documents, [&](const ReportingDocument& document) { return loaded(document) && document.undecided; });
  if (first != visit.documents.end()) {
    const bool landing = dashboard && IsLanding(action, parameters, *first);
    NameForbidden(first->document, landing, hit, visit);
    Decide(*first, landing, visit);
  }
  PageChange change{.opened = true};
  const auto shown = std::find_if(visit.documents.rbegin(), visit.documents.rend(), loaded);
  if (shown == visit.documents.rend()) return change;
  // What came with the document was chosen before.
  change.first = first != visit.documents.end() || shown->last_title.empty();
  change.segment_selected = !change.first && action.page.segment != 0 && shown->segment != action.page.segment;
  change.comparison_started =
      !change.first && action.page.comparison != 0 && shown->comparison != action.page.comparison;
  shown->segment = action.page.segment;
  shown->comparison = action.page.comparison;
  shown->last_was_dashboard = dashboard;
  shown->last_title = hit.title;
  shown->last_url = hit.url;
  return change;
}

// A document without a fragment shows the default dashboard of the site, period and date in its URL; and its request, a
// POST since 4.7, names the period before the site. With a fragment it is the other way round.
bool ReportingDocuments::IsLanding(const UiAction& action, std::span<const Parameter> parameters,
                                   const ReportingDocument& document) const {
  const auto agrees = [&](const Parameter& of_document, Name name) {
    return of_document.name == Name::kNone || SameValue(of_document, ValueOf(parameters, name));
  };
  if (!agrees(document.site, id_site_) || !agrees(document.period, period_) || !agrees(document.date, date_)) {
    return false;
  }
  if (!action.post) return true;
  const Parameter* period = FindParameter(parameters, period_);
  const Parameter* site = FindParameter(parameters, id_site_);
  return period == nullptr || site == nullptr || period < site;
}

// The login form stood in the place of a document, which after the login shows the page of its fragment: the plugin
// counted the form under the name of that page.
void ReportingDocuments::NameForbidden(std::uint64_t document, bool landing, const Hit& first_page, Visit& visit) {
  for (ReportingDocument& form : visit.documents) {
    if (!form.forbidden || !form.undecided || form.document != document) continue;
    Hit* hit = visit.hits.Find(form.index_hit);
    if (hit != nullptr && !landing) {
      hit->title = first_page.title;
      hit->identified_title.clear();
      hit->url = first_page.url;
      Note(VisitNote::kRenamed, hit);
    }
    Decide(form, true, visit);
  }
}

void ReportingDocuments::Decide(ReportingDocument& document, bool happened, Visit& visit) {
  if (!document.undecided) return;
  document.undecided = false;
  Note(happened ? VisitNote::kReleased : VisitNote::kWithdrawn, visit.hits.Find(document.index_hit));
  if (happened) {
    visit.hits.Release(document.index_hit, sink_);
  } else {
    visit.hits.Drop(document.index_hit, sink_);
  }
}

void ReportingDocuments::DecideOverdue(Visit& visit, std::int64_t now_ms) {
  for (ReportingDocument& document : visit.documents) {
    const std::int64_t patience = document.forbidden ? kLogin : kFirstPage;
    if (document.undecided && now_ms - document.time_ms > patience) Decide(document, WasShown(document), visit);
  }
}

void ReportingDocuments::DecideAll(Visit& visit) {
  for (ReportingDocument& document : visit.documents) Decide(document, WasShown(document), visit);
}

void ReportingDocuments::Note(VisitNote note, const Hit* hit) const {
  if (trace_ == nullptr) return;
  if (hit == nullptr) return trace_->OnNote(note, {}, 0);
  trace_->OnNote(note, hit->title, hit->time_ms);
}

}  // namespace hushlog
