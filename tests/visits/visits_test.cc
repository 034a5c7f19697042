#include "src/visits/visits.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "parsers/line_parser.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxVisits = 1000;

class Collector : public HitSink {
 public:
  void OnHit(const Hit& hit) override {
    Show(hit);
    times.push_back(hit.time_ms);
    by_visitor[hit.visitor].push_back(shown.back());
    identified_urls.push_back(hit.identified_url);
  }
  std::vector<std::string> shown;
  std::vector<std::int64_t> times;
  std::map<std::uint64_t, std::vector<std::string>> by_visitor;
  std::vector<std::string> identified_urls;

 private:
  void Show(const Hit& hit) {
    switch (hit.kind) {
      case Hit::Kind::kPageView:
        shown.push_back(fmt::format("{} | {}", hit.title, hit.url.substr(kPageBase.size())));
        return;
      case Hit::Kind::kEvent:
      case Hit::Kind::kReportUse:
        shown.push_back(fmt::format("{} / {} / {}", hit.category, hit.action, hit.name));
        return;
      case Hit::Kind::kDownload:
        shown.push_back(fmt::format("download {}", hit.download.substr(kPageBase.size())));
        return;
    }
  }
};

const std::string kReporting = "/index.php?module=CoreHome&action=index&idSite=2&period=day&date=yesterday";
const std::string kChrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";

// Actions with the parameters they refer to.
class Recorded {
 public:
  explicit Recorded(const std::string& format = "combined", bool identified = false)
      : format_(LogFormat::Compile(format)), recognizer_(*RuleSet::Shipped(), keys_, {}, identified) {}

  // A line of a log in that format.
  void AddLine(std::string line) {
    const std::size_t size = line.size();
    line.append(kLinePadding, '\0');
    Request request;
    if (parser_.Parse(std::string_view(line).substr(0, size), &request) != LineStatus::kOk) return;
    (void)recognizer_.Recognize(request, &batch_);
  }
  // "<second> POST /index.php?module=Login 302 [referer]"
  void Add(const std::string& request) {
    std::istringstream words(request);
    int second = 0;
    std::string method, target, status, referer = kReporting;
    words >> second >> method >> target >> status >> referer;
    AddLine(fmt::format("192.0.2.10 - - [23/Nov/2026:05:{:02}:{:02} +0000] \"{} {} HTTP/2.0\" {} 723 \"{}\" \"{}\"",
                        second / 60, second % 60, method, target, status,
                        referer == "-" ? referer : "https://matomo.example.org" + referer, kChrome));
  }

  const std::vector<UiAction>& actions() const { return batch_.actions; }
  void Consume(std::size_t number, Visits* visits) const {
    visits->Consume(batch_.actions[number], batch_.ParametersOf(batch_.actions[number]));
  }

 private:
  LogFormat format_;
  EphemeralDayKeys keys_;
  LineParser parser_{format_};
  Recognizer recognizer_;
  ActionBatch batch_;
};

std::vector<std::string> HitsOfSession(const std::vector<std::string>& requests, bool report_use = false) {
  Recorded recorded;
  for (const std::string& request : requests) recorded.Add(request);
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits, nullptr, report_use);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  visits.Finish();
  return collector.shown;
}

// "POST /index.php?module=Login 302" -> what is sent for it.
std::vector<std::string> HitsOf(const std::vector<std::string>& requests) {
  std::vector<std::string> timed;
  for (const std::string& request : requests)
    timed.push_back("0 " + request + (request.starts_with("GET") ? " -" : ""));
  return HitsOfSession(timed);
}

std::vector<std::string> TitlesOfSession(const std::vector<std::string>& requests, bool report_use = false) {
  std::vector<std::string> titles;
  for (const std::string& hit : HitsOfSession(requests, report_use)) titles.push_back(hit.substr(0, hit.find(" |")));
  return titles;
}

// A widget of a report page, as Matomo since 4.7 asks for it.
std::string Widget(const std::string& call,
                   const std::string& more = "&idSite=2&period=day&segment=", const std::string& status = "200") {
  const std::size_t dot = call.find('.');
  return fmt::format("POST /index.php?date=yesterday&module={}&format=html&action={}{}&widget=&showtitle=1&random=7 {}",
                     call.substr(0, dot), call.substr(dot + 1), more, status);
}

// What the scripts of the reporting page ask for first.
const std::string kBoot =
    "POST /index.php?date=yesterday&module=API&format=json&method=API.getReportPagesMetadata&segment=&idSite=2&period=";

// The dashboard as it is asked for when the URL of the document has no fragment.
const std::string kLandingDashboard = Widget("Dashboard.embeddedIndex", "&idDashboard=1&period=day&idSite=2&segment=");
const std::string kLandingLayout =
    "POST "
    "/index.php?date=yesterday&module=Dashboard&format=json&action=getDashboardLayout&idDashboard=1&segment=&idSite=2"
    "&period=day 200";

using Titles = std::vector<std::string>;

TEST_CASE("a request becomes the hit that the in-page plugin would have sent") {
  struct Row {
    std::string request;
    std::string hit;
  };
  for (const Row& row : {
           Row{"GET /index.php?module=CoreHome&action=index&idSite=25&period=day&date=yesterday 200",
               "CoreHome Index | /CoreHome/index/?idSite=5&period=day&date=yesterday"},
           Row{"GET / 200", "Login | /?"},
           Row{"GET /index.php?module=Login 200", "Login | /Login/default/?"},
           Row{"POST /index.php?module=Login 403", "Login | /Login/default/?"},
           Row{"GET /matomo/index.php?module=UsersManager&action=index&idSite=2&period=day&date=yesterday 403",
               "UsersManager Index | /UsersManager/index/?idSite=2&period=day&date=yesterday"},
           Row{"GET /index.php?module=Login&action=confirmPassword&pluginName=ExampleUI&nonce=1d2bd9e2&redirectTo=x "
               "200",
               "Login ConfirmPassword | /Login/confirmPassword/?pluginName=ExampleUI&nonce=XYZ&redirectTo=XYZ"},
           Row{"GET /index.php?module=AcmeCorpBilling&action=invoices&idSite=1 200", "XYZ XYZ | /XYZ/XYZ/?idSite=1"},
           Row{"POST /index.php?date=yesterday&module=Actions&format=html&action=getPageUrls&idSite=2&period=day"
               "&segment=pageUrl%3D%3Dx&widget=&showtitle=1&random=9954 200",
               "Actions Pages | /Actions/Pages/?idSite=2&period=day&date=yesterday&segment=XYZ"},
           Row{"GET "
               "/index.php?module=Actions&action=getDownloads&idSite=2&period=day&date=yesterday&segment=&showtitle=1"
               "&random=5593 200",
               "Actions Downloads | /Actions/Downloads/?idSite=2&period=day&date=yesterday"},
           Row{"POST "
               "/index.php?date=yesterday&module=Dashboard&format=html&action=embeddedIndex&idDashboard=3&period=week"
               "&idSite=2&segment=&widget=&showtitle=1&random=372 499",
               "Dashboard | /Dashboard/default/?idSite=2&period=week&date=yesterday"},
           Row{"GET "
               "/index.php?module=API&format=CSV&idSite=2&period=day&date=yesterday&method=Actions.getPageUrls&flat=1"
               "&translateColumnNames=1&language=en&token_auth=b4221823a2f2ea551588620c2cc25698&force_api_session=1"
               "&filter_limit=25 200",
               "Reports / Export CSV / Actions.getPageUrls"},
           Row{"POST /index.php?module=API&action=index&idSite=2&period=day&date=yesterday"
               "&method=ScheduledReports.generateReport&idReport=22&outputType=3&language=en&format=html 200",
               "download /scheduledreports/emailreport2.html"},
       }) {
    CAPTURE(row.request);
    CHECK(fmt::to_string(fmt::join(HitsOf({row.request}), "; ")) == row.hit);
  }
}

TEST_CASE("requests that show no page become no hit") {
  for (const std::string& request : std::initializer_list<std::string>{
           "GET /index.php?module=CoreHome&action=index&idSite=1 500",
           "POST /index.php?module=Login 302",
           "GET /index.php?module=Login&action=logout 302",
           "GET /index.php?module=CoreAdminHome&action=optOut&language=de 200",
           "POST /index.php?module=API&format=json&method=API.getReportMetadata&idSite=2 200",
           "POST /index.php?date=yesterday&module=VisitsSummary&action=get&disableLink=0&widget=1&idSite=2&period=day "
           "200",
           // A widget that is on no report page.
           "POST /index.php?date=yesterday&module=CoreAdminHome&action=getSystemSummary&widget=&showtitle=1&random=1 "
           "200",
       }) {
    CAPTURE(request);
    CHECK(HitsOf({request}).empty());
  }
}

TEST_CASE("a widget names the page among several that it could be on") {
  const auto title = [&](const std::string& call, const std::string& more) {
    return TitlesOfSession({"0 " + Widget(call, more + "&idSite=2&period=day&segment=")});
  };
  CHECK(title("Goals.getEvolutionGraph", "&forceView=1") == Titles{"Goals Overview"});
  CHECK(title("Goals.getEvolutionGraph", "&forceView=1&idGoal=7") == Titles{"Goals"});
  CHECK(title("Goals.getEvolutionGraph", "&forceView=1&idGoal=ecommerceOrder") == Titles{"Ecommerce Overview"});
  CHECK(title("UserCountry.getCountry", "&documentationForGoalsPage=1&idGoal=0") == Titles{"Goals Overview"});
  CHECK(title("Actions.getPageUrls", "") == Titles{"Actions Pages"});
  CHECK(title("Actions.getPageUrls", "&performance=1") == Titles{"Actions Performance"});
  CHECK(title("Goals.get", "&idGoal=7") == Titles{});  // in 4.6 on two pages
}

TEST_CASE("the widgets of a page are one page view") {
  CHECK(TitlesOfSession({"0 " + Widget("DevicesDetection.getType"), "1 " + Widget("DevicesDetection.getModel"),
                         "1 " + Widget("Resolution.getResolution")}) == Titles{"Visitors Devices"});
}

TEST_CASE("a widget asked for again, another period and another segment each open the page again") {
  const std::string pages = Widget("Actions.getPageUrls");
  CHECK(TitlesOfSession({"0 " + pages, "3 " + pages}).size() == 2);
  CHECK(
      TitlesOfSession({"0 " + pages, "1 " + Widget("Actions.getPageUrls", "&idSite=2&period=week&segment=")}).size() ==
      2);
  CHECK(TitlesOfSession({"0 " + pages, "1 " + Widget("Actions.getPageUrls", "&idSite=2&period=day&segment=a")}) ==
        Titles{"Actions Pages", "Actions Pages"});
}

TEST_CASE("a page with a segment that the page before it did not have is a segment selected") {
  const std::string with_segment = Widget("Actions.getPageUrls", "&idSite=2&period=day&segment=a");
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + Widget("Actions.getPageUrls"), "9 " + with_segment,
                         "40 " + with_segment}) ==
        Titles{"Actions Pages", "Actions Pages", "Segments / Select a segment / SegmentEditor", "Actions Pages"});
  // It came with the document.
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + with_segment}) == Titles{"Actions Pages"});
}

TEST_CASE("a widget that the browser gave up and asked for again at once is one page view") {
  const std::string aborted = Widget("Actions.getPageUrls", "&idSite=2&period=day&segment=", "499");
  CHECK(TitlesOfSession({"0 " + aborted, "1 " + Widget("Actions.getPageUrls")}) == Titles{"Actions Pages"});
  CHECK(TitlesOfSession({"0 " + aborted, "9 " + Widget("Actions.getPageUrls")}).size() == 2);
}

TEST_CASE("the first page of a document that is drawn again is one page view") {
  const std::string pages = Widget("Actions.getPageUrls");
  const std::string document = "0 GET " + kReporting + " 200 -";
  CHECK(TitlesOfSession({document, "1 " + pages, "3 " + pages}) == Titles{"Actions Pages"});
  CHECK(TitlesOfSession({document, "1 " + pages, "30 " + pages}).size() == 2);
  // Not the first, or no longer shown.
  CHECK(TitlesOfSession({document, "1 " + Widget("Events.getName"), "2 " + pages, "4 " + pages}).size() == 3);
  CHECK(TitlesOfSession({document, "1 " + pages, "2 " + Widget("Events.getName"), "3 " + pages}).size() == 3);
}

TEST_CASE("a widget that is answered late joins the page that is still shown") {
  CHECK(TitlesOfSession({"0 " + Widget("DevicesDetection.getType"), "90 " + Widget("DevicesDetection.getModel")}) ==
        Titles{"Visitors Devices"});
  CHECK(TitlesOfSession({"0 " + Widget("DevicesDetection.getType"), "40 " + Widget("Actions.getPageUrls"),
                         "90 " + Widget("DevicesDetection.getModel")}) ==
        Titles{"Visitors Devices", "Actions Pages", "Visitors Devices"});
}

TEST_CASE("a document that was left before its scripts ran does not count") {
  const std::string next = "1 GET /index.php?module=MultiSites&action=index 200 -";
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", next}) == Titles{"MultiSites Index"});
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + kBoot + "day 200", next}) ==
        Titles{"CoreHome Index", "MultiSites Index"});
}

TEST_CASE("up to Matomo 2 each request for a page is a page view, and the document that shows it counts") {
  const std::string page = "module=VisitsSummary&action=index&idSite=2&period=day&date=yesterday 200";
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -",
                         "1 POST /index.php?module=Dashboard&action=embeddedIndex&idDashboard=1&idSite=2 200",
                         "5 GET /index.php?" + page,  // 1.0 to 1.9
                         "9 POST /index.php?" + page,
                         "12 POST /index.php?module=Actions&action=menuGetPageUrls&idSite=2&period=day 200"}) ==
        Titles{"CoreHome Index", "Dashboard EmbeddedIndex", "VisitsSummary Index", "VisitsSummary Index",
               "Actions MenuGetPageUrls"});
}

TEST_CASE("scripts that ask for another period than the document show that its URL had a fragment") {
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + kBoot + "week 200"}).empty());
}

TEST_CASE("a document loaded again from the same place kept its fragment, and chose no site") {
  const std::string other_site = "/index.php?module=CoreHome&action=index&idSite=5&period=day&date=yesterday";
  const std::string load = " GET " + kReporting + " 200 " + other_site;
  CHECK(TitlesOfSession(
            {"0" + load, "1 " + Widget("Actions.getPageUrls"), "9" + load, "10 " + Widget("Actions.getPageUrls")}) ==
        Titles{"Site / Switch / SiteSelector", "Actions Pages", "Actions Pages"});
  const std::string from_list = " GET " + kReporting + " 200 /index.php?module=MultiSites&action=index";
  CHECK(TitlesOfSession({"0" + from_list, "1 " + kLandingDashboard, "1 " + kLandingLayout, "9" + from_list,
                         "10 " + kLandingDashboard}) == Titles{"CoreHome Index", "Dashboard", "Dashboard"});
}

TEST_CASE("tabs that are opened together count in the order in which their scripts run") {
  const std::string other = "/index.php?module=CoreHome&action=index&idSite=3&period=week&date=today";
  const std::string other_boot =
      "POST /index.php?date=today&module=API&format=json&method=API.getReportPagesMetadata&idSite=3&period=week 200 ";
  CHECK(HitsOfSession({"0 GET " + other + " 200 -", "0 GET " + kReporting + " 200 -", "1 " + kBoot + "day 200",
                       "2 " + other_boot + other}) ==
        Titles{"CoreHome Index | /CoreHome/index/?idSite=2&period=day&date=yesterday",
               "CoreHome Index | /CoreHome/index/?idSite=3&period=week&date=today"});
}

TEST_CASE("a document without fragment counts, and then its dashboard") {
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + kLandingDashboard, "1 " + kLandingLayout}) ==
        Titles{"CoreHome Index", "Dashboard"});
}

TEST_CASE("a document with a fragment counts as the page it shows") {
  // Another page than the dashboard; the dashboard of another period; the dashboard as a fragment names it.
  for (const std::string& first : {Widget("Actions.getPageUrls"),
                                   Widget("Dashboard.embeddedIndex", "&idDashboard=1&period=week&idSite=2&segment="),
                                   Widget("Dashboard.embeddedIndex", "&idDashboard=1&idSite=2&period=day&segment=")}) {
    CAPTURE(first);
    CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + first}).size() == 1);
  }
}

TEST_CASE("the site selector keeps the fragment, and is an event") {
  const std::string other_site = "/index.php?module=CoreHome&action=index&idSite=5&period=day&date=yesterday";
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 " + other_site, "1 " + kLandingDashboard}) ==
        Titles{"Site / Switch / SiteSelector", "Dashboard"});
}

TEST_CASE("a document that asks for no page counts after a while, and before what follows") {
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "40 GET /index.php?module=MultiSites&action=index 200"}) ==
        Titles{"CoreHome Index", "MultiSites Index"});
}

TEST_CASE("hits wait in order for a document that is not decided") {
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 GET /index.php?module=MultiSites&action=index 200",
                         "2 " + Widget("Actions.getPageUrls")}) == Titles{"MultiSites Index", "Actions Pages"});
}

TEST_CASE("the login form in the place of a page counts under its name once the page is seen") {
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 403 -", "3 POST /index.php?module=Login 302",
                         "3 GET " + kReporting + " 200", "4 " + Widget("Actions.getPageUrls")}) ==
        Titles{"Actions Pages", "Actions Pages"});
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 403 -"}) == Titles{"CoreHome Index"});
}

TEST_CASE("the login form in the place of a page that was open before counts under its name") {
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + Widget("Actions.getPageUrls"),
                         "90 GET " + kReporting + " 403 -"}) == Titles{"Actions Pages", "Actions Pages"});
  CHECK(TitlesOfSession(
            {"0 GET " + kReporting + " 200 -", "1 " + kLandingDashboard, "90 GET " + kReporting + " 403 -"}) ==
        Titles{"CoreHome Index", "Dashboard", "CoreHome Index"});
}

TEST_CASE("Matomo 4 shows another dashboard with a layout only") {
  CHECK(
      TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + kLandingDashboard, "1 " + kLandingLayout,
                       "9 POST /index.php?date=today&module=Dashboard&action=getDashboardLayout&idDashboard=2&idSite=2"
                       "&period=day 200"}) == Titles{"CoreHome Index", "Dashboard", "Dashboard"});
}

TEST_CASE("a dashboard that asks for its layout twice at once is one page view") {
  CHECK(TitlesOfSession({"0 " + kLandingDashboard, "1 " + kLandingLayout, "1 " + kLandingLayout}) ==
        Titles{"Dashboard"});
}

TEST_CASE("the identified URL of a dashboard or goal has the fragment that shows it") {
  struct Row {
    std::string widget;
    std::string fragment;
  };
  for (const Row& row : {
           Row{Widget("Dashboard.embeddedIndex", "&idDashboard=37&idSite=2&period=day"),
               "&category=Dashboard_Dashboard&subcategory=37"},
           Row{Widget("Goals.getEvolutionGraph", "&idGoal=25&idSite=2&period=day"),
               "&category=Goals_Goals&subcategory=25"},
           Row{Widget("Actions.getPageUrls"), "&category=General_Actions&subcategory=General_Pages"},
       }) {
    CAPTURE(row.widget);
    Recorded recorded("combined", true);
    recorded.Add("0 " + row.widget);
    Collector collector;
    Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
    recorded.Consume(0, &visits);
    visits.Finish();
    REQUIRE(collector.identified_urls.size() == 1);
    CAPTURE(collector.identified_urls[0]);
    CHECK(collector.identified_urls[0].starts_with(std::string(kPageBase) + kReporting + "#?"));
    CHECK(collector.identified_urls[0].ends_with(row.fragment));
  }
}

TEST_CASE("dashboards are no pages if the site has switched that rule off") {
  const SiteRules site{"s.toml", "[[page]]\nid = \"dashboard\"\nenabled = false\nreason = \"r\"\n"};
  const auto rules = RuleSet::Load({&site, 1});
  Recorded recorded;
  recorded.Add("0 " + kLandingDashboard);
  recorded.Add("1 " + kLandingLayout);
  Collector collector;
  Visits visits(*rules, collector, kMaxVisits);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  visits.Finish();
  CHECK(collector.shown.empty());
}

TEST_CASE("the layout of an embedded dashboard is no page view") {
  CHECK(TitlesOfSession(
            {"0 " + kLandingLayout + " /index.php?module=Widgetize&action=iframe&moduleToWidgetize=Dashboard"})
            .empty());
}

TEST_CASE("widgets of a plugin that is not public are one page without a name") {
  CHECK(TitlesOfSession({"0 " + Widget("AcmeBilling.getInvoices"), "1 " + Widget("AcmeBilling.getCustomers")}) ==
        Titles{"XYZ XYZ"});
}

TEST_CASE("tabs of one visitor do not mix") {
  const std::string other = "/index.php?module=CoreHome&action=index&idSite=3&period=day&date=today";
  CHECK(TitlesOfSession({"0 " + Widget("DevicesDetection.getType"),
                         "0 " + Widget("DevicesDetection.getType", "&idSite=3&period=day&segment=") + " " + other,
                         "1 " + Widget("DevicesDetection.getModel"),
                         "1 " + Widget("DevicesDetection.getModel", "&idSite=3&period=day&segment=") + " " + other}) ==
        Titles{"Visitors Devices", "Visitors Devices"});
}

TEST_CASE("requests become events under the plugin's names, or their own") {
  struct Row {
    std::string request;
    std::string event;
  };
  for (const Row& row : {
           Row{"POST /index.php?module=API&format=json&method=SegmentEditor.add&name=a&definition=b&idSite=2 200",
               "Segments / Save / SegmentEditor"},
           Row{"POST /index.php?module=API&format=json&method=SegmentEditor.delete&idSite=2 200",
               "Segments / Delete / SegmentEditor"},
           Row{"POST "
               "/index.php?date=yesterday&module=Live&action=getVisitorProfilePopup&visitorId=133d4b63a0dce604&idSite=2"
               "&period=day 200",
               "Popover / visitorProfile / Live.getVisitorProfilePopup"},
           Row{"POST "
               "/index.php?date=yesterday&apiMethod=Actions.getPageUrls&label=a&disableLink=1&module=CoreHome"
               "&action=getRowEvolutionPopover&idSite=2&period=day 200",
               "Popover / RowAction:RowEvolution / Actions.getPageUrls"},
           Row{"POST /index.php?module=Annotations&action=addAnnotation&note=Text&idSite=2 200",
               "Annotations / Edit / Annotations.addAnnotation"},
           Row{"POST "
               "/index.php?date=yesterday&viewDataTable=table&module=Actions&format=html&action=getPageUrls&idSite=2"
               "&period=day&random=5609&filter_pattern_recursive=secret 200",
               "Reports / Search / Actions.getPageUrls"},
       }) {
    CAPTURE(row.request);
    CHECK(fmt::to_string(fmt::join(HitsOf({row.request}), "; ")) == row.event);
  }
}

TEST_CASE("overlay and marketplace are page views and events, unless the login form is shown instead") {
  CHECK(TitlesOfSession({"0 GET //index.php?module=Overlay&period=day&date=today&idSite=2 200"}) ==
        Titles{"Overlay", "Popover / RowAction:Overlay / Overlay.index"});
  CHECK(TitlesOfSession({"0 GET /index.php?module=Marketplace&action=overview 200"}) ==
        Titles{"Marketplace Overview", "Marketplace / View / Marketplace.overview"});
  CHECK(TitlesOfSession({"0 GET /index.php?module=Marketplace&action=overview 403"}) == Titles{"Marketplace Overview"});
}

TEST_CASE("a plugin that is activated counts once, also if the password is asked for in between") {
  const std::string change = "GET /index.php?module=CorePluginsAdmin&action=activate&nonce=1&pluginName=";
  const std::string event = "Plugins / Edit / CorePluginsAdmin.activate";
  CHECK(TitlesOfSession({"0 " + change + "ExampleUI 302", "9 " + change + "ExampleUI 302"}) == Titles{event});
  CHECK(TitlesOfSession({"0 " + change + "ExampleUI 302", "9 " + change + "ExampleAPI 302"}) == Titles{event, event});
  CHECK(TitlesOfSession({"0 " + change + "ExampleUI 302", "400 " + change + "ExampleUI 302"}) == Titles{event, event});
}

TEST_CASE("a dashboard widget that is asked for again was refreshed") {
  const std::string widget =
      "POST /index.php?date=yesterday&module=Live&action=widget&disableLink=0&widget=1&idSite=2&period=day 200";
  const Titles refreshed = {"Dashboard", "Dashboard / refresh / Widget"};
  CHECK(TitlesOfSession({"0 " + kLandingDashboard, "1 " + widget, "9 " + widget}) == refreshed);
  CHECK(TitlesOfSession({"0 " + kLandingDashboard, "1 " + widget, "40 " + kLandingDashboard, "41 " + widget}) ==
        Titles{"Dashboard", "Dashboard"});
}

TEST_CASE("a hit has the time when its request began, but none before that of the hit before it") {
  Recorded recorded("combined_rt");
  const auto add = [&](int second, const std::string& call, const std::string& duration) {
    recorded.AddLine(
        fmt::format("192.0.2.10 - - [23/Nov/2026:05:00:{:02} +0000] \"GET "
                    "/index.php?module={}&action=index HTTP/2.0\" 200 723 \"-\" \"{}\" {}",
                    second, call, kChrome, duration));
  };
  add(10, "MultiSites", "4.500");
  add(11, "UsersManager", "9.000");
  add(20, "SitesManager", "0.250");
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  const std::int64_t minute = 1'795'410'000'000;  // 05:00:00
  CHECK(collector.times == std::vector<std::int64_t>{minute + 5'500, minute + 5'500, minute + 19'750});
}

// The use of a report as hits of its own.
const std::string kTable =
    "POST /index.php?date=yesterday&module=Actions&action=getPageUrls&idSite=2&period=day&random=9";

TEST_CASE("if asked for, the use of a report is an event, unless it is one already") {
  const std::vector<std::string> session = {
      "0 " + Widget("Actions.getPageUrls"),
      "9 " + kTable + "&filter_sort_column=nb_visits 200",
      "12 " + kTable + "&viewDataTable=graphPie 200",
      "15 GET /index.php?module=API&format=CSV&method=Actions.getPageUrls&token_auth=a&force_api_session=1 200",
  };
  CHECK(TitlesOfSession(session, true) ==
        Titles{"Actions Pages", "Reports / View / Actions.getPageUrls", "Reports / Sort / Actions.getPageUrls",
               "Reports / Interaction / Actions.getPageUrls", "Reports / Export CSV / Actions.getPageUrls"});
  CHECK(TitlesOfSession(session) ==
        Titles{"Actions Pages", "Reports / Sort / Actions.getPageUrls", "Reports / Export CSV / Actions.getPageUrls"});
}

TEST_CASE("a report that the browser gave up and asked for again at once was viewed once") {
  const std::string aborted = Widget("Actions.getPageUrls", "&idSite=2&period=day&segment=", "499");
  CHECK(TitlesOfSession({"0 " + aborted, "1 " + Widget("Actions.getPageUrls")}, true) ==
        Titles{"Actions Pages", "Reports / View / Actions.getPageUrls"});
}

TEST_CASE("a report of the first page of a document, which Matomo draws twice, was viewed once") {
  const std::string pages = Widget("Actions.getPageUrls");
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + pages, "2 " + pages}, true) ==
        Titles{"Actions Pages", "Reports / View / Actions.getPageUrls"});
}

TEST_CASE("the use of a report waits in order for a document that is not decided") {
  const std::string on_several_pages = Widget("Goals.get", "&idGoal=7");
  CHECK(TitlesOfSession({"0 GET " + kReporting + " 200 -", "1 " + on_several_pages, "70 " + kTable + " 200"}, true) ==
        Titles{"CoreHome Index", "Reports / View / Goals.get", "Reports / Interaction / Actions.getPageUrls"});
}

TEST_CASE("page views are decided alike whether or not the use of reports is asked for") {
  std::vector<std::string> requests = {"0 GET " + kReporting + " 403 -"};
  for (int i = 0; i < 80; ++i) requests.push_back("1 " + Widget("Goals.get", "&idGoal=7"));
  requests.insert(requests.end(), {"2 POST /index.php?module=Login 302", "2 GET " + kReporting + " 200 -",
                                   "3 " + Widget("Actions.getPageUrls")});
  Titles without = TitlesOfSession(requests);
  Titles with = TitlesOfSession(requests, true);
  CHECK(with.size() == without.size() + 81);
  std::erase_if(with, [](const std::string& title) { return title.starts_with("Reports / View"); });
  CHECK(with == without);
}

TEST_CASE("a visitor who does very much before a page is decided takes no memory without end") {
  std::vector<std::string> requests = {"0 GET " + kReporting + " 200 -"};
  for (int i = 0; i < 300; ++i) requests.push_back("1 " + Widget("Goals.get", "&idGoal=7"));
  requests.push_back("2 " + Widget("Actions.getPageUrls"));  // would tell that there was a fragment
  CHECK(TitlesOfSession(requests, true).front() == "CoreHome Index");
}

class Stored : public VisitStore {
 public:
  void Put(std::int64_t place, std::string_view state) override {
    places_[place] = state;
    ++puts;
  }
  void Remove(std::int64_t place) override { CHECK(places_.erase(place) == 1); }
  std::vector<StoredVisit> visits() const {
    std::vector<StoredVisit> visits;
    for (const auto& [place, state] : places_) visits.push_back({place, state});
    return visits;
  }
  int puts = 0;

 private:
  std::map<std::int64_t, std::string> places_;
};

TEST_CASE("a log that goes back in time has its page views as if it came first") {
  const std::string type = Widget("DevicesDetection.getType");
  const std::string model = Widget("DevicesDetection.getModel");
  CHECK(TitlesOfSession(
            {"3500 " + Widget("Actions.getPageUrls"), "0 " + type, "1 " + model, "2 " + Widget("Events.getName")}) ==
        Titles{"Actions Pages", "Visitors Devices", "Actions Events"});
}

TEST_CASE("a page that asks for very many widgets is one page view, and does not grow") {
  Recorded recorded;
  for (int goal = 1; goal <= 400; ++goal) {
    recorded.Add("0 " + Widget("AcmeBilling.getInvoices", fmt::format("&idSite=2&period=day&idGoal={}", goal)));
  }
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  Stored stored;
  visits.Save(stored);
  CHECK(collector.shown == Titles{"XYZ XYZ | /XYZ/XYZ/?idSite=2&period=day&date=yesterday"});
  CHECK(stored.visits()[1].state.size() < 3000);
}

// A whole log of several visitors.
void AddSample(Recorded* recorded) {
  std::ifstream file(HUSHLOG_TEST_DATA "/formats/nginx_combined.log");
  for (std::string line; std::getline(file, line);) recorded->AddLine(line);
  REQUIRE(recorded->actions().size() > 50);
}

TEST_CASE("saving and restoring between any two actions makes no difference") {
  Recorded recorded;
  AddSample(&recorded);
  Collector whole;
  Visits visits(*RuleSet::Shipped(), whole, kMaxVisits, nullptr, true);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  visits.Finish();
  Collector pieces;
  Stored stored;
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) {
    Visits piece(*RuleSet::Shipped(), pieces, kMaxVisits, nullptr, true);
    if (i > 0) REQUIRE(piece.Restore(stored.visits()));
    recorded.Consume(i, &piece);
    piece.Save(stored);
  }
  Visits last(*RuleSet::Shipped(), pieces, kMaxVisits, nullptr, true);
  REQUIRE(last.Restore(stored.visits()));
  last.Finish();
  last.Save(stored);
  CHECK(pieces.shown == whole.shown);
  CHECK(stored.visits().size() == 1);  // what is closed is not kept
}

TEST_CASE("client hints reach the hit, also if it waits while the program is not running") {
  Recorded recorded(
      R"($remote_addr [$time_local] "$request" $status "$http_referer" "$http_user_agent" "$http_sec_ch_ua")");
  recorded.AddLine(fmt::format(
      R"(192.0.2.10 [23/Nov/2026:05:19:28 +0000] "GET {} HTTP/2.0" 200 "-" "{}" "\x22Chromium\x22;v=\x22129\x22")",
      kReporting, kChrome));
  REQUIRE(recorded.actions().size() == 1);
  const ClientHints& logged = recorded.actions()[0].client_hints;
  CHECK(logged != ClientHints{});
  struct Hints : HitSink {
    void OnHit(const Hit& hit) override { all.push_back(hit.client_hints); }
    std::vector<ClientHints> all;
  } hints;
  Stored stored;
  Visits before(*RuleSet::Shipped(), hints, kMaxVisits);
  recorded.Consume(0, &before);
  before.Save(stored);
  REQUIRE(hints.all.empty());
  Visits after(*RuleSet::Shipped(), hints, kMaxVisits);
  REQUIRE(after.Restore(stored.visits()));
  after.Finish();
  CHECK(hints.all == std::vector<ClientHints>{logged});
}

TEST_CASE("only visits that changed are stored again") {
  Recorded recorded;
  AddSample(&recorded);
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
  for (std::size_t i = 0; i + 1 < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  Stored stored;
  visits.Save(stored);
  visits.Saved();
  CHECK(stored.puts == static_cast<int>(visits.open()) + 1);
  stored.puts = 0;
  recorded.Consume(recorded.actions().size() - 1, &visits);
  visits.Save(stored);
  CHECK(stored.puts == 2);
}

TEST_CASE("what was told to a store that lost it is told again") {
  Recorded recorded;
  AddSample(&recorded);
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
  const std::size_t half = recorded.actions().size() / 2;
  for (std::size_t i = 0; i < half; ++i) recorded.Consume(i, &visits);
  Stored stored;
  visits.Save(stored);
  visits.Saved();
  for (std::size_t i = half; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  Stored lost = stored;
  visits.Save(lost);
  visits.Save(stored);
  visits.Saved();
  REQUIRE(stored.visits().size() == lost.visits().size());
  for (std::size_t i = 0; i < stored.visits().size(); ++i) CHECK(stored.visits()[i].state == lost.visits()[i].state);
}

TEST_CASE("broken or foreign state is refused, whatever is wrong with it") {
  Recorded recorded;
  AddSample(&recorded);
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  Stored stored;
  visits.Save(stored);
  const std::vector<StoredVisit> good = stored.visits();
  const auto restores = [&](std::size_t number, const std::string& state) {
    std::vector<StoredVisit> visits_then = good;
    visits_then[number].state = state;
    Visits other(*RuleSet::Shipped(), collector, kMaxVisits);
    return other.Restore(visits_then);
  };
  for (std::size_t number = 0; number < good.size(); ++number) {
    const std::string& state = good[number].state;
    for (std::size_t size = 0; size < state.size(); size += 7) CHECK_FALSE(restores(number, state.substr(0, size)));
    CHECK_FALSE(restores(number, state + "x"));
  }
  CHECK_FALSE(restores(0, "x" + good[0].state));
  CHECK(restores(0, good[0].state));
}

TEST_CASE("the order of different visitors makes no difference to any of them") {
  Recorded recorded;
  AddSample(&recorded);
  const auto hits_by_visitor = [&](const std::vector<std::size_t>& order) {
    Collector collector;
    Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
    for (const std::size_t number : order) recorded.Consume(number, &visits);
    visits.Finish();
    return collector.by_visitor;
  };
  std::vector<std::size_t> order(recorded.actions().size());
  std::iota(order.begin(), order.end(), 0U);
  const auto as_logged = hits_by_visitor(order);
  CHECK(as_logged.size() > 3);
  std::ranges::stable_sort(order, {}, [&](std::size_t number) { return recorded.actions()[number].visitor; });
  CHECK(hits_by_visitor(order) == as_logged);
}

TEST_CASE("of too many visitors the one idle for the longest is closed, and counted") {
  Recorded recorded;
  AddSample(&recorded);
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, 1);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) recorded.Consume(i, &visits);
  CHECK(visits.closed_early() > 0);
}

// A session whose lines are read `delay_ms` after they were written, at a quiet time `idle_ms` after the last one.
std::size_t HitsByTheClock(std::int64_t delay_ms, std::int64_t idle_ms) {
  Recorded recorded;
  recorded.Add("0 GET " + kReporting + " 200 -");
  Collector collector;
  Visits visits(*RuleSet::Shipped(), collector, kMaxVisits);
  for (std::size_t i = 0; i < recorded.actions().size(); ++i) {
    visits.SetTime(recorded.actions()[i].time_ms + delay_ms);
    recorded.Consume(i, &visits);
  }
  visits.SetTime(recorded.actions().back().time_ms + idle_ms);
  visits.CloseQuiet();
  return collector.shown.size();
}

TEST_CASE("on a quiet site a visit that was followed live ends by the clock") {
  constexpr std::int64_t kMinute = 60'000;
  CHECK(HitsByTheClock(1000, 39 * kMinute) == 0);
  CHECK(HitsByTheClock(1000, 41 * kMinute) == 1);
}

TEST_CASE("the clock says nothing of a visit whose log was read late") {
  constexpr std::int64_t kMinute = 60'000;
  CHECK(HitsByTheClock(10 * kMinute, 600 * kMinute) == 0);
}

}  // namespace
}  // namespace hushlog
