#include "src/visits/visits.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "parsers/line_parser.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"

namespace hushlog {
namespace {

class Collector : public HitSink {
 public:
  void OnHit(const Hit& hit) override {
    switch (hit.kind) {
      case Hit::Kind::kPageView:
        shown.push_back(fmt::format("{} | {}", hit.title, hit.url.substr(kPageBase.size())));
        return;
      case Hit::Kind::kEvent:
        shown.push_back(fmt::format("{} / {} / {}", hit.category, hit.action, hit.name));
        return;
      case Hit::Kind::kDownload:
        shown.push_back(fmt::format("download {}", hit.download.substr(kPageBase.size())));
        return;
    }
  }
  std::vector<std::string> shown;
};

// "POST /index.php?module=Login 302" -> what is sent for it.
std::vector<std::string> HitsOf(const std::vector<std::string>& requests) {
  static const auto rules = RuleSet::Shipped();
  static const LogFormat format = LogFormat::Compile("combined");
  EphemeralDayKeys keys;
  Collector collector;
  Visits visits(*rules, collector);
  LineParser parser(format);
  Recognizer recognizer(*rules, keys);
  ActionBatch batch;
  for (const std::string& request : requests) {
    const std::size_t status = request.rfind(' ');
    std::string line = fmt::format(
        "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"{} HTTP/2.0\" {} 723 \"https://matomo.example.org/index.php?"
        "module=CoreHome&action=index&idSite=2&period=day&date=yesterday\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
        "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36\"",
        request.substr(0, status), request.substr(status + 1));
    const std::size_t size = line.size();
    line.append(kLinePadding, '\0');
    Request parsed;
    REQUIRE(parser.Parse(std::string_view(line).substr(0, size), &parsed) == LineStatus::kOk);
    (void)recognizer.Recognize(parsed, &batch);
  }
  for (const UiAction& action : batch.actions) visits.Consume(action, batch.ParametersOf(action));
  return collector.shown;
}

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

TEST_CASE("requests that belong to a page, or show none, become no hit") {
  for (const std::string& request : std::initializer_list<std::string>{
           "GET /index.php?module=CoreHome&action=index&idSite=1 500",
           "POST /index.php?module=Login 302",
           "GET /index.php?module=Login&action=logout 302",
           "GET /index.php?module=CoreAdminHome&action=optOut&language=de 200",
           "POST /index.php?module=API&format=json&method=API.getReportMetadata&idSite=2 200",
           "POST /index.php?date=yesterday&module=VisitsSummary&action=get&disableLink=0&widget=1&idSite=2&period=day "
           "200",
           // The second widget of a page that its first one stands for.
           "POST "
           "/index.php?date=yesterday&module=Resolution&format=html&action=getResolution&idSite=2&period=day&segment="
           "&widget=&showtitle=1&random=7934 200",
           // A widget that is on no report page.
           "POST /index.php?date=yesterday&module=CoreAdminHome&action=getSystemSummary&widget=&showtitle=1&random=1 "
           "200",
       }) {
    CAPTURE(request);
    CHECK(HitsOf({request}).empty());
  }
}

TEST_CASE("one widget stands for a page that several pages could show") {
  const char* const kTail = "&idSite=2&period=day&date=yesterday&segment=&widget=&showtitle=1&random=1 200";
  const auto title = [&](const std::string& widget) {
    const auto hits = HitsOf({"POST /index.php?" + widget + kTail});
    return hits.empty() ? std::string() : hits[0].substr(0, hits[0].find(" |"));
  };
  CHECK(title("module=Goals&action=getEvolutionGraph&forceView=1") == "Goals Overview");
  CHECK(title("module=Goals&action=getEvolutionGraph&forceView=1&idGoal=7") == "Goals");
  CHECK(title("module=Goals&action=getEvolutionGraph&forceView=1&idGoal=ecommerceOrder") == "Ecommerce Overview");
  CHECK(title("module=Actions&action=getPageUrls") == "Actions Pages");
  CHECK(title("module=Actions&action=getPageUrls&performance=1").empty());
  CHECK(title("module=PagePerformance&action=getEvolutionGraph") == "Actions Performance");
}

}  // namespace
}  // namespace hushlog
