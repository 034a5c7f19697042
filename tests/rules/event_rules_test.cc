#include "rules/event_rules.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "rules/config_error.h"
#include "tests/rules/support.h"

namespace hushlog {
namespace {

// "POST /index.php?... 200" -> "view Actions.getPageUrls", or "" if no report is used.
std::string UseOf(const std::string& request) {
  const std::size_t target = request.find(' ') + 1;
  const std::size_t status = request.rfind(' ') + 1;
  const std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  test::FixedDayKeys keys;
  ActionBatch batch;
  const DropReason dropped =
      Recognizer(*rules, keys)
          .Recognize(test::MakeRequest(request.substr(0, target - 1), request.substr(target, status - 1 - target),
                                       std::stoi(request.substr(status))),
                     &batch);
  REQUIRE(dropped == kKept);
  const ReportUse use = rules->events().UseOf(batch.actions.front());
  if (use.kind == ReportUse::Kind::kNone) return "";
  return fmt::format("{} {}.{}", use.kind == ReportUse::Kind::kView ? "view" : "interaction",
                     rules->catalogue().Text(use.plugin), rules->catalogue().Text(use.report));
}

TEST_CASE("a request is a view of a report, an interaction with one, or neither") {
  const std::string widget = "&format=html&idSite=2&period=day&date=today&widget=&showtitle=1&random=7";
  const std::string table = "&format=html&idSite=2&period=day&date=today&random=7";
  struct Row {
    std::string request;
    std::string use;
  };
  for (
      const Row& row : {
          Row{"POST /index.php?module=Actions&action=getPageUrls" + widget + " 200", "view Actions.getPageUrls"},
          Row{"GET /index.php?module=VisitsSummary&action=getEvolutionGraph&widget=1&idSite=2&period=day&date=today "
              "200",
              "view VisitsSummary.getEvolutionGraph"},
          Row{"GET /index.php?module=Widgetize&action=iframe&moduleToWidgetize=VisitsSummary&actionToWidgetize=get 200",
              "view VisitsSummary.get"},
          Row{"POST /index.php?module=AcmeBilling&action=getInvoices" + widget + " 200", "view XYZ.XYZ"},
          Row{"POST /index.php?module=Actions&action=getPageUrls" + table + "&filter_offset=10 200",
              "interaction Actions.getPageUrls"},
          Row{"POST /index.php?module=DevicesDetection&action=getType&viewDataTable=graphPie" + table + " 499",
              "interaction DevicesDetection.getType"},
          Row{"GET /index.php?module=API&format=CSV&method=Actions.getPageUrls&token_auth=a&force_api_session=1 200",
              "interaction Actions.getPageUrls"},
          Row{"POST /index.php?module=CoreHome&action=getRowEvolutionPopover&apiMethod=Actions.getPageUrls&label=a 200",
              "interaction Actions.getPageUrls"},
          Row{"POST /index.php?module=CoreHome&action=getMultiRowEvolutionPopover&apiMethod=Acme.getSecret&label=a 200",
              "interaction XYZ.XYZ"},
          // Given up by the browser; the login form.
          Row{"POST /index.php?module=Actions&action=getPageUrls" + widget + " 499", ""},
          Row{"GET /index.php?module=Widgetize&action=iframe&moduleToWidgetize=VisitsSummary&actionToWidgetize=get 403",
              ""},
          // Frames and widgets without figures.
          Row{"POST /index.php?module=Dashboard&action=embeddedIndex&idDashboard=1" + widget + " 200", ""},
          Row{"GET /index.php?module=Widgetize&action=iframe&moduleToWidgetize=Dashboard&actionToWidgetize=index 200",
              ""},
          Row{"POST /index.php?module=Goals&action=editGoals" + widget + " 200", ""},
          // No report is named.
          Row{"POST /index.php?module=CoreHome&action=getRowEvolutionPopover&label=a 200", ""},
          Row{"POST /index.php?module=Live&action=getVisitorProfilePopup&visitorId=a 200", ""},
          Row{"POST /index.php?module=API&method=SegmentEditor.add&format=json 200", ""},
          Row{"GET /index.php?module=CoreHome&action=index&idSite=2 200", ""},
      }) {
    CAPTURE(row.request);
    CHECK(UseOf(row.request) == row.use);
  }
}

TEST_CASE("a mistake in the rules of events is told with its line") {
  struct Row {
    std::string text;
    std::string says;
  };
  for (const Row& row : {
           Row{"[no_reports]\nwidgets = [\"Acme.*\"]", "events:2: 'Acme.*' is not in the catalogue"},
           Row{"[no_reports]\nwidgets = [\"Goals.noSuchWidget\"]",
               "events:2: 'Goals.noSuchWidget' is not in the catalogue"},
           Row{"[no_reports]\nwidget = [\"Goals.manage\"]", "events:2: "},
           Row{"\n[[event]]\nid = \"views\"\nreason = \"A view.\"\non = \"report_vew\"", "events:2: 'report_vew'"},
       }) {
    CAPTURE(row.text);
    RuleFiles files("events", row.text);
    const EventRules rules(&files, *Catalogue::Shipped());
    CHECK_THROWS_WITH_AS(files.Check(), doctest::Contains(row.says.c_str()), ConfigError);
  }
}

}  // namespace
}  // namespace hushlog
