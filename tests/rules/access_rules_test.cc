#include "rules/access_rules.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/config_error.h"
#include "rules/recognizer.h"
#include "tests/rules/support.h"

namespace hushlog {
namespace {

// What is known after these requests: "GET /index.php?module=Login 200".
std::string AccessAfter(const std::vector<std::string>& requests) {
  const RuleSet& rules = *RuleSet::Shipped();
  EphemeralDayKeys keys;
  Recognizer recognizer(rules, keys);
  Access access = Access::kUnknown;
  for (const std::string& request : requests) {
    const std::size_t first = request.find(' ');
    const std::size_t last = request.rfind(' ');
    ActionBatch batch;
    const std::string target = request.substr(first + 1, last - first - 1);
    const std::string method = request.substr(0, first);
    (void)recognizer.Recognize(test::MakeRequest(method, target, std::stoi(request.substr(last))), &batch);
    for (const UiAction& action : batch.actions) access = rules.access().After(action, access);
  }
  return std::string(ToText(access));
}

const std::string kReporting = "GET /index.php?module=CoreHome&action=index&idSite=2&period=day&date=today";
const std::string kForm = "GET /index.php?module=Login 200";
const std::string kLogin = "POST /index.php?module=Login 302";
const std::string kSettings = "GET /index.php?module=CoreAdminHome&action=generalSettings";

TEST_CASE("the access of a visitor is what the requests prove") {
  struct Row {
    std::vector<std::string> requests;
    std::string access;
  };
  for (const Row& row : {
           Row{{kReporting + " 200"}, ""},
           Row{{kForm}, "anonymous"},
           Row{{"GET / 200"}, "anonymous"},
           Row{{kReporting + " 403"}, "anonymous"},
           Row{{kForm, kReporting + " 200"}, "anonymous"},
           Row{{"POST /index.php?module=Login 403"}, "anonymous"},
           Row{{kForm, kLogin}, "user"},
           Row{{"GET /index.php?module=UsersManager&action=userSettings 200"}, "user"},
           Row{{kSettings + " 200"}, "superuser"},
           Row{{kSettings + " 403"}, "anonymous"},
           Row{{kLogin, kSettings + " 403"}, "user"},
           Row{{kLogin, kSettings + " 200", kReporting + " 200"}, "superuser"},
           Row{{kLogin, kSettings + " 200", "GET /index.php?module=Login&action=logout 302"}, "anonymous"},
           Row{{"POST /index.php?module=API&method=SitesManager.addSite&format=json 200"}, "superuser"},
           Row{{"POST /index.php?module=API&method=SitesManager.addSite&format=json 401"}, ""},
       }) {
    CAPTURE(row.requests.back());
    CHECK(AccessAfter(row.requests) == row.access);
  }
}

TEST_CASE("broken access rules are refused with file and line") {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      RuleFiles files("a.toml", text);
      const AccessRules rules(&files, *Catalogue::Shipped());
      files.Check();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  const std::string reason = "reason = \"Because.\"\n";
  CHECK(error_of("[[access]]\nid = \"a\"\nlevel = \"user\"\ncalls = [\"UsersManager.index\"]\n" + reason).empty());
  CHECK(error_of("[[access]]\nid = \"a\"\nlevel = \"admin\"\n" + reason).find("a.toml:1: 'level' is one of") !=
        std::string::npos);
  CHECK(error_of("[[access]]\nid = \"a\"\nlevel = \"user\"\ncalls = [\"Nobody.index\"]\n" + reason)
            .find("a.toml:4: 'Nobody.index' is not in the catalogue") != std::string::npos);
  CHECK(error_of("[[access]]\nid = \"a\"\nlevel = \"user\"\n").find("reason") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
