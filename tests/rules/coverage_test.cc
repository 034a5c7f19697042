#include "rules/coverage.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/rules/support.h"

using namespace hushlog;

namespace {

// "name 2, other 1, (3 others)"
std::string Text(const Coverage& coverage, Coverage::Kind kind) {
  const Coverage::Names names = coverage.NamesOf(kind);
  std::string text;
  for (const Coverage::Name& name : names.shown) text += name.text + " " + std::to_string(name.count) + ", ";
  return text + "(" + std::to_string(names.other) + " others)";
}

class Fixture {
 protected:
  void Look(std::string_view target) { coverage_.Look(test::MakeRequest("POST", target, 200)); }

  Coverage coverage_{*RuleSet::Shipped()};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "names that are replaced or left out are told with their number") {
  Look("/?module=AcmeReports&action=getSales&acmeView=1&idSite=2&segment=abc");
  Look("/?module=AcmeReports&action=getSales&acme%56iew=1&amp;acmeMode[]=2");
  Look("/?module=Goals&action=acmeGoals&segment=");
  Look("/index.php?module=API&method=AcmeReports.getSales&period=day");
  Look("/index.php?module=API&method=Goals.acmeMethod&period=acme#a=1");
  Look("/index.php?module=CoreHome&action=index");
  CHECK(Text(coverage_, Coverage::kPlugin) == "AcmeReports 3, (0 others)");
  CHECK(Text(coverage_, Coverage::kAction) == "AcmeReports.getSales 2, Goals.acmeGoals 1, (0 others)");
  CHECK(Text(coverage_, Coverage::kMethod) == "AcmeReports.getSales 1, Goals.acmeMethod 1, (0 others)");
  CHECK(Text(coverage_, Coverage::kParameter) == "acmeView 2, acmeMode 1, (0 others)");
  CHECK(Text(coverage_, Coverage::kValue) == "period 1, segment 1, (0 others)");
}

TEST_CASE_FIXTURE(Fixture, "a request that has a name twice counts once") {
  Look("/?module=CoreHome&action=index&acmeView=1&acmeView=2");
  Look("/?module=CoreHome&action=index&acmeView=3");
  CHECK(Text(coverage_, Coverage::kParameter) == "acmeView 2, (0 others)");
}

TEST_CASE_FIXTURE(Fixture, "methods in a bundle of calls are told") {
  Look("/?module=API&method=API.getBulkRequest&urls[0]=method%3DAcme.one&urls[1]=method%253DAcme.two");
  CHECK(Text(coverage_, Coverage::kMethod) == "Acme.one 1, Acme.two 1, (0 others)");
}

TEST_CASE_FIXTURE(Fixture, "what has not the form of a name, or looks like a key, is only counted") {
  for (const std::string_view name :
       {"jane%40example.org", "a-b", "1a", "%1b[31m", "0123456789abcdef0123456789abcdef", "deadbeefdeadbeef",
        "zq8Kx2Lm9Wp4Rt6Yv1Nb", "a%00b", "caf%C3%A9", "%3Cscript%3E"}) {
    Look("/?module=" + std::string(name) + "&action=" + std::string(name) + "&" + std::string(name) + "=1");
  }
  Look("/?module=" + std::string(65, 'x') + "&action=index");
  CHECK(Text(coverage_, Coverage::kPlugin) == "(11 others)");
  CHECK(Text(coverage_, Coverage::kAction) == "(11 others)");
  CHECK(Text(coverage_, Coverage::kParameter) == "(9 others)");  // for PHP, a%00b is a, which is known
}

TEST_CASE_FIXTURE(Fixture, "memory is bounded") {
  std::string target;
  for (std::size_t i = 0; i < 2 * Coverage::kMaxNames; ++i) Look("/?module=CoreHome&n" + std::to_string(i) + "=1");
  Look("/?n0=1");
  const Coverage::Names names = coverage_.NamesOf(Coverage::kParameter);
  CHECK(names.shown.size() == Coverage::kMaxNames);
  CHECK(names.shown.front().count == 2);
  CHECK(names.other == static_cast<std::int64_t>(Coverage::kMaxNames));
}
