#include "rules/request_rules.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rules/config_error.h"
#include "tests/rules/support.h"

using namespace hushlog;

namespace {

constexpr std::string_view kOnePath =
    "[[path]]\nid = \"front\"\nfront = true\nreason = \"r\"\nfiles = [\"\", \"index.php\"]\naccept = [\"/\"]\nreject = "
    "[\"/x.css\"]\n";

std::string ErrorOf(std::string_view rules) {
  try {
    RuleFiles files("r.toml", std::string(kOnePath) + std::string(rules));
    const RequestRules loaded(&files, *Catalogue::Shipped());
    files.Check();
    loaded.CheckPathSamples(&files);
    files.Check();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

std::string ReasonForPath(std::string_view path) {
  const auto rules = RuleSet::Shipped();
  return rules->drop_reasons()[rules->requests().DropByPath(path)];
}

std::string Outcome(const Request& request, LogFields fields = {}) {
  const auto rules = RuleSet::Shipped();
  test::FixedDayKeys keys;
  Recognizer recognizer(*rules, keys, fields);
  ActionBatch batch;
  const DropReason drop = recognizer.Recognize(request, &batch);
  if (drop != kKept) {
    CHECK(batch.actions.empty());
    CHECK(batch.parameters.empty());
    return "-" + rules->drop_reasons()[drop];
  }
  std::string text;
  for (const UiAction& action : batch.actions) {
    if (!text.empty()) text += " | ";
    text += test::Describe(action, batch, rules->catalogue());
  }
  return text;
}

std::string Field(std::string_view* line) {
  const std::size_t tab = std::min(line->find('\t'), line->size());
  std::string field(line->substr(0, tab));
  line->remove_prefix(std::min(tab + 1, line->size()));
  return field;
}

}  // namespace

// Columns: version of Matomo, method, target, status, client (page, no-referer, program, bot), outcome.
TEST_CASE("requests of Matomo 2 to 5 are classified") {
  std::ifstream file(HUSHLOG_TEST_DATA "/rules/requests.tsv");
  REQUIRE(file.is_open());
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::string_view rest = line;
    const std::string version = Field(&rest), method = Field(&rest), target = Field(&rest), status = Field(&rest),
                      client = Field(&rest), expected = Field(&rest);
    Request request = test::MakeRequest(method, target, std::stoi(status));
    if (client != "page") request.referer = {};
    if (client == "program") request.user_agent = test::kProgram;
    if (client == "bot") request.user_agent = test::kBot;
    CAPTURE(line);
    CHECK(Outcome(request) == expected);
    ++cases;
  }
  CHECK(cases >= 100);
}

TEST_CASE("paths tell trackers, assets and strangers apart") {
  struct {
    std::string_view path, reason;
  } static const kCases[] = {
      {"/", "kept"},
      {"/index.php", "kept"},
      {"//index.php", "kept"},
      {"/piwik/", "kept"},
      {"/a/b/matomo/index.php", "kept"},
      {"http://analytics.example.org/index.php", "kept"},
      {"/matomo.php", "tracker"},
      {"/matomo/piwik.php", "tracker"},
      {"/js/", "tracker"},
      {"/matomo/js/", "tracker"},
      {"/js/index.php", "tracker"},
      {"/js/tracker.php", "tracker"},
      {"/plugins/HeatmapSessionRecording/configs.php", "tracker"},
      {"/matomo.js", "asset"},
      {"/js/piwik.min.js", "asset"},
      {"/plugins/Morpheus/images/logo.svg", "asset"},
      {"/offline-service-worker.js", "asset"},
      {"/plugins/Overlay/client/urlnormalizer.js", "asset"},
      {"/plugins/x/index.php", "asset"},
      {"/a.css.", "not_matomo"},
      {"/a.css/index.php", "kept"},
      {"a.css", "asset"},
      {"/node_modules/", "asset"},
      {"/misc/cron/archive.php", "cron"},
      {"/misc/cron/", "asset"},
      {"/wp-login.php", "not_matomo"},
      {"/index.php5", "not_matomo"},
      {"/index.php/x", "not_matomo"},
      {"/indexXphp", "not_matomo"},
      {"/.env", "not_matomo"},
      {"*", "not_matomo"},
      {"/x.", "not_matomo"},
      {"/\xff\x01", "not_matomo"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.path);
    CHECK(ReasonForPath(c.path) == c.reason);
  }
  CHECK(ReasonForPath("") == "kept");  // a target "?module=..." of a client that sends no path
}

TEST_CASE("methods and statuses that are no usage are dropped with a reason") {
  CHECK(Outcome(test::MakeRequest("HEAD", "/", 200)) == "-method");
  CHECK(Outcome(test::MakeRequest("OPTIONS", "/index.php", 200)) == "-method");
  CHECK(Outcome(test::MakeRequest("get", "/index.php", 200)) == "-method");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 301)) == "-redirect");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 302)) == "-redirect");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 101)) == "-redirect");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 404)) == "-client_error");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 499)) == "-client_error");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 500)) == "-server_error");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", 999)) == "-server_error");
  CHECK(Outcome(test::MakeRequest("GET", "/index.php", -1)) == "-redirect");
}

TEST_CASE("lists in the place of names, and too many parameters, are dropped") {
  CHECK(Outcome(test::MakeRequest("GET", "/index.php?module[]=API&method[]=x", 200)) == "-malformed");
  std::string many = "/index.php?a=1";
  for (int i = 0; i < 512; ++i) many += "&a=1";
  CHECK(Outcome(test::MakeRequest("GET", many, 200)) == "-too_many_parameters");
}

TEST_CASE("a log without user agents and Referers is classified by method") {
  Request request = test::MakeRequest("GET", "/index.php?module=CoreHome&action=index&idSite=1", 200);
  request.user_agent = request.referer = {};
  const LogFields common{.user_agent = false, .referer = false};
  CHECK(Outcome(request) == "-program");
  CHECK(Outcome(request, common) == "document CoreHome.index idSite=1");
  request.target = "/index.php?module=API&method=VisitsSummary.get&format=JSON&token_auth=abc";
  CHECK(Outcome(request, common) == "api_client VisitsSummary.get format=JSON&token_auth=XYZ");
  request.target = "/index.php?module=API&method=SegmentEditor.add&format=json";
  request.method = "POST";
  CHECK(Outcome(request, common) == "ui_api_call SegmentEditor.add format=json");
}

TEST_CASE("reasons have stable words, the built-in ones first") {
  const auto& reasons = RuleSet::Shipped()->drop_reasons();
  REQUIRE(reasons.size() > RequestRules::kBuiltInEnd);
  CHECK(reasons[kKept] == "kept");
  CHECK(reasons[RequestRules::kBot] == "bot");
  CHECK(reasons[RequestRules::kUnmatched] == "unmatched");
  CHECK(reasons[RequestRules::kBuiltInEnd] == "tracker");
}

TEST_CASE("broken request rules are refused with file and line") {
  const std::string head = "[[rule]]\nid = \"a\"\nreason = \"r\"\n";  // from line 8
  const std::string good = head + "class = \"document\"\nstatus = [200]\n";
  const std::string sample = "accept = [\"GET / 200\"]\nreject = [\"GET /x.css 200\"]\n";
  CHECK(ErrorOf(good + sample) == "accepted");
  const std::pair<std::string, std::string_view> cases[] = {
      {"x = [", "r.toml:8: "},
      {"[[rules]]\n", "r.toml:8: no rule file has a table 'rules'"},
      {good, "r.toml:8: needs samples"},
      {good + "accept = []\n", "r.toml:8: needs samples in 'accept'"},
      {good + "accept = [\"GET / 200\"]\n", "r.toml:8: needs samples in 'reject'"},
      {good + "calls = []\n" + sample, "r.toml:8: 'calls' lists nothing"},
      {good + "any_present = []\n" + sample, "r.toml:8: 'any_present' lists nothing"},
      {head + "drop = \"x\"\nacept = []\n" + sample, "r.toml:12: unknown key 'acept'"},
      {"[[rule]]\nid = \"a\"\ndrop = \"x\"\n" + sample, "r.toml:8: needs a text 'reason'"},
      {head + "class = \"page\"\nstatus = [200]\n" + sample, "r.toml:8: there is no class 'page'"},
      {head + "class = \"document\"\n" + sample, "r.toml:8: needs a list 'status'"},
      {head + "class = \"document\"\nstatus = [20]\n" + sample, "r.toml:12: a status is a number"},
      {good + "http = \"PUT\"\n" + sample, "r.toml:13: http is"},
      {good + "person = 1\n" + sample, "r.toml:13: 'person' is true or false"},
      {good + "present = [\"jane\"]\n" + sample, "r.toml:13: parameter 'jane' is not in the catalogue"},
      {good + "values = [\"period\"]\n" + sample, "r.toml:13: a value is written name=value"},
      {good + "calls = [\"CoreHome.jane\"]\n" + sample, "r.toml:13: 'CoreHome.jane' is not in the catalogue"},
      {good + "calls = [\"Jane.*\"]\n" + sample, "r.toml:13: 'Jane.*' is not in the catalogue"},
      {"[[path]]\nid = \"p\"\ndrop = \"asset\"\nreason = \"r\"\nextensions = [\"js\"]\naccept = [\"/x.css\"]\nreject = "
       "[\"/\"]\n",
       "r.toml:13: sample '/x.css' is decided as 'not_matomo'"},
      {"[[path]]\nid = \"p\"\ndrop = \"asset\"\nreason = \"r\"\nextensions = [\"js\"]\naccept = []\nreject = [\"/\"]\n",
       "r.toml:8: needs samples in 'accept'"},
      {"[[path]]\nid = \"p\"\ndrop = \"asset\"\nreason = \"r\"\nextensions = [\"js\"]\naccept = [\"/a.js\"]\nreject = "
       "[\"/\"]\n"
       "[[path]]\nid = \"q\"\ndrop = \"asset\"\nreason = \"r\"\nextensions = [\"css\"]\naccept = [\"/a.js\"]\nreject = "
       "[\"/\"]\n",
       "r.toml:20: sample '/a.js' is decided as 'asset', by nothing that stands here"},
      {"[[path]]\nid = \"p\"\ndrop = \"asset\"\nreason = \"r\"\nfiles = [\"index.php\"]\naccept = [\"/\"]\nreject = "
       "[\"/x\"]",
       "r.toml:12: 'index.php' is listed twice"},
  };
  for (const auto& [text, error] : cases) {
    CAPTURE(text);
    const std::string found = ErrorOf(text);
    CAPTURE(found);
    CHECK(found.starts_with(error));
  }
}

TEST_CASE("samples of request rules are decided as lines of a log are") {
  const std::string head = "[[rule]]\nid = \"a\"\nreason = \"r\"\n";
  const std::string keep = head + "class = \"document\"\nstatus = [200, 404]\n";
  const std::string drop = head + "drop = \"x\"\n\n";
  const std::string reject = "reject = [\"GET /x.css 200\"]\n";
  const std::string sample = "accept = [\"GET / 200\"]\n";
  const std::pair<std::string, std::string_view> cases[] = {
      {keep + sample + reject, "accepted"},
      {keep + "accept = [\"GET /\"]\n" + reject, "s.toml:6: a sample is written"},
      {keep + "accept = [\"GET / 200 jane\"]\n" + reject, "s.toml:6: a sample is written"},
      {head + "class = \"document\"\nstatus = [200]\nreject = [\"GET / 403\"]\n" + sample, "accepted"},
      {head + "class = \"document\"\nstatus = [200]\naccept = [\n\"GET / 200\",\n\"GET / 403\"]\n" + reject,
       "s.toml:8: sample 'GET / 403' is decided by rule 'a': client_error"},
      {keep + "accept = [\"GET /matomo.php 200\"]\n" + reject,
       "s.toml:6: sample 'GET /matomo.php 200' is decided by no rule: tracker"},
      {keep + sample + "reject = [\"GET /?idSite=1 200\"]\n",
       "s.toml:7: sample 'GET /?idSite=1 200' is decided by rule 'a': kept"},
      {keep + "present = [\"segment\"]\naccept = [\"GET / 200\"]\n" + reject,
       "s.toml:7: sample 'GET / 200' is decided by rule 'document': kept"},
      {drop + "accept = [\"PUT / 200\"]\n" + reject, "s.toml:6: sample 'PUT / 200' is decided by no rule: method"},
      {drop + "accept = [\"GET / 200 user_agent=Googlebot/2.1\"]\n" + reject,
       "s.toml:6: sample 'GET / 200 user_agent=Googlebot/2.1' is decided by no rule: bot"},
      {drop + "accept = [\"GET / 500\"]\n" + reject,
       "s.toml:6: sample 'GET / 500' is decided by no rule: server_error"},
      {drop + "accept = [\"GET / 200 dnt=1\"]\n" + reject,
       "s.toml:6: sample 'GET / 200 dnt=1' is decided by no rule: dnt"},
  };
  for (const auto& [text, error] : cases) {
    CAPTURE(text);
    const std::string found = test::SiteMistakes(text);
    CAPTURE(found);
    CHECK(found.starts_with(error));
  }
}

TEST_CASE("the first rule that matches decides") {
  const std::string rules =
      "[[rule]]\nid = \"first\"\ndrop = \"first\"\nreason = \"r\"\npresent = [\"segment\"]\n"
      "accept = [\"GET /?segment=a&idSite=1 200\"]\nreject = [\"GET /?idSite=1 200\"]\n"
      "[[rule]]\nid = \"second\"\ndrop = \"second\"\nreason = \"r\"\npresent = [\"idSite\"]\n"
      "accept = [\"GET /?idSite=1 200\"]\nreject = [\"GET /?idSite=1&segment= 200\"]\n";
  CHECK(test::SiteMistakes(rules) == "accepted");
}
