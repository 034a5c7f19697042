#include "rules/parameter_rules.h"

#include <doctest/doctest.h>

#include <string>

#include "rules/config_error.h"
#include "rules/date_value.h"
#include "rules/recognizer.h"
#include "tests/rules/support.h"

using namespace hushlog;

namespace {

std::string Shown(std::string_view text, const RuleSet& rules = *RuleSet::Shipped()) {
  Query query(rules.catalogue());
  if (!query.Parse(text)) return "too many";
  std::string shown;
  for (const QueryParameter& parameter : query.parameters()) {
    if (!rules.parameters().IsShown(parameter.name)) continue;
    if (!shown.empty()) shown += '&';
    shown += ToString(rules.parameters().Sanitise(parameter), rules.catalogue());
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
  const std::string head = "[[parameter]]\nid = \"a\"\nreason = \"r\"\nnames = [\"acmeView\"]\n";
  const std::string sample = "samples = [\"acmeView=x -> acmeView=XYZ\"]\n";
  const std::pair<std::string, std::string_view> cases[] = {
      {head + "value = \"hidden\"\n" + sample, "accepted"},
      {"[[parameter]\n", "s.toml:1: "},
      {"[[parameters]]\n", "s.toml:1: no rule file has a table 'parameters'"},
      {"[[parameter]]\nid = \"a\"\nnames = [\"acmeView\"]\nvalue = \"id\"\n" + sample,
       "s.toml:1: needs a text 'reason'"},
      {"[[parameter]]\nreason = \"r\"\nnames = [\"acmeView\"]\nvalue = \"hidden\"\n" + sample,
       "s.toml:1: needs a text 'id'"},
      {"[[parameter]]\nid = \"A-b\"\nreason = \"r\"\nnames = [\"acmeView\"]\nvalue = \"hidden\"\n" + sample,
       "s.toml:1: an id is made of"},
      {head + "value = \"free\"\n" + sample, "s.toml:1: value 'free' is none of"},
      {head + "value = \"hidden\"\nsample = []\n" + sample, "s.toml:6: unknown key 'sample'"},
      {head + "value = \"hidden\"\n", "s.toml:1: needs samples"},
      {head + "value = \"hidden\"\nsamples = []\n", "s.toml:1: needs samples"},
      {"[[parameter]]\nid = \"a\"\nreason = \"r\"\nvalue = \"hidden\"\n" + sample, "s.toml:1: needs names"},
      {head + "value = \"hidden\"\nsamples = [\"idSite=5 -> idSite=5\"]\n",
       "s.toml:6: sample 'idSite=5 -> idSite=5' has no parameter of this rule"},
      {head + "value = \"id\"\nsamples = [\n\"acmeView=25 -> acmeView=25\"]",
       "s.toml:7: sample 'acmeView=25 -> acmeView=25' is shown as 'acmeView=5'"},
      {head + "value = \"id\"\nsamples = [\"acmeView=25\"]", "s.toml:6: a sample is written"},
      {"[[parameter]]\nid = \"a\"\nreason = \"r\"\nnames = [\"acme-view\"]\nvalue = \"hidden\"\n" + sample,
       "s.toml:4: a name is made of"},
      {head + "value = \"enumeration\"\n" + sample, "s.toml:1: an enumeration needs a list 'values'"},
      {head + "value = \"enumeration\"\nvalues = [\"a&b\"]\n" + sample, "s.toml:6: a name is made of"},
      {head + "value = \"id\"\nmin = 1\n" + sample, "s.toml:6: unknown key 'min'"},
      {head + "value = \"integer\"\n" + sample, "s.toml:1: more than 10000 different numbers"},
      {head + "value = \"integer\"\nmin = 5\nmax = 4\n" + sample, "s.toml:1: 'min' is greater than 'max'"},
      {head + "value = \"integer\"\nmax = -1\n" + sample, "s.toml:6: 'max' is a number from 0"},
      {head + "value = \"integer\"\nmodulo = \"3\"\n" + sample, "s.toml:6: 'modulo' is a number from 0"},
      {head + "value = \"pattern\"\npatterns = [\"a(\"]\nmax_length = 9\n" + sample, "s.toml:6: pattern 'a(': "},
      {head + "value = \"pattern\"\npatterns = [\"a\"]\n" + sample, "s.toml:1: a pattern needs 'max_length', 1 to 31"},
      {head + "value = \"pattern\"\npatterns = [\"a\"]\nmax_length = 32\n" + sample, "s.toml:1: a pattern needs"},
      {head + "value = \"pattern\"\nmax_length = 9\n" + sample, "s.toml:1: needs a list 'patterns'"},
      {"[[parameter]]\nid = \"a\"\nreason = \"r\"\nnames = [\"token_auth\"]\nvalue = \"id\"\n" + sample,
       "s.toml:4: 'token_auth' is a secret and stays hidden"},
      {"[[parameter]]\nid = \"a\"\nreason = \"r\"\nnames = [\"acmeAuthToken\"]\nvalue = \"pattern\"\npatterns = "
       "[\"a\"]\n"
       "max_length = 9\n" +
           sample,
       "s.toml:4: 'acmeAuthToken' is the name of a secret"},
      {"[secrets]\nwords = [\"\"]\n", "s.toml:2: a word of [secrets] has at least three bytes"},
      {head + "value = \"hidden\"\n" + sample + "[[parameter]]\nid = \"b\"\nreason = \"r\"\nnames = [\"acmeView\"]\n" +
           "value = \"hidden\"\n" + sample,
       "s.toml:10: 'acmeView' stands in two rules"},
      {head + "value = \"hidden\"\n" + sample + head + "value = \"hidden\"\n" + sample,
       "s.toml:7: two rules have the id 'a'"},
  };
  for (const auto& [text, error] : cases) {
    CAPTURE(text);
    const std::string found = test::SiteMistakes(text);
    CAPTURE(found);
    CHECK(found.starts_with(error));
  }
}

TEST_CASE("all mistakes of all rule files are told at once") {
  const SiteRules files[] = {{"1.toml", "[[rule]]\nid = \"x\"\n[[event]]\nid = \"y\"\n"},
                             {"2.toml", "[reduce]\nlanguage = 3\n[[bot]]\n[names]\nwords = [\"\\n\"]\n"},
                             {"3.toml", "x = [\n"}};
  try {
    (void)RuleSet::Load(files);
    FAIL("accepted");
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    CAPTURE(what);
    for (const std::string_view place :
         {"1.toml:1: ", "1.toml:3: ", "2.toml:2: ", "2.toml:3: ", "2.toml:5: ", "3.toml:"}) {
      CAPTURE(place);
      CHECK(what.find(place) != std::string::npos);
    }
  }
}

TEST_CASE("values of a site's parameters are shown if they have the form that its rule asks for") {
  const auto rules = test::WithSite(R"(
[[parameter]]
id = "acme_view"
names = ["acmeView", "acmeMode"]
value = "enumeration"
values = ["week", "map", "By day"]
reason = "Ways to draw a sales report."
samples = ["acmeView=map -> acmeView=map"]

[[parameter]]
id = "acme_rows"
names = ["acmeRows"]
value = "integer"
min = 5
max = 500
reason = "Rows of a table."
samples = ["acmeRows=10 -> acmeRows=10"]

[[parameter]]
id = "acme_shop"
names = ["acmeShop"]
value = "integer"
min = 1
modulo = 8
reason = "Number of a shop."
samples = ["acmeShop=9 -> acmeShop=1"]

[[parameter]]
id = "acme_sizes"
names = ["acmeSize"]
value = "pattern"
patterns = ['[0-9]{1,4}x[0-9]{1,4}', 'full|half']
max_length = 9
reason = "Size of a picture."
samples = ["acmeSize=80x60 -> acmeSize=80x60"]

[[parameter]]
id = "acme_currency"
names = ["acmeCurrency"]
value = "pattern"
patterns = ['[A-Z]{3}', '.*=.*']
max_length = 31
reason = "Codes of ISO 4217."
samples = ["acmeCurrency=EUR -> acmeCurrency=EUR"]
)");
  struct {
    std::string_view query, shown;
  } static const kCases[] = {
      {"acmeView=week&acmeMode=By+day", "acmeView=week&acmeMode=By day"},
      {"acmeView=%6d%61%70", "acmeView=map"},
      {"acmeView=Map", "acmeView=XYZ"},
      {"acmeView=day", "acmeView=XYZ"},  // a word of the catalogue, but none of this rule
      {"acmeView=", "acmeView="},
      {"period=map", "period=XYZ"},  // a value of the rule, but not of this parameter
      {"acmeRows=5", "acmeRows=5"},
      {"acmeRows=500", "acmeRows=500"},
      {"acmeRows=4", "acmeRows=XYZ"},
      {"acmeRows=501", "acmeRows=XYZ"},
      {"acmeRows=-5", "acmeRows=XYZ"},
      {"acmeRows=10.5", "acmeRows=XYZ"},
      {"acmeRows=99999999999999999999", "acmeRows=XYZ"},
      {"acmeShop=8", "acmeShop=8"},
      {"acmeShop=17", "acmeShop=1"},
      {"acmeShop=0", "acmeShop=XYZ"},
      {"acmeSize=640x480", "acmeSize=640x480"},
      {"acmeSize=640%2578480", "acmeSize=640x480"},
      {"acmeSize=half", "acmeSize=half"},
      {"acmeSize=halfway", "acmeSize=XYZ"},
      {"acmeSize=1640x2480x", "acmeSize=XYZ"},
      {"acmeSize=EUR", "acmeSize=XYZ"},  // matches the pattern of another parameter
      {"acmeCurrency=CHF", "acmeCurrency=CHF"},
      {"acmeCurrency=chf", "acmeCurrency=XYZ"},
      {"acmeCurrency=a%3Db", "acmeCurrency=XYZ"},  // no pattern lets pass what means something in a URL
      {"acmeOther=1", ""},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.query);
    CHECK(Shown(c.query, *rules) == c.shown);
  }
}

TEST_CASE("what a site says of a shipped parameter counts") {
  const auto rules = test::WithSite(
      "[[parameter]]\nid = \"columns\"\nnames = [\"columns\", \"idSite\"]\nvalue = \"enumeration\"\n"
      "values = [\"nb_visits\", \"7\"]\nreason = \"r\"\nsamples = [\"columns=nb_visits -> columns=nb_visits\"]\n");
  CHECK(Shown("columns=nb_visits&idSite=8&idGoal=8", *rules) == "columns=nb_visits&idSite=XYZ&idGoal=8");
  CHECK(Shown("columns=nb_visits&idSite=8", *RuleSet::Shipped()) == "columns=XYZ&idSite=8");
}

TEST_CASE("a value whose pattern cannot be tried is hidden, and the caller learns of it") {
  PatternSet set;
  std::vector<int> matches = {1};
  CHECK(set.Add("a+").empty());
  CHECK_FALSE(set.Match("a", &matches));  // not compiled
  CHECK(matches.empty());
  REQUIRE(set.Compile());
  CHECK(set.Match("aa", &matches));
  CHECK(matches == std::vector<int>{0});
  CHECK(set.Match("b", &matches));
  CHECK(matches.empty());
  CHECK_FALSE(set.Match(std::string(PatternSet::kMaxTextBytes + 1, 'a'), &matches));
  CHECK(matches.empty());
  PatternSet greedy(1 << 12);
  CHECK(greedy.Add("((a|b|c|d){1,90}){1,9}").empty());
  CHECK_FALSE(greedy.Compile());
}
