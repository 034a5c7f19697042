// Shared by the tests of rules/: requests made by hand, and actions written out in full.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "parsers/request.h"
#include "rules/catalogue.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"

namespace hushlog::test {

inline constexpr std::string_view kBrowser =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";
inline constexpr std::string_view kProgram = "python-requests/2.31.0";
inline constexpr std::string_view kBot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
inline constexpr std::string_view kReferer =
    "https://analytics.example.org/index.php?module=CoreHome&action=index&idSite=2";

// A request of a browser, made by a page.
Request MakeRequest(std::string_view method, std::string_view target, int status);

// "report VisitsSummary.get idSite=2&period=day": class, call and parameters of an action.
std::string Describe(const UiAction& action, const ActionBatch& batch, const Catalogue& catalogue);

// What Load() says is wrong with the rules of a site in one file "s.toml", or "accepted".
std::string SiteMistakes(const std::string& text);
// The shipped rules and those of a site in one file. Throws ConfigError.
std::shared_ptr<const RuleSet> WithSite(const std::string& text);

// Keys that differ from day to day and are the same in each run.
class FixedDayKeys final : public DayKeys {
 public:
  DayKey KeyFor(std::int32_t day) override;
  int calls() const { return calls_; }

 private:
  int calls_ = 0;
};

}  // namespace hushlog::test
