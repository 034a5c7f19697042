#include "src/visits/page_titles.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/catalogue.h"

namespace hushlog {
namespace {

std::string Title(PageName page) {
  std::string title;
  AppendTitle(page, &title);
  return title;
}

TEST_CASE("the title of a report page leaves out translation prefixes and numbers") {
  struct Row {
    std::string category;
    std::string subcategory;
    std::string title;
  };
  for (const Row& row : {Row{"General_Visitors", "General_Overview", "Visitors Overview"},
                         Row{"General_Actions", "Actions_SubmenuPageTitles", "Actions SubmenuPageTitles"},
                         Row{"Dashboard_Dashboard", "1", "Dashboard"}, Row{"Goals_Goals", "12", "Goals"},
                         Row{"General_Actions", "customdimension2", "Actions Customdimension2"},
                         Row{"Goals_Ecommerce", "", "Ecommerce"}}) {
    CAPTURE(row.category);
    CAPTURE(row.subcategory);
    CHECK(Title(ReportPageName(row.category, row.subcategory)) == row.title);
  }
}

TEST_CASE("the title of a document is its module and action with capital letters") {
  CHECK(Title({"CoreHome", "index"}) == "CoreHome Index");
  CHECK(Title({"API", "listAllAPI"}) == "API ListAllAPI");
  CHECK(Title({"Login", ""}) == "Login");
}

TEST_CASE("a page URL shows parameters in their order, and what is hidden as XYZ") {
  const auto catalogue = Catalogue::Shipped();
  const auto parameter = [&](const char* name, Parameter::Kind kind) {
    Parameter made;
    made.name = catalogue->Parameter(name);
    made.kind = kind;
    return made;
  };
  std::vector<Parameter> parameters = {
      parameter("module", Parameter::Kind::kName),    parameter("period", Parameter::Kind::kName),
      parameter("date", Parameter::Kind::kDate),      parameter("idSite", Parameter::Kind::kNumber),
      parameter("segment", Parameter::Kind::kHidden), parameter("idGoal", Parameter::Kind::kEmpty)};
  parameters[1].value = catalogue->Word("range");
  parameters[2].date = {DateValue::Kind::kRange, 20780, 20782};
  parameters[3].number = 5;
  std::string url;
  AppendPageUrl({"Actions", "Pages"}, parameters, *catalogue, &url);
  CHECK(url ==
        "https://demo-anonymous.matomo.org/Actions/Pages/?period=range&date=2026-11-23,2026-11-25&idSite=5"
        "&segment=XYZ&idGoal=");
}

TEST_CASE("a page URL names a page without action default, and the login form not at all") {
  const auto catalogue = Catalogue::Shipped();
  std::string url;
  AppendPageUrl({"Goals", ""}, {}, *catalogue, &url);
  CHECK(url == "https://demo-anonymous.matomo.org/Goals/default/?");
  url.clear();
  AppendPageUrl({"", ""}, {}, *catalogue, &url);
  CHECK(url == "https://demo-anonymous.matomo.org/?");
}

TEST_CASE("every kind of date is written as Matomo reads it") {
  const auto catalogue = Catalogue::Shipped();
  struct Row {
    DateValue date;
    std::string text;
  };
  for (const Row& row :
       {Row{{DateValue::Kind::kDay, 0, 0}, "1970-01-01"}, Row{{DateValue::Kind::kToday, 0, 0}, "today"},
        Row{{DateValue::Kind::kYesterday, 0, 0}, "yesterday"}, Row{{DateValue::Kind::kNow, 0, 0}, "now"},
        Row{{DateValue::Kind::kLast, 7, 0}, "last7"}, Row{{DateValue::Kind::kPrevious, 30, 0}, "previous30"},
        Row{{DateValue::Kind::kRangeToToday, 20780, 0}, "2026-11-23,today"},
        Row{{DateValue::Kind::kRangeToYesterday, 20780, 0}, "2026-11-23,yesterday"}}) {
    Parameter date;
    date.name = catalogue->Parameter("date");
    date.kind = Parameter::Kind::kDate;
    date.date = row.date;
    std::string url;
    AppendPageUrl({"Goals", ""}, std::vector<Parameter>{date}, *catalogue, &url);
    CHECK(url == std::string("https://demo-anonymous.matomo.org/Goals/default/?date=") + row.text);
  }
}

}  // namespace
}  // namespace hushlog
