#include "rules/catalogue.h"

#include <doctest/doctest.h>

#include <string>

#include "rules/config_error.h"

using hushlog::Catalogue;
using hushlog::Name;

TEST_CASE("names are found by what they are") {
  const auto catalogue = Catalogue::Shipped();
  const Name actions = catalogue->Plugin("Actions");
  CHECK(catalogue->Text(actions) == "Actions");
  CHECK(catalogue->Text(catalogue->Action(actions, "getPageUrls")) == "getPageUrls");
  CHECK(catalogue->Text(catalogue->Action(actions, "menuGetPageUrls")) == "menuGetPageUrls");
  CHECK(catalogue->Text(catalogue->ApiMethod(catalogue->Plugin("SegmentEditor"), "add")) == "add");
  CHECK(catalogue->Text(catalogue->Parameter("idSite")) == "idSite");
  CHECK(catalogue->Text(catalogue->Category("General_Actions")) == "General_Actions");
  CHECK(catalogue->Text(catalogue->Subcategory("General_Pages")) == "General_Pages");
  CHECK(catalogue->Text(catalogue->Popover("RowAction:Transitions")) == "RowAction:Transitions");
  CHECK(catalogue->Text(catalogue->Word("day")) == "day");
  CHECK(catalogue->Text(catalogue->Find("idSite")) == "idSite");
}

TEST_CASE("a name that is not public, or not of that kind, is a placeholder") {
  const auto catalogue = Catalogue::Shipped();
  const Name actions = catalogue->Plugin("Actions");
  CHECK(catalogue->Text(Name::kPlaceholder) == "XYZ");
  CHECK(catalogue->Plugin("OurPlugin") == Name::kPlaceholder);
  CHECK(catalogue->Plugin("actions") == Name::kPlaceholder);
  CHECK(catalogue->Plugin("XYZ") == Name::kPlaceholder);
  CHECK(catalogue->Plugin("getPageUrls") == Name::kPlaceholder);
  CHECK(catalogue->Action(actions, "getCountry") == Name::kPlaceholder);
  CHECK(catalogue->Action(Name::kPlaceholder, "getPageUrls") == Name::kPlaceholder);
  CHECK(catalogue->ApiMethod(actions, "menuGetPageUrls") == Name::kPlaceholder);
  CHECK(catalogue->Parameter("day") == Name::kPlaceholder);
  CHECK(catalogue->Word("idSite") == Name::kPlaceholder);
  CHECK(catalogue->Find("no such name") == Name::kNone);
}

TEST_CASE("no text is no name") {
  const auto catalogue = Catalogue::Shipped();
  CHECK(catalogue->Text(Name::kNone) == "");
  CHECK(catalogue->Plugin("") == Name::kNone);
  CHECK(catalogue->Action(catalogue->Plugin("Actions"), "") == Name::kNone);
  CHECK(catalogue->Parameter("") == Name::kNone);
}

TEST_CASE("a broken catalogue is refused with file and line") {
  struct {
    std::string_view names, plugins, error;
  } static const kCases[] = {
      {"parameters = [", "", "names.toml:1: "},
      {"parameters = [\"a\"]\nplanets = []", "", "names.toml:2: unknown key 'planets'"},
      {"parameters = [\"a\",\n\"a\"]", "", "names.toml:2: empty, or listed twice"},
      {"parameters = \"a\"", "", "names.toml:1: 'parameters' must be a list of texts"},
      {"parameters = [1]", "", "names.toml:1: 'parameters' must hold texts only"},
      {"", "\n[Actions]\naction = []", "plugins.toml:3: unknown key 'action'"},
      {"", "Actions = 1", "plugins.toml:1: a plugin is written [Actions]"},
      {"", "[A]\nactions = [\"\"]", "plugins.toml:2: an empty name"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.error);
    std::string what;
    try {
      (void)Catalogue::Load({"names.toml", c.names}, {{"plugins.toml", c.plugins}});
    } catch (const hushlog::ConfigError& error) {
      what = error.what();
    }
    CHECK(what.starts_with(c.error));
  }
}
