// Which values the grammar has, and where a value leaves it.
#include "src/audit/egress_grammar.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace hushlog {
namespace {

const EgressGrammar& Grammar() {
  static const EgressGrammar grammar;
  return grammar;
}

const std::string kHost = "https://demo-anonymous.matomo.org";
const std::string kChrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ";

TEST_CASE("values that hits may have are in the grammar") {
  struct Row {
    std::string parameter;
    std::vector<std::string> values;
  };
  for (
      const Row& row : {
          Row{"rec", {"1", "0"}},
          Row{"ca", {"1"}},
          Row{"action_name",
              {"CoreHome Index", "Visitors Overview", "Dashboard", "Login", "XYZ", "XYZ XYZ", "CoreHome XYZ",
               "Actions SubmenuPagesExit", "Actions MenuGetPageUrls", "Actions Customdimension2"}},
          Row{"url",
              {kHost + "/?", kHost + "/CoreHome/index/?idSite=2&period=day&date=yesterday",
               kHost + "/Dashboard/default/?idSite=20&period=XYZ&date=2026-11-01,2026-11-22",
               kHost + "/XYZ/XYZ/?segment=XYZ&idSite=&token_auth=XYZ", kHost + "/ScheduledReports/index/?date=last30",
               kHost + "/CoreHome/index/?date=2026-02-28,today&popover=RowAction:RowEvolution&pluginName=Goals"}},
          Row{"download",
              {kHost + "/scheduledreports/emailreport2.pdf", kHost + "/scheduledreports/emailreport20.original"}},
          Row{"e_c", {"Segments", "Reports"}},
          Row{"e_a", {"Select a segment", "Export CSV", "Export XML", "Export XYZ"}},
          Row{"e_n", {"SegmentEditor", "Actions.getPageUrls", "XYZ.XYZ", "API.XYZ"}},
          Row{"_cvar", {R"({"1":["Access","user"]})", R"({"1":["Access","superuser"]})"}},
          Row{"cid", {"0000000000000000", "0123456789abcdef"}},
          Row{"cdt", {"0", "1795411169", "4102444799"}},
          Row{"ua",
              {"-", "Mozilla/5.0 (compatible; Bot/1.0)", "Mozilla/5.0 (Unknown)", "Unknown (Unknown; Lumia 950)",
               kChrome + "Chrome/129.0.0.0 Safari/537.36",
               "Mozilla/5.0 (Linux; Android 10; Mobile; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 "
               "Mobile Safari/537.36",
               "Mozilla/5.0 (X11; Linux x86_64; rv:100.0) Gecko/20100101 Firefox/128.0"}},
          Row{"uadata",
              {R"({"mobile":true})", R"({"platform":"Linux"})",
               R"({"fullVersionList":[{"brand":"Opera","version":"999"}],"platform":"Chrome OS","platformVersion":"29999"})",
               R"({"fullVersionList":[{"brand":"Google Chrome","version":"129"},{"brand":"Chromium","version":"129"}],)"
               R"("mobile":false,"platform":"Windows","platformVersion":"15"})"}},
          Row{"lang", {"de", "de-at", "zu-zw"}},
          Row{"cip", {"0.0.0.0", "192.0.0.0", "255.0.0.0", "::", "2001:d00::", "2001::", "0:100::"}},
          Row{"idsite", {"1", "2147483647"}},
          Row{"token_auth", {"0123456789abcdef0123456789abcdef", "removed"}},
      }) {
    CAPTURE(row.parameter);
    const GrammarParameter* parameter = Grammar().Find(row.parameter);
    REQUIRE(parameter != nullptr);
    for (const std::string& value : row.values) {
      const auto foreign = parameter->values->FirstForeign(value);
      CHECK_MESSAGE(!foreign, value, " is foreign at ", foreign.value_or(0));
    }
  }
}

TEST_CASE("a value that no hit may have is foreign from its first byte on that none has there") {
  struct Row {
    std::string parameter;
    std::string value;
    std::size_t foreign;
  };
  for (const Row& row : {
           Row{"rec", "2", 0},
           Row{"rec", "", 0},
           Row{"rec", "11", 1},
           Row{"action_name", "CoreHome Jane", 9},
           Row{"action_name", "coreHome Index", 0},
           Row{"action_name", "Dashboard ", 10},
           Row{"url", "http://demo-anonymous.matomo.org/?", 4},
           Row{"url", "https://demo-anonymous.matomo.org.example.org/?", 33},
           Row{"url", kHost + "/CoreHome/jane/?", 43},
           Row{"url", kHost + "/CoreHome/index/?idSite=21", 58},
           Row{"url", kHost + "/CoreHome/index/?idSite=0", 57},
           Row{"url", kHost + "/CoreHome/index/?idSite=2&jane=1", 60},
           Row{"url", kHost + "/CoreHome/index/?idSite=2&", 59},
           Row{"url", kHost + "/CoreHome/index/?idSite=2&idSite=2", 59},
           Row{"url", kHost + "/CoreHome/index/?idSite=2&module=CoreHome", 65},
           Row{"url", kHost + "/CoreHome/index/?segment=a", 58},
           Row{"url", kHost + "/CoreHome/index/?date=2026-02-30", 65},
           Row{"url", kHost + "/CoreHome/index/?date=1989-01-01", 59},
           Row{"url", kHost + "/CoreHome/index/?date=2026-11-02,2026-11-01", 66},
           Row{"url", kHost + "/CoreHome/index/?date=last1001", 62},
           Row{"url", kHost + "/CoreHome/index/?period=Day", 57},
           Row{"url", kHost + "/CoreHome/index/?popover=visitorProfile:0123", 72},
           Row{"url", kHost + "/CoreHome/index/?idSite=2#jane", 58},
           Row{"download", kHost + "/scheduledreports/emailreport21.pdf", 63},
           Row{"e_c", "Segment", 7},
           Row{"e_a", "Export DOC", 8},
           Row{"e_n", "Actions.getPageUrls?label=a", 19},
           Row{"_cvar", R"({"1":["Access","jane"]})", 16},
           Row{"_cvar", R"({"1":["Access","user"],"2":["a","b"]})", 22},
           Row{"cid", "0123456789abcde", 15},
           Row{"cid", "0123456789abcdeF", 15},
           Row{"cid", "0123456789abcdef0", 16},
           Row{"cdt", "17954111690", 10},
           Row{"cdt", "01", 1},
           Row{"cdt", "-1", 0},
           Row{"ua", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Jane's PC)", 42},
           Row{"ua", kChrome + "Chrome/129.0.6668.58 Safari/537.36", 94},
           Row{"ua", kChrome + "Chrome/1290.0.0.0 Safari/537.36", 91},
           Row{"ua", kChrome + "Chrome/0129.0.0.0 Safari/537.36", 89},
           Row{"ua", "", 0},
           Row{"uadata", "{}", 1},
           Row{"uadata", R"({"mobile":true,"mobile":true})", 14},
           Row{"uadata", R"({"mobile":yes})", 10},
           Row{"uadata", R"({"model":"Pixel 8"})", 4},
           Row{"uadata", R"({"platform":"Windows","platformVersion":"15.0.0"})", 43},
           Row{"uadata", R"({"platformVersion":"15"})", 10},
           Row{"uadata", R"({"platform":"Jane"})", 13},
           Row{"uadata", R"({"fullVersionList":[{"brand":"Not A;Brand","version":"8"}]})", 32},
           Row{"uadata", R"({"fullVersionList":[{"brand":"Opera","version":"1290"}]})", 51},
           Row{"lang", "de-AT", 3},
           Row{"lang", "xx", 1},
           Row{"lang", "de-at-1996", 5},
           Row{"cip", "192.0.2.0", 6},
           Row{"cip", "2001:db8::", 6},
           Row{"cip", "2001:D00::", 5},
           Row{"cip", "jane", 0},
           Row{"idsite", "0", 0},
           Row{"idsite", "2147483648", 9},
           Row{"token_auth", "0123456789abcdef0123456789abcdeJ", 31},
       }) {
    CAPTURE(row.parameter);
    CAPTURE(row.value);
    const auto foreign = Grammar().Find(row.parameter)->values->FirstForeign(row.value);
    REQUIRE(foreign);
    CHECK(*foreign == row.foreign);
  }
}

TEST_CASE("a browser that the site has switched off is not in the grammar") {
  const std::string value = "Mozilla/5.0 (X11; Linux x86_64; rv:100.0) Gecko/20100101 Firefox/128.0";
  CHECK(!Grammar().Find("ua")->values->FirstForeign(value));
  const SiteRules site{"s.toml", "[[browser]]\nid = \"firefox\"\nenabled = false\nreason = \"r\"\n"};
  const EgressGrammar grammar({&site, 1});
  CHECK(grammar.Find("ua")->values->FirstForeign(value));
}

TEST_CASE("parameters that would say more about a person are not in the grammar") {
  for (const char* name : {"uid", "urlref", "res", "_id", "search", "link", "XYZ", "", "Host"}) {
    CHECK_MESSAGE(Grammar().Find(name) == nullptr, name);
  }
}

TEST_CASE("the head of a request has a closed form") {
  struct Row {
    std::string name, value;
    bool good;
  };
  for (const Row& row : {
           Row{"POST", "/stats/matomo.php HTTP/1.1", true},
           Row{"POST", "/matomo.php?jane=1 HTTP/1.1", false},
           Row{"POST", "/matomo.php HTTP/1.1 ", false},
           Row{"host", "matomo.example.org:8080", true},
           Row{"Host", "matomo.example.org/jane", false},
           Row{"user-agent", "hushlog/0.1.0", true},
           Row{"User-Agent", "hushlog/0.1.0 jane", false},
           Row{"Content-Type", "application/json", true},
           Row{"Content-Length", "17x", false},
       }) {
    CAPTURE(row.value);
    const GrammarParameter* header = Grammar().FindHeader(row.name);
    REQUIRE(header != nullptr);
    CHECK(!header->values->FirstForeign(row.value) == row.good);
  }
  for (const char* name : {"Cookie", "Referer", "X-Forwarded-For", "cid"}) {
    CHECK_MESSAGE(Grammar().FindHeader(name) == nullptr, name);
  }
}

}  // namespace
}  // namespace hushlog
