// Rules of a site, beside and instead of the shipped ones.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "rules/config_error.h"
#include "tests/rules/support.h"

using namespace hushlog;
using test::MakeRequest;
using test::SiteMistakes;
using test::WithSite;

namespace {

// What becomes of a request: "-reason", or its actions.
std::string Outcome(const RuleSet& rules, const Request& request, std::span<const std::string> extra = {}) {
  test::FixedDayKeys keys;
  Recognizer recognizer(rules, keys, {.extra = extra});
  ActionBatch batch;
  const DropReason drop = recognizer.Recognize(request, &batch);
  if (drop != kKept) return "-" + rules.drop_reasons()[drop];
  return test::Describe(batch.actions.front(), batch, rules.catalogue());
}

std::string Drop(std::string_view conditions, std::string_view accept) {
  return "[[rule]]\nid = \"own\"\ndrop = \"own\"\nreason = \"r\"\n" + std::string(conditions) + "\naccept = [\"" +
         std::string(accept) + "\"]\nreject = [\"GET /x.css 200\"]\n";
}

const std::string kPage = "/index.php?module=CoreHome&action=index&idSite=2";

std::string PageFrom(const RuleSet& rules, std::string_view Request::*field, std::string_view value) {
  Request request = MakeRequest("GET", kPage, 200);
  request.*field = value;
  return Outcome(rules, request);
}

const std::string kKeptPage = "document CoreHome.index idSite=2";

}  // namespace

TEST_CASE("a plugin of a company is whitelisted in a few lines") {
  const auto rules =
      WithSite("[plugins.AcmeReports]\nreason = \"Ours.\"\nreports = [\"getSales\"]\nactions = [\"index\"]\n");
  const Request report =
      MakeRequest("POST", "/index.php?module=AcmeReports&action=getSales&widget=&showtitle=1&random=1&acme=1", 200);
  CHECK(Outcome(*rules, report) == "report AcmeReports.getSales widget=&showtitle=XYZ&random=XYZ");
  CHECK(Outcome(*RuleSet::Shipped(), report) == "report XYZ.XYZ widget=&showtitle=XYZ&random=XYZ");
  CHECK(Outcome(*rules, MakeRequest("GET", "/?module=AcmeReports&action=index", 200)) == "document AcmeReports.index");
  CHECK(Outcome(*rules, MakeRequest("GET", "/?module=AcmeReports&action=secret", 200)) == "document AcmeReports.XYZ");
}

TEST_CASE("lists of site files add to the shipped ones and to each other") {
  const SiteRules files[] = {
      {"1.toml", "[plugins.Goals]\nreason = \"r\"\nactions = [\"acmeGoals\"]\n[names]\nparameters = [\"acme\"]\n"},
      {"2.toml",
       "[plugins]\nreason = \"r\"\n[plugins.Goals]\nmethods = [\"acmeMethod\"]\n[names]\nwords = [\"acmeWord\"]\n"}};
  const auto rules = RuleSet::Load(files);
  CHECK(Outcome(*rules, MakeRequest("GET", "/?module=Goals&action=acmeGoals&acme=1&period=acmeWord", 200)) ==
        "document Goals.acmeGoals acme=XYZ&period=acmeWord");
  CHECK(Outcome(*rules, MakeRequest("POST", "/?module=API&method=Goals.acmeMethod", 200)) ==
        "ui_api_call Goals.acmeMethod");
  CHECK(Outcome(*rules, MakeRequest("GET", "/?module=Goals&action=index", 200)) == "document Goals.index");
}

TEST_CASE("rules of a site are tried before the shipped ones") {
  const auto rules = WithSite(Drop("calls = [\"CoreHome.index\"]", "GET /?module=CoreHome&action=index 200"));
  CHECK(Outcome(*rules, MakeRequest("GET", kPage, 200)) == "-own");
  CHECK(Outcome(*rules, MakeRequest("GET", "/", 200)) == "document .");
}

TEST_CASE("site files come in their order: the rules of the first are tried first") {
  const std::string second =
      "[[rule]]\nid = \"b\"\ndrop = \"second\"\nreason = \"r\"\naccept = [\"GET /?idGoal=1 200\"]\nreject = [\"GET "
      "/x.css 200\"]\n";
  const std::string first =
      "[[rule]]\nid = \"a\"\ndrop = \"first\"\nreason = \"r\"\npresent = [\"idSite\"]\naccept = [\"GET /?idSite=1 "
      "200\"]\nreject = [\"GET /x.css 200\"]\n";
  const SiteRules files[] = {{"1.toml", first}, {"2.toml", second}};
  const auto rules = RuleSet::Load(files);
  CHECK(Outcome(*rules, MakeRequest("GET", "/?idSite=1", 200)) == "-first");
  CHECK(Outcome(*rules, MakeRequest("GET", "/", 200)) == "-second");
}

TEST_CASE("a rule with the id of a shipped one takes its place, and can switch it off") {
  const Request polling = MakeRequest("POST", "/?module=API&method=Live.getCounters&idSite=2", 200);
  CHECK(Outcome(*RuleSet::Shipped(), polling) == "-background");
  const auto off = WithSite("[[rule]]\nid = \"polling_api\"\nenabled = false\nreason = \"We count it.\"\n");
  CHECK(Outcome(*off, polling) == "ui_api_call Live.getCounters idSite=2");
  // In its place: this one catches all, and would leave nothing to the others if it came first.
  const auto replaced = WithSite(
      "[[rule]]\nid = \"document\"\ndrop = \"page\"\nreason = \"r\"\naccept = [\"GET / 200\"]\nreject = [\"GET /x.css "
      "200\"]\n");
  CHECK(Outcome(*replaced, MakeRequest("GET", kPage, 200)) == "-page");
  CHECK(Outcome(*replaced, MakeRequest("POST", "/?module=Login", 302)) == "login Login.");
  const auto event = WithSite("[[event]]\nid = \"segment_save\"\nenabled = false\nreason = \"r\"\n");
  CHECK(event->events().Find(UiAction{.kind = ActionKind::kExport}, {}) != nullptr);
  UiAction save{.kind = ActionKind::kUiApiCall};
  save.module = event->catalogue().Plugin("SegmentEditor");
  save.action = event->catalogue().ApiMethod(save.module, "add");
  CHECK(event->events().Find(save, {}) == nullptr);
  CHECK(RuleSet::Shipped()->events().Find(save, {}) != nullptr);
}

TEST_CASE("a later site file can replace a rule of an earlier one") {
  const SiteRules files[] = {{"1.toml", Drop("", "GET / 200")},
                             {"2.toml", "[[rule]]\nid = \"own\"\nenabled = false\nreason = \"r\"\n"}};
  CHECK(Outcome(*RuleSet::Load(files), MakeRequest("GET", kPage, 200)) == kKeptPage);
}

TEST_CASE("paths of a site count, also against the shipped ones") {
  const auto rules = WithSite(
      "[[path]]\nid = \"portal\"\nfront = true\nreason = \"r\"\nfiles = [\"portal.php\", \"js/index.php\"]\n"
      "accept = [\"/portal.php\"]\nreject = [\"/matomo.php\"]\n");
  CHECK(Outcome(*rules, MakeRequest("GET", "/portal.php?module=CoreHome&action=index", 200)) ==
        "document CoreHome.index");
  CHECK(Outcome(*rules, MakeRequest("GET", "/js/index.php", 200)) == "document .");
  CHECK(Outcome(*rules, MakeRequest("GET", "/js/", 200)) == "-tracker");
}

TEST_CASE("rules can look at address, host, user, user agent, path and status") {
  using Field = std::string_view Request::*;
  struct {
    std::string conditions, sample;
    Field field;
    std::vector<std::string_view> dropped, kept;
  } const cases[] = {
      {"addresses = [\"192.0.2.0/28\", \"2001:db8::/32\"]",
       "GET / 200 remote_addr=192.0.2.1",
       &Request::remote_addr,
       {"192.0.2.1", "192.0.2.15", "::ffff:192.0.2.1", "2001:db8:1::7"},
       {"192.0.2.16", "2001:db9::1"}},
      {"hosts = [\"Stats.Example.org\"]",
       "GET / 200 host=stats.example.org",
       &Request::host,
       {"stats.example.org", "STATS.example.org"},
       {"", "example.org", "xstats.example.org"}},
      {"users = [\"monitor\", \"backup\"]",
       "GET / 200 remote_user=backup",
       &Request::remote_user,
       {"monitor", "Backup"},
       {"", "monitors"}},
      {"user_agents = ['Mozilla/5\\.0 .*Firefox/1[0-9]{2}\\..*']",
       "GET / 200 user_agent=Mozilla/5.0 (X11) Firefox/131.0",
       &Request::user_agent,
       {"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"},
       {test::kBrowser}},
      {"unless = { hosts = [\"stats.example.org\"], users = [\"jane\"] }",
       "GET / 200 host=other.example.org",
       &Request::host,
       {"", "other.example.org"},
       {"stats.example.org"}},
      {"fields = { referer = 'https://intranet\\..*' }",
       "GET / 200 referer=https://intranet.example.org/",
       &Request::referer,
       {"https://intranet.example.org/x"},
       {"https://example.org/https://intranet."}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.conditions);
    const auto rules = WithSite(Drop(c.conditions, c.sample));
    for (const std::string_view value : c.dropped) {
      CAPTURE(value);
      CHECK(PageFrom(*rules, c.field, value) == "-own");
    }
    for (const std::string_view value : c.kept) {
      CAPTURE(value);
      CHECK(PageFrom(*rules, c.field, value) == kKeptPage);
    }
  }
  const auto paths = WithSite(Drop("paths = ['/test/.*']", "GET /test/index.php 200"));
  CHECK(Outcome(*paths, MakeRequest("GET", "/test/index.php", 200)) == "-own");
  CHECK(Outcome(*paths, MakeRequest("GET", "/index.php?/test/", 200)) == "document .");
  const auto status = WithSite(Drop("status = [499, 403]", "GET / 403"));
  CHECK(Outcome(*status, MakeRequest("GET", "/", 403)) == "-own");
  CHECK(Outcome(*status, MakeRequest("GET", "/", 200)) == "document .");
}

TEST_CASE("rules can look at any field that the log format holds") {
  const auto rules = WithSite(Drop("fields = { http_x_tier = 'test|dev', ssl_protocol = 'TLSv1' }",
                                   "GET / 200 http_x_tier=dev ssl_protocol=TLSv1"));
  CHECK(rules->extra_fields() == std::vector<std::string>{"http_x_tier", "ssl_protocol"});
  Request request = MakeRequest("GET", kPage, 200);
  const std::string names[] = {"ssl_protocol", "http_x_tier"};  // in the order of the format
  const std::string_view values[] = {"TLSv1", "test"};
  request.extra = values;
  CHECK(Outcome(*rules, request, names) == "-own");
  const std::string_view others[] = {"TLSv1.3", "test"};
  request.extra = others;
  CHECK(Outcome(*rules, request, names) == kKeptPage);
  request.extra = {};
  CHECK(Outcome(*rules, request) == kKeptPage);
}

TEST_CASE("a line of which a rule cannot be told is dropped") {
  const auto addresses = WithSite(Drop("addresses = [\"192.0.2.0/28\"]", "GET / 200 remote_addr=192.0.2.1"));
  CHECK(PageFrom(*addresses, &Request::remote_addr, "proxy.example.org") == "-undecidable");
  const auto agents = WithSite(Drop("user_agents = ['x']", "GET / 200 user_agent=x"));
  CHECK(PageFrom(*agents, &Request::user_agent, std::string(test::kBrowser) + std::string(5000, ' ')) ==
        "-undecidable");
}

TEST_CASE("values are looked at once, whatever comes between") {
  const auto rules = WithSite(Drop("hosts = [\"a.example.org\"]", "GET / 200 host=a.example.org"));
  test::FixedDayKeys keys;
  Recognizer recognizer(*rules, keys);
  ActionBatch batch;
  for (int i = 0; i < 1000; ++i) {
    const std::string host = (i % 3 == 0 ? "a" : std::to_string(i)) + ".example.org";
    Request request = MakeRequest("GET", kPage, 200);
    request.host = host;
    CHECK((recognizer.Recognize(request, &batch) == kKept) == (i % 3 != 0));
  }
}

TEST_CASE("fields are reduced as far as a site wants") {
  const auto reduced = [](const std::string& text) {
    const auto rules = WithSite(text);
    test::FixedDayKeys keys;
    Recognizer recognizer(*rules, keys);
    ActionBatch batch;
    Request request = MakeRequest("GET", "/", 200);
    request.accept_language = "de-AT,en";
    REQUIRE(recognizer.Recognize(request, &batch) == kKept);
    const UiAction& action = batch.actions.front();
    return action.address.ToString() + " " + action.language.ToString() + " " +
           rules->user_agents().BrowserLabel(action.user_agent);
  };
  CHECK(reduced("[reduce]\n") == "192.0.0.0 de-at Chrome 129");
  CHECK(reduced("[reduce]\naddress_bits_v4 = 25\nlanguage = \"tag\"\n") == "192.0.0.0 de Chrome 129");
  CHECK(reduced("[reduce]\naddress_bits_v4 = 30\nlanguage = \"none\"\nuser_agent = \"none\"\n") ==
        "192.0.0.0  Unknown");
  CHECK(reduced("[reduce]\naddress_bits_v4 = 32\n") == " de-at Chrome 129");
  CHECK(reduced("[reduce]\nweaker = true\naddress_bits_v4 = 16\n") == "192.0.0.0 de-at Chrome 129");
}

TEST_CASE("a reduction that is nonsense, or keeps more than the shipped one by mistake, is refused") {
  const std::pair<std::string, std::string_view> cases[] = {
      {"[reduce]\naddress_bits_v4 = 16\n", "s.toml:2: keeps more than"},
      {"[reduce]\naddress_bits_v6 = 64\n", "s.toml:2: keeps more than"},
      {"[reduce]\nweaker = true\naddress_bits_v4 = 16\naddress_bits_v6 = 64\n", "accepted"},
      {"[reduce]\nweaker = \"yes\"\n", "s.toml:2: 'weaker' is true or false"},
      {"[reduce]\nweaker = true\naddress_bits_v4 = 8\n", "s.toml:3: 'address_bits_v4' is the number of bits"},
      {"[reduce]\nweaker = true\naddress_bits_v6 = 48\n", "s.toml:3: 'address_bits_v6' is the number of bits"},
      {"[reduce]\naddress_bits_v4 = 33\n", "s.toml:2: 'address_bits_v4' is the number of bits"},
      {"[reduce]\naddress_bits_v6 = \"all\"\n", "s.toml:2: 'address_bits_v6' is the number of bits"},
      {"[reduce]\nlanguage = \"full\"\n", "s.toml:2: 'language' is"},
      {"[reduce]\nuser_agent = true\n", "s.toml:2: 'user_agent' is"},
      {"[reduce]\nbits = 8\n", "s.toml:2: unknown key 'bits'"},
      {"[[reduce]]\n", "s.toml:1: write [reduce]"},
  };
  for (const auto& [text, error] : cases) {
    CAPTURE(text);
    const std::string found = SiteMistakes(text);
    CAPTURE(found);
    CHECK(found.starts_with(error));
  }
}

TEST_CASE("of several files of a site the last one counts for a reduction, and each must mean what is weaker") {
  const std::string strict = "[reduce]\nlanguage = \"none\"\naddress_bits_v4 = 32\nuser_agent = \"none\"\n";
  const std::string milder = "[reduce]\nlanguage = \"tag\"\naddress_bits_v4 = 24\nuser_agent = \"reduced\"\n";
  const SiteRules files[] = {{"1.toml", strict}, {"2.toml", milder}};
  const auto rules = RuleSet::Load(files);
  CHECK(rules->reduction().language == Reduction::LanguageForm::kTag);
  CHECK(rules->reduction().address.bits_v4 == 24);
  CHECK(rules->reduction().user_agent);
  const SiteRules meant_by_another[] = {{"1.toml", "[reduce]\naddress_bits_v4 = 16\nweaker = true\n"},
                                        {"2.toml", "[reduce]\naddress_bits_v4 = 20\n"}};
  CHECK_THROWS_WITH_AS(RuleSet::Load(meant_by_another),
                       "2.toml:2: keeps more than the shipped rules do; if that is meant, add weaker = true",
                       ConfigError);
}

TEST_CASE("user agents of a site are known, and its bots are bots") {
  const auto rules = WithSite(R"(
[[bot]]
id = "acme_probe"
patterns = ['AcmeProbe']
reason = "Ours."
accept = ["Mozilla/5.0 AcmeProbe/1 Chrome/129.0.0.0"]
reject = ["Mozilla/5.0 Chrome/129.0.0.0"]

[[browser]]
id = "acme"
name = "Acme Browser"
text = "Mozilla/5.0 ({system}) AcmeBrowser/{major}"
patterns = ['AcmeBrowser/([0-9]+)']
reason = "Ours."
accept = [{ text = "Mozilla/5.0 (X11; Linux x86_64) Chrome/129.0.0.0 AcmeBrowser/7", major = 7 }]
)");
  CHECK(PageFrom(*rules, &Request::user_agent, "Mozilla/5.0 AcmeProbe Chrome/129.0.0.0") == "-bot");
  const UserAgent agent =
      rules->user_agents().Reduce("Mozilla/5.0 (X11; Linux x86_64) Chrome/129.0.0.0 AcmeBrowser/12");
  CHECK(rules->user_agents().BrowserLabel(agent) == "Acme Browser 12");
}

TEST_CASE("rules about user agents have all that other rules have") {
  const std::string head = "[[bot]]\nid = \"acme\"\npatterns = ['AcmeProbe']\n";
  const std::string reason = "reason = \"r\"\n";
  const std::string accept = "accept = [\"AcmeProbe\"]\n";
  const std::string reject = "reject = [\"Chrome\"]\n";
  const std::string system = "[[system]]\nid = \"acme\"\nname = \"Acme\"\ndevice = \"tv\"\ntext = \"Acme\"\n";
  const std::pair<std::string, std::string_view> cases[] = {
      {head + reason + accept + reject, "accepted"},
      {head + accept + reject, "s.toml:1: needs a text 'reason'"},
      {"[[bot]]\npatterns = ['AcmeProbe']\n" + reason + accept + reject, "s.toml:1: needs a text 'id'"},
      {head + reason + reject, "s.toml:1: needs samples in 'accept'"},
      {head + reason + accept, "s.toml:1: needs samples in 'reject'"},
      {head + reason + "accept = [\"Chrome\"]\n" + reject, "s.toml:5: the sample matches no rule"},
      {head + reason + "accept = [\"Cubot AcmeProbe\"]\n" + "reject = [\"AcmeProbe\"]\n",
       "s.toml:6: the sample is decided by 'acme'"},
      {"[[device]]\nid = \"acme\"\ndevice = \"tv\"\npatterns = ['Acme']\n" + reason + "accept = [\"Acme\"]\n",
       "s.toml:1: needs samples in 'reject'"},
      {system + "patterns = ['AcmeOS']\n" + reason + "accept = [\"AcmeOS\"]\n", "accepted"},
      {system + "patterns = ['AcmeOS']\n" + reason, "s.toml:1: needs samples in 'accept'"},
      {system + "pattern = ['AcmeOS']\n" + reason + "accept = [\"AcmeOS\"]\n", "s.toml:6: unknown key 'pattern'"},
      {"[plugins.Acme]\nreports = [\"getSales\"]\n", "s.toml:1: needs a text 'reason'"},
  };
  for (const auto& [text, error] : cases) {
    CAPTURE(text);
    const std::string found = SiteMistakes(text);
    CAPTURE(found);
    CHECK(found.starts_with(error));
  }
}

TEST_CASE("a bot of the shipped rules can be switched off, and a browser replaced in its place") {
  constexpr std::string_view kMonitor = "Mozilla/5.0 (X11; Linux x86_64) Chrome/129.0.0.0 Safari/537.36 Datadog";
  CHECK(PageFrom(*RuleSet::Shipped(), &Request::user_agent, kMonitor) == "-bot");
  const auto off = WithSite("[[bot]]\nid = \"bot_names\"\nenabled = false\nreason = \"Counted as people.\"\n");
  CHECK(PageFrom(*off, &Request::user_agent, kMonitor) == kKeptPage);
  const auto replaced = WithSite(R"(
[[browser]]
id = "safari"
name = "Any Browser"
text = "Mozilla/5.0 ({system}) Safari"
patterns = ['Safari']
reason = "Last, as the shipped one."
accept = ["Mozilla/5.0 Safari"]
)");
  const auto label = [&](std::string_view text) {
    return replaced->user_agents().BrowserLabel(replaced->user_agents().Reduce(text));
  };
  CHECK(label("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1") == "Any Browser");
  CHECK(label("Mozilla/5.0 (X11; Linux x86_64) Chrome/128.0 Safari/537.36") == "Chrome 128");
}

TEST_CASE("pages and events of a site are counted") {
  const auto rules = WithSite(R"(
[plugins.AcmeReports]
reason = "Ours."
reports = ["getSales"]
actions = ["saveBasket"]

[[page]]
id = "acme_sales"
reason = "Ours."
category = "Acme_Sales"
subcategory = "Acme_Overview"
widgets = ["AcmeReports.getSales"]

[[event]]
id = "basket"
on = "controller"
calls = ["AcmeReports.saveBasket"]
names = ["Sales", "Save", "Basket"]
reason = "A basket was saved."
accept = ["POST /index.php?module=AcmeReports&action=saveBasket 200"]
reject = ["POST /index.php?module=AcmeReports&action=getSales&widget=&showtitle=1&random=1 200"]
)");
  UiAction action;
  action.module = rules->catalogue().Plugin("AcmeReports");
  action.action = rules->catalogue().Action(action.module, "getSales");
  const std::int32_t page = rules->pages()->Find(action, {});
  REQUIRE(page != PageMap::kNone);
  CHECK(rules->pages()->page(page).category == "Acme_Sales");
}

TEST_CASE("a condition on a field that the log format lacks does not hold, whatever its pattern matches") {
  const LogFormat combined = LogFormat::Compile("combined");
  const LogFormat with_host = LogFormat::Compile("vhost_combined");
  const auto rules = WithSite(Drop("fields = { host = '.*' }", "GET / 200 host=a.example.org"));
  const auto outcome = [&](const LogFormat& format) {
    test::FixedDayKeys keys;
    ActionBatch batch;
    return rules
        ->drop_reasons()[Recognizer(*rules, keys, FieldsOf(format)).Recognize(MakeRequest("GET", kPage, 200), &batch)];
  };
  CHECK(outcome(combined) == "kept");
  CHECK(outcome(with_host) == "own");  // the line has no value
}

TEST_CASE("mistakes in the rules of a site are told with file, line and what happened") {
  const std::string head = "[[rule]]\nid = \"a\"\nreason = \"r\"\ndrop = \"x\"\n";
  const std::string reject = "reject = [\"GET /x.css 200\"]\n";
  const std::string sample = "accept = [\"GET /?idGoal=9 200\"]\n" + reject;
  const std::string page = "[[page]]\nid = \"p\"\nreason = \"r\"\ncategory = \"a\"\nsubcategory = \"b\"\n";
  const std::string event = "[[event]]\nid = \"e\"\nreason = \"r\"\nnames = [\"a\", \"b\", \"c\"]\n";
  const std::pair<std::string, std::string_view> cases[] = {
      {head + sample, "accepted"},
      {head + "accept = [\"GET /?idGoal=9 200\"]\nreject = [\"GET / 200\"]\n",
       "s.toml:6: sample 'GET / 200' is decided by rule 'a': x"},
      {head + "hosts = [\"a.example.org\"]\n" + sample,
       "s.toml:6: sample 'GET /?idGoal=9 200' is decided by rule 'document': kept"},
      {head + "addresses = [\"192.0.2.0/33\"]\n" + sample, "s.toml:5: '192.0.2.0/33' is neither an address nor"},
      {head + "user_agents = [\"a(\"]\n" + sample, "s.toml:5: pattern 'a(': "},
      {head + "hosts = \"a\"\n" + sample, "s.toml:5: 'hosts' must be a list"},
      {head + "hosts = []\n" + sample, "s.toml:1: 'hosts' lists nothing"},
      {head + "unless = 1\n" + sample, "s.toml:5: write unless ="},
      {head + "unless = { host = [] }\n" + sample, "s.toml:5: unknown key 'host'"},
      {head + "fields = { \"http-x\" = \"a\" }\n" + sample, "s.toml:5: 'http-x' is no field"},
      {head + "fields = { time_local = \"a\" }\n" + sample, "s.toml:5: 'time_local' is no field"},
      {head + "fields = { http_x = 1 }\n" + sample, "s.toml:5: a field has a pattern"},
      {head + "present = [\"idGoal\"]\nabsent = [\"idGoal\"]\n" + sample,
       "s.toml:1: asks for something and its contrary"},
      {"[[rule]]\nid = \"a\"\nreason = \"r\"\ndrop = \"kept\"\n" + sample,
       "s.toml:1: 'drop' is a word other than kept"},
      {head + "class = \"document\"\nstatus = [200]\n" + sample, "s.toml:1: either 'class' or 'drop'"},
      {head + "accept = [\"GET / 200 nonsense=1 x\"]\n" + reject, "s.toml:5: a sample is written"},
      {"[[rule]]\nid = \"no_such\"\nenabled = false\nreason = \"r\"\n", "s.toml:1: there is no rule 'no_such'"},
      {"[[rule]]\nid = \"document\"\nenabled = false\n", "s.toml:1: needs a text 'reason'"},
      {"[[rule]]\nid = \"document\"\nenabled = 1\nreason = \"r\"\n", "s.toml:3: 'enabled' is true or false"},
      {"[[rule]]\nid = \"document\"\nenabled = false\nreason = \"r\"\ndrop = \"x\"\n", "s.toml:5: unknown key 'drop'"},
      {page + "widgets = [\"Jane.doe\"]\n", "s.toml:6: 'Jane.doe' is not in the catalogue"},
      {page, "s.toml:1: a page needs 'widgets'"},
      {event + "on = \"export\"\n", "s.toml:1: needs samples in 'accept'"},
      {event + "on = \"export\"\naccept = []\n" + reject, "s.toml:1: needs samples in 'accept'"},
      {event + "on = \"export\"\naccept = [\"GET / 200\"]\n", "s.toml:1: needs samples in 'reject'"},
      {event + "on = \"api\"\naccept = [\"GET / 200\"]\n" + reject, "s.toml:1: needs what is called in 'calls'"},
      {event + "on = \"site\"\naccept = [\"GET / 200\"]\n" + reject,
       "s.toml:1: what this rule counts shows in no single"},
      {event + "on = \"moon\"\n", "s.toml:1: 'moon' is nothing that an event is told by"},
      {event + "on = \"api\"\ncalls = [\"Goals.addGoal\"]\naccept = [\"GET / 200\"]\n" + reject,
       "s.toml:7: sample 'GET / 200' is no event"},
      {event + "on = \"api\"\ncalls = [\"Goals.jane\"]\naccept = [\"GET / 200\"]\n" + reject,
       "s.toml:6: 'Goals.jane' is not in the catalogue"},
      {"[[event]]\nid = \"e\"\nreason = \"r\"\non = \"site\"\nnames = [\"a\", \"b\", \"<c>\"]\n",
       "s.toml:5: a name of an event"},
      {"[opt_out]\naddresses = [\"x\"]\n", "s.toml:2: 'x' is neither"},
      {"[opt_out]\ndnt = \"yes\"\n", "s.toml:2: 'dnt' is true or false"},
      {"[opt_out]\ncookie = \"a b\"\n", "s.toml:2: 'cookie' is a name"},
      {"[opt_out]\nuser = []\n", "s.toml:2: unknown key 'user'"},
  };
  for (const auto& [text, error] : cases) {
    CAPTURE(text);
    const std::string found = SiteMistakes(text);
    CAPTURE(found);
    CHECK(found.starts_with(error));
  }
}

TEST_CASE("more fields than a log format can be asked for are refused") {
  std::string fields;
  for (char c = 'a'; c < 'j'; ++c) fields += std::string(fields.empty() ? "" : ", ") + "http_x_" + c + " = 'x'";
  CHECK(SiteMistakes(Drop("fields = { " + fields + " }", "GET / 200"))
            .find("s.toml:1: rules ask for more than 8 fields") != std::string::npos);
}

TEST_CASE("patterns that need too much memory are told with the file of the site") {
  std::string patterns;
  for (int i = 0; i < 40; ++i) patterns += "'(a|b" + std::to_string(i) + "){900}x{900}y{900}', ";
  CHECK(SiteMistakes(Drop("paths = [" + patterns + "]", "GET / 200")).find("s.toml:1: the patterns of [[rule]] need") !=
        std::string::npos);
}

TEST_CASE("more than 10,000 rules of a kind are refused") {
  std::string text = "[names]\nparameters = [\"acme\"]\n";
  for (int i = 0; i <= 10'000; ++i) text += "[[parameter]]\nid = \"p" + std::to_string(i) + "\"\nreason = \"r\"\n";
  CHECK(SiteMistakes(text).find("s.toml:3: more than 10000 tables [[parameter]]") != std::string::npos);
}

TEST_CASE("a site can have many rules, but not any number of them") {
  const auto rules_for_hosts = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(i);
      text += "[[rule]]\nid = \"r" + n + "\"\ndrop = \"d" + n + "\"\nreason = \"r\"\nhosts = [\"h" + n +
              ".example.org\"]\naccept = [\"GET / 200 host=h" + n +
              ".example.org\"]\nreject = [\"GET / 200 host=h.example.org\"]\n";
    }
    return text;
  };
  const auto rules = WithSite(rules_for_hosts(80));
  CHECK(PageFrom(*rules, &Request::host, "h0.example.org") == "-d0");
  CHECK(PageFrom(*rules, &Request::host, "h79.example.org") == "-d79");
  CHECK(PageFrom(*rules, &Request::host, "h80.example.org") == kKeptPage);
  CHECK(SiteMistakes(rules_for_hosts(100)).find("more than 128 rules") != std::string::npos);
}

TEST_CASE("the fingerprint tells rule sets apart") {
  const std::string text = Drop("", "GET / 200");
  CHECK(WithSite(text)->fingerprint() == WithSite(text)->fingerprint());
  CHECK(WithSite(text)->fingerprint() != WithSite(text + "#")->fingerprint());
  CHECK(WithSite(text)->fingerprint() != RuleSet::Shipped()->fingerprint());
}

TEST_CASE("rules that are in use stay as they are if new ones cannot be loaded") {
  const auto rules = WithSite(Drop("", "GET / 200"));
  CHECK_THROWS_AS(WithSite("x = ["), ConfigError);
  CHECK(Outcome(*rules, MakeRequest("GET", kPage, 200)) == "-own");
}

TEST_CASE("every example of the documentation is a rule file") {
  std::ifstream file(HUSHLOG_DOCS "/rules.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  constexpr std::string_view kBegin = "```toml\n";
  int examples = 0;
  for (std::size_t at = 0; (at = text.find(kBegin, at)) != std::string::npos; ++examples) {
    at += kBegin.size();
    const std::string example = text.substr(at, text.find("```", at) - at);
    CAPTURE(example);
    CHECK(SiteMistakes(example) == "accepted");
  }
  CHECK(examples >= 8);
}
