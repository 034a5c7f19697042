#include "rules/identified.h"

#include <doctest/doctest.h>

#include <string>

#include "rules/rule_set.h"
#include "tests/rules/support.h"

namespace hushlog {
namespace {

const IdentifiedFields& Fields() { return RuleSet::Shipped()->identified(); }

Request Document(std::string_view target, std::string_view host = "matomo.example.org") {
  Request request = test::MakeRequest("GET", target, 200);
  request.host = host;
  request.referer = {};
  return request;
}

std::string PageOf(const std::string& target) { return Fields().Read(Document(target), true).page; }

TEST_CASE("a document keeps its URL, without secrets") {
  const std::string host = "https://matomo.example.org";
  struct Row {
    std::string target;
    std::string page;
  };
  for (const Row& row : {
           Row{"/", "/"},
           Row{"/index.php?module=AcmeReports&action=index&idSite=57&label=Jane%20Doe",
               "/index.php?module=AcmeReports&action=index&idSite=57&label=Jane%20Doe"},
           Row{"/index.php?module=Goals&token_auth=0123&idSite=1", "/index.php?module=Goals&idSite=1"},
           Row{"/index.php?TOKEN%5fauth=0123&idSite=1", "/index.php?idSite=1"},
           Row{"/index.php?token.auth=0123&b[token]=1&token[]=2&c[x][user%5Bkey%5D]=3&form[nonce=4&a=1",
               "/index.php?a=1"},
           Row{"/index.php?acmeApiKey=7&userPassword=x&form_nonce=n&state=s&a=1", "/index.php?a=1"},
           // Within a value, encoded once or more often.
           Row{"/index.php?next=%2Findex.php%3Ftoken_auth%3D0123&a=1", "/index.php?a=1"},
           Row{"/index.php?next=%252Findex.php%253Ftoken_auth%253D0123&a=1", "/index.php?a=1"},
           Row{"/index.php?urls[0]=method%3DA.b%26token_auth%3D0123&a=1", "/index.php?a=1"},
           Row{"/index.php?x={\"b\":{\"password\":\"hunter2\"}}&a=1", "/index.php?a=1"},
           Row{"/index.php?x==password=hunter2&y=note:+password=b&z=b=c%20password=d&a=1", "/index.php?a=1"},
           Row{"/index.php?x=$3Fpassword$3Dhunter2&y=b%24253Fpassword%24253Db&a=1", "/index.php?a=1"},
           Row{"/index.php?x=%252525253Fpassword%252525253Dhunter2&a=1", "/index.php?a=1"},
           Row{"/index.php?x=http://bob:hunter2@host/&a=1", "/index.php?a=1"},
           Row{"/index.php?segment=country==de;city==Wien&a=1", "/index.php?segment=country==de;city==Wien&a=1"},
           Row{"/index.php/token/hunter2/b?a=1", "/index.php/XYZ?a=1"},
           // What looks like a token.
           Row{"/index.php?a1b2c3d4e5f6a7b8c9d0e1f2=1&a1b2c3d4e5f6a7b8c9d0e1f2=&a=1", "/index.php?a=1"},
           Row{"/index.php?x=0123456789abcdef0123456789abcdef&a=1", "/index.php?a=1"},
           Row{"/index.php?0123456789abcdef0123456789abcdef", "/index.php"},
           Row{"/share/0123456789abcdef0123456789abcdef/index.php", "/share/XYZ/index.php"},
           Row{"/index.php;jsessionid=0123?a=1", "/index.php?a=1"},
           Row{"/index.php?a=1#token_auth=0123", "/index.php?a=1"},
           Row{"/index.php?a=\"<b>\x01", "/index.php?a=%22%3Cb%3E%01"},
           Row{"http://matomo.example.org/index.php?a=1", "/index.php?a=1"},
       }) {
    CAPTURE(row.target);
    CHECK(PageOf(row.target) == host + row.page);
  }
}

TEST_CASE("a log without hosts tells the path of a document") {
  CHECK(Fields().Read(Document("/index.php?a=1&token=2", ""), true).page == "/index.php?a=1");
}

TEST_CASE("other requests tell the page that they come from, if it is one of this host") {
  struct Row {
    std::string host;
    std::string referer;
    std::string page;
  };
  for (const Row& row : {
           Row{"m.example.org", "https://m.example.org/index.php?idSite=2", "https://m.example.org/index.php?idSite=2"},
           Row{"m.example.org:8080", "http://m.example.org/?a=1", "http://m.example.org:8080/?a=1"},
           Row{"m.example.org", "https://jane:secret@m.example.org/?a=1", "https://m.example.org/?a=1"},
           // Without a host, and from another place.
           Row{"", "https://m.example.org/index.php?a=1", "/index.php?a=1"},
           Row{"", "https://crm.example.org/customer/4711?name=Jane", ""},
           Row{"m.example.org", "https://intranet.example.org/?a=1", ""},
           Row{"m.example.org", "", ""},
           Row{"", "", ""},
       }) {
    CAPTURE(row.referer);
    Request request = Document("/index.php?module=API", row.host);
    request.referer = row.referer;
    CHECK(Fields().Read(request, false).page == row.page);
  }
}

TEST_CASE("a user is what the log has, if it is text") {
  Request request = Document("/");
  for (const auto& [user, found] : {std::pair<std::string, std::string>{"jane", "jane"},
                                    {"", ""},
                                    {"a\nb", ""},
                                    {"ghp_a1b2c3d4e5f6a7b8c9d0e1f2", ""},
                                    {std::string(101, 'a'), ""}}) {
    request.remote_user = user;
    CHECK(Fields().Read(request, true).user == found);
  }
}

TEST_CASE("a plugin or action that looks like a token is no title") {
  const IdentifiedFacts facts =
      Fields().Read(Document("/index.php?module=AcmeReports&action=a1b2c3d4e5f6a7b8c9d0e1f2"), true);
  CHECK(facts.plugin == "AcmeReports");
  CHECK(facts.action.empty());
}

TEST_CASE("a site can name more that is secret") {
  const SiteRules site{"site.toml", "[secrets]\nwords = [\"customer\"]\n"};
  const auto rules = RuleSet::Load({&site, 1});
  const IdentifiedFacts facts = rules->identified().Read(Document("/?acmeCustomer=7&token_auth=1&a=1"), true);
  CHECK(facts.page == "https://matomo.example.org/?a=1");
}

}  // namespace
}  // namespace hushlog
