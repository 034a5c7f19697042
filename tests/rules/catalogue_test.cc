#include "rules/catalogue.h"

#include <doctest/doctest.h>

#include <string>

#include "rules/config_error.h"
#include "rules/rule_files.h"

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
    std::string_view text, error;
  } static const kCases[] = {
      {"[names]\nparameters = [", "c.toml:2: "},
      {"[names]\nparameters = [\"a\"]\nplanets = []", "c.toml:3: unknown key 'planets'"},
      {"[names]\nparameters = [\"a\",\n\"a\"]", "c.toml:3: 'a' is listed twice"},
      {"[names]\nparameters = [\"\"]", "c.toml:2: a name is made of"},
      {"[names]\nparameters = [\"jane@example.org\"]", "c.toml:2: a name is made of"},
      {"[names]\ncategories = [\"a/b\"]", "c.toml:2: a name is made of"},
      {"[names]\nparameters = \"a\"", "c.toml:2: 'parameters' must be a list of texts"},
      {"[names]\nparameters = [1]", "c.toml:2: 'parameters' must hold texts only"},
      {"[[names]]\n", "c.toml:1: write [names]"},
      {"\n[plugins.Actions]\nreason = \"r\"\naction = []", "c.toml:4: unknown key 'action'"},
      {"[plugins]\nActions = 1", "c.toml:2: write [plugins.Actions]"},
      {"[plugins.\"A b\"]\nreason = \"r\"\n", "c.toml:1: the name of a plugin"},
      {"[plugins.A]\nreason = \"r\"\nactions = [\"\"]", "c.toml:3: a name is made of"},
      {"[Actions]\n", "c.toml:1: no rule file has a table 'Actions'"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    std::string what;
    try {
      hushlog::RuleFiles files("c.toml", c.text);
      (void)Catalogue::Load(&files);
      files.Check();
    } catch (const hushlog::ConfigError& error) {
      what = error.what();
    }
    CAPTURE(what);
    CHECK(what.starts_with(c.error));
  }
}
