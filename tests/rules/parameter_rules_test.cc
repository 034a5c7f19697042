#include "rules/parameter_rules.h"

#include <doctest/doctest.h>

#include <string>

#include "rules/config_error.h"
#include "rules/date_value.h"
#include "rules/recognizer.h"

using namespace hushlog;

namespace {

std::string Shown(std::string_view text) {
  const auto rules = RuleSet::Shipped();
  Query query(rules->catalogue());
  if (!query.Parse(text)) return "too many";
  std::string shown;
  for (const QueryParameter& parameter : query.parameters()) {
    if (!rules->parameters().IsShown(parameter.name)) continue;
    if (!shown.empty()) shown += '&';
    shown += ToString(rules->parameters().Sanitise(parameter), rules->catalogue());
  }
  return shown;
}

}  // namespace

TEST_CASE("parameters are shown as the in-page plugin shows them") {
  struct {
    std::string_view query, shown;
  } static const kCases[] = {
      // Pairs of a logged URL and what the plugin reported of it.
      {"module=CoreHome&action=index&idSite=2&period=day&date=yesterday", "idSite=2&period=day&date=yesterday"},
      {"module=Login&action=confirmPassword&pluginName=ExampleUI&nonce=1d2bd9e24cee&redirectTo=referrer",
       "pluginName=ExampleUI&nonce=XYZ&redirectTo=XYZ"},
      {"module=Widgetize&action=iframe&moduleToWidgetize=Dashboard&actionToWidgetize=index&idSite=2&period=day&"
       "date=yesterday&idDashboard=1",
       "moduleToWidgetize=XYZ&actionToWidgetize=XYZ&idSite=2&period=day&date=yesterday&idDashboard=1"},
      {"module=Widgetize&action=iframe&disableLink=0&widget=1&moduleToWidgetize=Goals&"
       "actionToWidgetize=widgetGoalsOverview&idSite=2&period=week&date=yesterday",
       "disableLink=XYZ&widget=XYZ&moduleToWidgetize=XYZ&actionToWidgetize=XYZ&idSite=2&period=week&date=yesterday"},
      {"module=ScheduledReports&action=index&idSite=2&period=day&date=yesterday&updated=1",
       "idSite=2&period=day&date=yesterday&updated=XYZ"},
      {"idSite=2&period=week&date=yesterday&comparePeriods%5B%5D=week&compareDates%5B%5D=2026-11-10&"
       "comparePeriodType=previousPeriod",
       "idSite=2&period=week&date=yesterday&comparePeriods=week&compareDates=2026-11-10&comparePeriodType=XYZ"},
      {"idSite=25", "idSite=5"},
      // Stricter than the plugin, which would let these pass.
      {"compareSegments%5B%5D=countryCode%3D%3Dde", "compareSegments=XYZ"},
      {"pluginName=JaneDoeTracker", "pluginName=XYZ"},
      {"date=2026-11-22%3BDROP", "date=XYZ"},
      {"period=jane", "period=XYZ"},
      {"ourParameter=1&idSite=2", "idSite=2"},
      {"jane%40example.org&idSite=2", "idSite=2"},
      {"category=Jane_Doe&subcategory=Jane_Doe", "category=XYZ&subcategory=XYZ"},
      {"idGoal=jane", "idGoal=XYZ"},
      {"idSite=%E2%91%A0", "idSite=XYZ"},
      {"popover=jane%243Adoe", "popover=XYZ"},
      {"popover=RowActionJane", "popover=XYZ"},
      {"popover=RowAction", "popover=XYZ"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.query);
    CHECK(Shown(c.query) == c.shown);
  }
}

TEST_CASE("popovers are shown by name in all encodings") {
  for (const std::string_view value :
       {"RowAction:Transitions:url:https://example.org", "RowAction%3ATransitions%3Aurl",
        "RowAction$3ATransitions$3Aurl", "RowAction%243ATransitions%243Aurl%243Ahttps%243A%24252F",
        "RowAction%24253ATransitions%24253Aurl", "RowAction:Transitions"}) {
    CAPTURE(value);
    CHECK(Shown("popover=" + std::string(value)) == "popover=RowAction:Transitions");
  }
  CHECK(Shown("popover=RowAction:Overlay:" + std::string(3000, 'x')) == "popover=RowAction:Overlay");
}

TEST_CASE("dates have a closed form") {
  for (const std::string_view text :
       {"2026-11-22", "2024-02-29", "1990-01-01", "2099-12-31", "2026-11-01,2026-11-22", "2026-11-22,2026-11-22",
        "2026-11-01,today", "2026-11-01,yesterday", "today", "yesterday", "now", "last1", "last1000", "previous30"}) {
    CAPTURE(text);
    CHECK(ParseDateValue(text).has_value());
    CHECK(Shown("date=" + std::string(text)) == "date=" + std::string(text));
  }
  for (const std::string_view text : {"2026-02-29",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-00",
                                      "1989-12-31",
                                      "2100-01-01",
                                      "2026-1-1",
                                      "26-11-22",
                                      "2026/11/22",
                                      "2026-11-22 ",
                                      "2026-11-22,",
                                      ",2026-11-22",
                                      "2026-11-22,2026-11-01",
                                      "today,2026-11-22",
                                      "2026-11-01,2026-11-02,2026-11-03",
                                      "last",
                                      "last0",
                                      "last01",
                                      "last1001",
                                      "last99999",
                                      "last-1",
                                      "lastly",
                                      "previous",
                                      "Today",
                                      "20261122",
                                      "2026-11-2x"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseDateValue(text).has_value());
    CHECK(Shown("date=" + std::string(text)) == "date=XYZ");
  }
}

TEST_CASE("broken parameter rules are refused with file and line") {
  struct {
    std::string_view text, error;
  } static const kCases[] = {
      {"[[parameter]\n", "p.toml:1: "},
      {"[[parameter]]\nnames = [\"idSite\"]\nvalue = \"id\"", "p.toml:1: needs a text 'reason'"},
      {"[[parameter]]\nnames = [\"jane\"]\nvalue = \"id\"\nreason = \"r\"", "p.toml:2: parameter 'jane' is not in"},
      {"[[parameter]]\nnames = [\"idSite\"]\nvalue = \"free\"\nreason = \"r\"", "p.toml:1: value 'free' is none of"},
      {"[[parameter]]\nnames = []\nvalue = \"id\"\nreason = \"r\"\nsample = []", "p.toml:5: unknown key 'sample'"},
      {"[[parameter]]\nnames = [\"idSite\"]\nvalue = \"id\"\nreason = \"r\"\nsamples = [\n\"idSite=25 -> idSite=25\"]",
       "p.toml:6: sample 'idSite=25 -> idSite=25' is shown as 'idSite=5'"},
      {"[[parameter]]\nnames = [\"idSite\"]\nvalue = \"id\"\nreason = \"r\"\nsamples = [\"idSite=25\"]",
       "p.toml:5: a sample is written"},
      {"[[parameters]]\n", "p.toml:1: unknown key 'parameters'"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.error);
    std::string what;
    try {
      ParameterRules rules("p.toml", c.text, *Catalogue::Shipped());
    } catch (const ConfigError& error) {
      what = error.what();
    }
    CHECK(what.starts_with(c.error));
  }
}

TEST_CASE("all errors of a rule file are told at once") {
  try {
    ParameterRules rules("p.toml", "[[parameter]]\nnames = [\"x1\", \"x2\"]\nvalue = \"id\"\nreason = \"r\"",
                         *Catalogue::Shipped());
    FAIL("accepted");
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    CHECK(what.find("'x1'") != std::string::npos);
    CHECK(what.find("\np.toml:2: parameter 'x2'") != std::string::npos);
  }
}
