// What not even targets with `anonymize = false` may get: credentials under names that say so, and tokens anywhere.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/line_processor.h"
#include "src/visits/hit_encoder.h"
#include "src/visits/visits.h"
#include "tests/canary/log_writer.h"
#include "tests/canary/secret.h"

namespace hushlog::test {
namespace {

constexpr std::string_view kFormat =
    R"($host $remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" "$http_user_agent")";
constexpr std::string_view kFirefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
constexpr std::string_view kPage = "/index.php?module=CoreHome&action=index&idSite=2&period=day&date=yesterday";
constexpr std::string_view kWidget =
    "/index.php?module=Actions&action=getPageUrls&idSite=2&period=day&date=yesterday&widget=&showtitle=1&random=7";

// URLs of pages, with {0} where the secret stands. Short ones look like words: only their names tell what they are.
constexpr std::array<std::string_view, 23> kNamed = {
    "/index.php?module=CoreHome&action=index&idSite=2&token_auth={0}",
    "/index.php?token_auth={0}&module=CoreHome&action=index&idSite=2",
    "/index.php?module=CoreHome&action=index&idSite=2&TOKEN_AUTH={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&token.auth={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&%74oken_auth={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&token_auth%5B%5D={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&password={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&form_password_bis={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&acme[password]={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&PHPSESSID={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&MATOMO_SESSID={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&form_nonce={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&apiKey={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&segment=pageUrl%3D%3Dhttps%3A%2F%2Fa%2F%3Ftoken_auth%3D{0}",
    "/index.php?module=CoreHome&action=index&idSite=2&url=https%3A%2F%2Fjane%3A{0}%40example.org%2F",
    "/index.php?module=CoreHome&action=index&idSite=2&popover=RowAction$3ATransitions$3Atoken_auth$3D{0}",
    "/index.php?module=CoreHome&action=index&idSite=2&params=%7B%22password%22%3A%22{0}%22%7D",
    "/index.php?module=CoreHome&action=index&idSite=2&urls[0]=method%3DGoals.get%26token_auth%3D{0}",
    "/index.php?module=CoreHome&action=index&idSite=2#?token_auth={0}",
    "/matomo/index.php;jsessionid={0}?module=CoreHome&action=index&idSite=2",
    "/token/{0}/index.php?module=CoreHome&action=index&idSite=2",
    "https://jane:{0}@matomo.example.org/index.php?module=CoreHome&action=index&idSite=2",
    "https://{0}@matomo.example.org/index.php?module=CoreHome&action=index&idSite=2",
};
// Tokens are known by their length, wherever they stand.
constexpr std::array<std::string_view, 6> kAnywhere = {
    "/index.php?module=CoreHome&action=index&idSite=2&label={0}",
    "/index.php?module=CoreHome&action=index&idSite=2&{0}=1",
    "/index.php?module=CoreHome&action=index&idSite=2&{0}",
    "/index.php?module=CoreHome&action=index&idSite={0}",
    "/index.php?module=CoreHome&action={0}&idSite=2",
    "/{0}/index.php?module=CoreHome&action=index&idSite=2",
};
constexpr std::array<Disguise, 9> kReadable = {
    Disguise::kPlain,           Disguise::kOtherCase,     Disguise::kPercent,
    Disguise::kPercentTwice,    Disguise::kPercentThrice, Disguise::kDollar,
    Disguise::kPercentOfDollar, Disguise::kHex,           Disguise::kUpperHex};

// A password of twelve bytes.
std::string Password(std::uint64_t number) { return Secret(number).substr(0, 12); }

class IdentifiedHits : private HitSink {
 public:
  // What is sent for a page of this URL, and for a widget that is asked for from there.
  std::string Of(std::string_view url, const std::string& user) {
    const bool is_path = url.starts_with('/');
    const std::string page = is_path ? fmt::format("https://matomo.example.org{}", url) : std::string(url);
    sent_.clear();
    Take("GET", std::string(url), "-", user);
    Take("POST", std::string(kWidget), page, user);
    visits_.Finish();
    return sent_;
  }

 private:
  void Take(std::string_view method, const std::string& target, const std::string& referer, const std::string& user) {
    LogEntry entry;
    entry.time_s = time_s_ += 1000;
    entry.values = {{"host", "matomo.example.org"},
                    {"remote_addr", "192.0.2.7"},
                    {"remote_user", user},
                    {"request_method", std::string(method)},
                    {"request_uri", target},
                    {"server_protocol", "HTTP/2.0"},
                    {"status", "200"},
                    {"bytes_sent", "9"},
                    {"http_referer", referer},
                    {"http_user_agent", std::string(kFirefox)}};
    std::string line = WriteLine(kFormat, entry) + "\n";
    const std::size_t size = line.size();
    line.append(kLinePadding, '\0');
    actions_.clear();
    processor_.Process(format_, std::string_view(line).substr(0, size), &actions_, &counts_);
    for (const UiAction& action : actions_.actions) visits_.Consume(action, actions_.ParametersOf(action));
  }
  void OnHit(const Hit& hit) override {
    AppendIdentifiedParams(hit, rules_->user_agents(), &sent_);
    sent_ += '\n';
  }

  std::shared_ptr<const RuleSet> rules_ = RuleSet::Shipped();
  std::shared_ptr<const LogFormat> format_ = std::make_shared<const LogFormat>(LogFormat::Compile(kFormat));
  EphemeralDayKeys keys_;
  LineProcessor processor_{*rules_, keys_, nullptr, true};
  Visits visits_{*rules_, *this, 10, nullptr, true};
  ActionBatch actions_;
  LineCounts counts_;
  std::int64_t time_s_ = 1'795'464'000;
  std::string sent_;
};

struct Fixture {
  IdentifiedHits hits;
  SecretFinder finder;

  void CheckClean(const std::string& url, const std::string& user) {
    const std::string sent = hits.Of(url, user);
    CHECK_MESSAGE(std::ranges::count(sent, '\n') >= 2, url, " gives ", sent);
    const auto found = finder.Find(sent);
    CHECK_MESSAGE(!found, "of ", url, " is sent ", found.value_or(""));
  }
};

TEST_CASE_FIXTURE(Fixture, "identified hits hold what they are meant to") {
  const std::string sent = hits.Of(std::string(kPage) + "&label=word", "jane");
  CHECK(sent.find("label=word") != std::string::npos);
  CHECK(sent.find("jane") != std::string::npos);
  // Nobody can know that this is one; so the search for secrets finds it.
  CHECK(finder.Find(hits.Of(fmt::format("{}&label={}", kPage, Password(1)), "jane")));
}

TEST_CASE_FIXTURE(Fixture, "no password, token or session is in identified hits if its name tells what it is") {
  std::uint64_t number = 0;
  for (const std::string_view url : kNamed) {
    for (std::size_t disguise = 0; disguise < kDisguises; ++disguise) {
      const std::string secret = Disguised(Password(++number), static_cast<Disguise>(disguise));
      CheckClean(fmt::format(fmt::runtime(url), secret), "jane");
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "no token is in identified hits, wherever it stands") {
  std::uint64_t number = 0;
  for (const std::string_view url : kAnywhere) {
    for (const Disguise disguise : kReadable) {
      CheckClean(fmt::format(fmt::runtime(url), Disguised(Secret(++number), disguise)), "jane");
    }
  }
  CheckClean(std::string(kPage), Secret(1));
}

}  // namespace
}  // namespace hushlog::test
