#include "rules/user_agent.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "rules/config_error.h"

namespace hushlog {
namespace {

using Device = UserAgent::Device;

// Shipped() trusts that this passes.
TEST_CASE("the shipped rules recognise all of their samples") {
  CHECK_NOTHROW(UserAgentRules::Parse(UserAgentRules::ShippedText(), "rules/user_agents.toml"));
}

const UserAgentRules& Rules() { return *UserAgentRules::Shipped(); }

TEST_CASE("browser, system and device are recognised, with major versions") {
  struct Row {
    const char* text;
    const char* browser;
    const char* system;
    Device device;
  };
  const Row rows[] = {
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 "
       "Safari/537.36",
       "Chrome 128", "Windows 10", Device::kDesktop},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/128.0.0.0 Safari/537.36",
       "Headless Chrome 128", "Linux", Device::kDesktop},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 "
       "Safari/537.36 Edg/128.0.2739.42",
       "Microsoft Edge 128", "Windows 10", Device::kDesktop},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
       "Safari/605.1.15",
       "Safari 17", "Mac OS X 10.15", Device::kDesktop},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
       "Mobile/15E148 Safari/604.1",
       "Mobile Safari 17", "iOS 17", Device::kMobile},
      {"Mozilla/5.0 (iPad; CPU OS 16_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/110.0.5481.83 "
       "Mobile/15E148 Safari/604.1",
       "Chrome Mobile iOS 110", "iPadOS 16", Device::kTablet},
      {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128", "Ubuntu",
       Device::kDesktop},
      {"Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox Mobile 127", "Android 14",
       Device::kMobile},
      {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile "
       "Safari/537.36",
       "Chrome Mobile 127", "Android 10", Device::kMobile},
      {"Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
       "Chrome 127", "Android 13", Device::kTablet},
      {"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
       "Chrome/126.0.6478.71 Mobile Safari/537.36",
       "Chrome Webview 126", "Android 14", Device::kMobile},
      {"Mozilla/5.0 (Windows NT 6.1; Win64; x64; Trident/7.0; Touch; rv:11.0) like Gecko", "Internet Explorer 11",
       "Windows 7", Device::kDesktop},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 "
       "OPR/112.0.0.0",
       "Opera 112", "Linux", Device::kDesktop},
      {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
       "Chrome 128", "Chrome OS 14541", Device::kDesktop},
      {"Mozilla/5.0 (PlayStation 4 11.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Safari/605.1.15",
       "Safari 14", "PlayStation 4", Device::kConsole},
      {"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/4.0 "
       "Chrome/76.0.3809.146 TV Safari/537.36",
       "Samsung Browser 4", "Tizen 6", Device::kTv},
      {"Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile "
       "Safari/537.36",
       "Chrome Mobile 127", "Android 12", Device::kMobile},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const UserAgent reduced = Rules().Reduce(row.text);
    CHECK(Rules().BrowserLabel(reduced) == row.browser);
    CHECK(Rules().SystemLabel(reduced) == row.system);
    CHECK(ToString(reduced.device) == ToString(row.device));
    CHECK(reduced.is_browser);
    CHECK(!reduced.is_bot);
  }
}

TEST_CASE("a tablet is one though its browser says Mobile, if its family is well known") {
  struct Row {
    const char* model;
    Device device;
  };
  for (const Row& row : {
           Row{"SM-X700", Device::kTablet},
           Row{"Lenovo TB-X606F", Device::kTablet},
           Row{"CITI 8531 CS8218PL Build/R1", Device::kTablet},
           Row{"PA2353", Device::kTablet},
           Row{"Acme Slim 10.1 Build/R1", Device::kTablet},
           Row{"Acme Pad-A10 Build/R1", Device::kTablet},
           Row{"ABC55USX02 Build/R1", Device::kTv},
           Row{"SM-A546B", Device::kMobile},
           Row{"Acme 5.5 Build/R1", Device::kMobile},
           Row{"Acme A10 Build/9.10.1", Device::kMobile},
           Row{"Pixel 8 Build/UD1A.230803.041", Device::kMobile},
       }) {
    CAPTURE(row.model);
    const UserAgent reduced =
        Rules().Reduce(std::string("Mozilla/5.0 (Linux; Android 9; ") + row.model +
                       ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile Safari/537.36");
    CHECK(ToString(reduced.device) == ToString(row.device));
    CHECK(Rules().ToString(reduced).find("Acme") == std::string::npos);
  }
}

TEST_CASE("a phone with a system of computers is written as one that Matomo takes for a phone") {
  const UserAgent phone = Rules().Reduce("Mozilla/5.0 (X11; Linux i686; Mobile) UCBrowser/9.0 Mobile");
  CHECK(Rules().ToString(phone).find("(X11; Linux x86_64; Lumia 950)") != std::string::npos);
  CHECK(Rules().Reduce(Rules().ToString(phone)) == phone);
}

TEST_CASE("programs that no person browses with are no browsers") {
  for (const char* text :
       {"curl/8.5.0", "python-requests/2.31.0", "Go-http-client/1.1", "okhttp/4.12.0", "Java/17.0.2", "Wget/1.21.3",
        "PostmanRuntime/7.36.0", "axios/1.6.2", "GuzzleHttp/7", "MatomoMobile/2.4.9", "kube-probe/1.28", "HTTPie/3.2.2",
        "Apache-HttpClient/4.5.14 (Java/17.0.2)", "Python-urllib/3.11", "libwww-perl/6.68"}) {
    CAPTURE(text);
    const UserAgent reduced = Rules().Reduce(text);
    CHECK(!reduced.is_browser);
    CHECK(!reduced.is_bot);
    CHECK(reduced.browser != 0);
  }
}

TEST_CASE("a program without a name is no browser, though its system is known") {
  const UserAgent client = Rules().Reduce("acme-cli/1.0 (Linux x86_64)");
  CHECK(!client.is_browser);
  CHECK(Rules().SystemName(client.system) == "Linux");
  CHECK(Rules().Reduce(Rules().ToString(client)) == client);
  CHECK(Rules().Reduce("Mozilla/5.0 (X11; Linux x86_64) AcmeBrowser").is_browser);
}

TEST_CASE("of a bot nothing is kept but that it is one") {
  UserAgent bot;
  bot.is_bot = true;
  for (const char* text :
       {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "ELB-HealthChecker/2.0",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/126.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "Pingdom.com_bot_version_1.4",
        "facebookexternalhit/1.1", "Twitterbot/1.0", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html)", "AhrefsBot/7.0", "check_http/v2.3 (nagios-plugins 2.3)"}) {
    CAPTURE(text);
    CHECK(Rules().Reduce(text) == bot);
  }
  CHECK(Rules().Reduce(Rules().ToString(bot)) == bot);
}

TEST_CASE("an empty or unknown user agent is unknown, and its text is not empty") {
  for (const char* text : {"", "-", "x", "Acme Internal Client", "\xff\xfe", "%00"}) {
    CAPTURE(text);
    CHECK(Rules().Reduce(text) == UserAgent{});
  }
  CHECK(Rules().ToString(UserAgent{}) == "-");
  CHECK(Rules().BrowserLabel(UserAgent{}) == "Unknown");
  CHECK(Rules().SystemName(65535) == "Unknown");
}

TEST_CASE("a version beyond the bound is unknown") {
  const UserAgent reduced = Rules().Reduce("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/4711");
  CHECK(Rules().BrowserName(reduced.browser) == "Firefox");
  CHECK(reduced.browser_major == UserAgent::kNoMajor);
}

TEST_CASE("only the first KiB counts") {
  const std::string padding(64 * 1024, 'a');
  CHECK(Rules().Reduce(padding + " Firefox/128.0") == UserAgent{});
  CHECK(Rules().Reduce(std::string(64 * 1024, '(')) == UserAgent{});
}

// What a rendering of `user_agent` reduces to. That must not change any more when it is rendered and reduced again.
UserAgent Rendered(const UserAgent& user_agent) {
  const UserAgent once = Rules().Reduce(Rules().ToString(user_agent));
  CAPTURE(Rules().ToString(user_agent));
  CAPTURE(Rules().ToString(once));
  CHECK(Rules().Reduce(Rules().ToString(once)) == once);
  return once;
}

TEST_CASE("every system is rendered as itself, with any device") {
  UserAgent user_agent = Rules().Reduce("Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/100.0 Safari/537.36");
  for (std::uint16_t system = 1; system < Rules().system_count(); ++system) {
    user_agent.system = system;
    for (const std::uint16_t major : {UserAgent::kNoMajor, std::uint16_t{14}}) {
      user_agent.system_major = major;
      for (int device = 1; device <= static_cast<int>(Device::kOther); ++device) {
        user_agent.device = static_cast<Device>(device);
        const UserAgent once = Rendered(user_agent);
        CAPTURE(Rules().ToString(user_agent));
        const bool is_ipad = Rules().SystemName(system) == "iOS" && device == static_cast<int>(Device::kTablet);
        CHECK((is_ipad || Rules().SystemName(once.system) == Rules().SystemName(system)));
      }
    }
  }
}

TEST_CASE("every browser is rendered as itself, and with any device and system as something stable") {
  UserAgent user_agent;
  for (const char* system : {"Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (Linux; Android 14)", "x"}) {
    user_agent = Rules().Reduce(system);
    for (std::uint16_t browser = 1; browser < Rules().browser_count(); ++browser) {
      user_agent.browser = browser;
      for (const std::uint16_t major : {UserAgent::kNoMajor, std::uint16_t{12}}) {
        user_agent.browser_major = major;
        for (int device = 1; device <= static_cast<int>(Device::kOther); ++device) {
          user_agent.device = static_cast<Device>(device);
          const UserAgent once = Rendered(user_agent);
          CAPTURE(Rules().ToString(user_agent));
          if (system[0] != 'x' || major == UserAgent::kNoMajor) continue;
          CHECK(Rules().BrowserName(once.browser) == Rules().BrowserName(browser));
        }
      }
    }
  }
}

std::string RandomWord(std::mt19937* random, int size) {
  std::string word;
  for (int i = 0; i < size; ++i) word += static_cast<char>('a' + (*random)() % 26);
  return word;
}

// `text` with `token` put in at a random place.
std::string Plant(std::string text, const std::string& token, std::mt19937* random) {
  return text.insert((*random)() % (text.size() + 1), token);
}

TEST_CASE("no planted text survives") {
  std::mt19937 random(20261123);  // NOLINT: the same tokens in every run
  const std::array<std::string, 9> texts = {
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
      "Safari/605",
      "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
      "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari",
      "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
      "Opera/9.80 (X11; Linux i686) Presto/2.12.388 Version/12.16",
      "curl/8.5.0",
      "",
  };
  for (int i = 0; i < 900; ++i) {
    const std::string token = RandomWord(&random, 12);
    const std::string number = std::to_string(100000 + random() % 900000);
    std::string text = texts[static_cast<std::size_t>(i) % texts.size()];
    const std::vector<std::string> all = {token, " " + token + "/3.1", "; " + token + ")", "/" + number,
                                          "\xe2\x82\xac"};
    for (const std::string& planted : all) {
      text = Plant(text, planted, &random);
    }
    CAPTURE(text);
    const std::string rendered = Rules().ToString(Rules().Reduce(text));
    CHECK(rendered.find(token) == std::string::npos);
    CHECK(rendered.find(number) == std::string::npos);
    CHECK(std::all_of(rendered.begin(), rendered.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK(rendered.size() < 200);
  }
}

TEST_CASE("a device is kept where the browser alone would not tell it") {
  const UserAgent tv = Rules().Reduce(
      "Mozilla/5.0 (Linux; Android 11; TCL SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.0.0 "
      "Safari/537.36");
  CHECK(Rules().ToString(tv) ==
        "Mozilla/5.0 (Linux; Android 11; AndroidTV; Android TV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.0.0 "
        "Safari/537.36");
}

constexpr std::string_view kSmallRules = R"toml(bot_text = "Bot/1.0"
[marks]
tablet = "; Tablet"
[[system]]
id = "linux"
name = "Linux"
device = "desktop"
patterns = ['Linux']
text = "X11; Linux"
reason = "r"
accept = ["X11; Linux"]
[[browser]]
id = "firefox"
name = "Firefox"
patterns = ['Firefox/([0-9]+)', { pattern = 'Minefield', major = 3 }]
text = "Mozilla/5.0 ({system}) Firefox[/{major}.0]"
reason = "r"
accept = [{ text = "Firefox/12.0", major = 12 }, { text = "Minefield", major = 3 }]
[[device]]
id = "tablet"
device = "tablet"
patterns = ['Tablet']
reason = "r"
accept = ["(X; Tablet)"]
reject = ["(X; Table)"]
[[bot]]
id = "bot"
patterns = ['Bot']
reason = "r"
accept = ["Bot/1.0"]
reject = ["Boat/1.0"]
)toml";

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const std::size_t at = result.find(from);
  REQUIRE(at != std::string::npos);
  return result.replace(at, from.size(), to);
}

TEST_CASE("rules of one's own are read") {
  const auto rules = UserAgentRules::Parse(kSmallRules, "small.toml");
  const UserAgent reduced = rules->Reduce("Mozilla/5.0 (X11; Linux; Tablet) Minefield");
  CHECK(rules->BrowserLabel(reduced) == "Firefox 3");
  CHECK(rules->ToString(reduced) == "Mozilla/5.0 (X11; Linux; Tablet) Firefox/3.0");
}

const std::string kTokenRules = std::string(kSmallRules) + R"toml([[browser]]
id = "tokens"
reason = "r"
text = "{token}/[{major}.0]"
tokens = ["Surf", "Surf 3D", "Surfer", "Kite = kite-app"]
[[browser]]
id = "late"
name = "Late"
patterns = ['Late/([0-9]+)']
text = "Late/[{major}.0]"
reason = "r"
accept = [{ text = "Late/2", major = 2 }]
)toml";

TEST_CASE("what a user agent is taken for can be traced to the rules") {
  const auto rules = UserAgentRules::Parse(kTokenRules, "rules.toml");
  const UserAgentRules::Decision tablet = rules->Decide("Mozilla/5.0 (X11; Linux; Tablet) Surfer/4");
  CHECK(tablet.system == UserAgentRule{"linux", "rules.toml:4"});
  CHECK(tablet.browser == UserAgentRule{"tokens", "rules.toml:32"});
  CHECK(tablet.device == UserAgentRule{"tablet", "rules.toml:19"});
  CHECK(tablet.bot == UserAgentRule{});
  const UserAgentRules::Decision bot = rules->Decide("Mozilla/5.0 (X11; Linux) Bot/1.0");
  CHECK(bot.bot == UserAgentRule{"bot", "rules.toml:26"});
  CHECK(bot.system == UserAgentRule{});
}

TEST_CASE("of the tokens that begin a word the first one decides, and of two there the longer one") {
  const auto rules = UserAgentRules::Parse(kTokenRules, "tokens.toml");
  const std::array<std::array<const char*, 2>, 16> rows = {{
      {"Surf/3.1", "Surf 3"},
      {"X (surfer/4; SURF/3)", "Surfer 4"},
      {"Kite-App v5", "Kite 5"},
      {"Surf 3D/7", "Surf 3D 7"},
      {"Surf 3D, Surf/6", "Surf 3"},
      {"Surf/", "Surf"},
      {"Surf/v.8", "Surf 8"},
      {"Surf/1234567", "Surf"},
      {"\xe9Surf/2", "Surf 2"},
      {"xSurf/3 9surf/3 a.surf/3 a_surf/3 a-surf/3", "Unknown"},
      {"Surf", "Unknown"},
      {"Surf v", "Unknown"},
      {"Surfing/3", "Unknown"},
      {"Late/1 Surf/3", "Surf 3"},
      {"Surf/3 Firefox/9", "Firefox 9"},
      {"Surf Late/1", "Late 1"},
  }};
  for (const auto& [text, browser] : rows) {
    CAPTURE(text);
    CHECK(rules->BrowserLabel(rules->Reduce(text)) == browser);
  }
}

TEST_CASE("samples that are trusted are not checked, all else is") {
  const std::string failing = Replaced(kSmallRules, "major = 12", "major = 13");
  CHECK_NOTHROW(UserAgentRules::Parse(failing, "rules.toml", UserAgentRules::Samples::kTrust));
  const std::string broken = Replaced(kSmallRules, "'Linux'", "'Lin(ux'");
  CHECK_THROWS_AS(UserAgentRules::Parse(broken, "rules.toml", UserAgentRules::Samples::kTrust), ConfigError);
}

TEST_CASE("broken rules are refused with file and line") {
  struct Row {
    const char* from;
    const char* to;
    const char* error;
  };
  const Row rows[] = {
      {"'Linux'", "'Lin(ux'", "rules.toml:8: pattern"},
      {"[\"X11; Linux\"]", "[\"X11; BeOS\"]", "rules.toml:11: the sample matches no rule"},
      {"major = 12", "major = 13", "rules.toml:18: the sample has another major version"},
      {"{system}) F", "{sytem}) F", "not a template"},
      {"[/{major}.0]", "[/{major}.0", "not a template"},
      {"({system}) Firefox", "({system}) Firebird", "rendered as"},
      {"device = \"desktop\"", "device = \"toaster\"", "'device' is none of"},
      {"tablet = \"", "toaster = \"", "rules.toml:3: no device type"},
      {"bot_text = \"Bot/1.0\"", "", "bot_text"},
      {"name = \"Firefox\"", "", "name"},
      {"Boat", "Bot", "rules.toml:31: the sample is decided by 'bot'"},
      {"[marks]", "[marks", "rules.toml:2"},
      {"\"Surfer\"", "\"Surfer = \"", "a token is empty"},
      {"\"Surfer\"", "\"surf\"", "this token stands here twice"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    std::string error;
    try {
      static_cast<void>(UserAgentRules::Parse(Replaced(kTokenRules, row.from, row.to), "rules.toml"));
    } catch (const ConfigError& caught) {
      error = caught.what();
    }
    CAPTURE(error);
    CHECK(error.find(row.error) != std::string::npos);
  }
}

}  // namespace
}  // namespace hushlog
