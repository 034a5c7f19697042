#include "rules/language.h"

#include <doctest/doctest.h>

#include <string>

namespace hushlog {
namespace {

TEST_CASE("the first language and its region are kept") {
  struct Row {
    const char* header;
    const char* reduced;
  };
  const Row rows[] = {
      {"de-AT,de;q=0.9,en;q=0.8", "de-at"},
      {"en", "en"},
      {"EN-us", "en-us"},
      {"pt_BR", "pt-br"},
      {"fr;q=0.7", "fr"},
      {" nl-NL , nl", "nl-nl"},
      {"zh-Hans-CN", "zh-cn"},
      {"zh-Hant", "zh"},
      {"sr-Latn-RS-x-private", "sr-rs"},
      {"de-DE-1996", "de-de"},
      {"iw-IL", "he-il"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK(ReduceLanguage(row.header).ToString() == row.reduced);
  }
}

TEST_CASE("what is in no list is dropped") {
  struct Row {
    const char* header;
    const char* reduced;
  };
  const Row rows[] = {
      {"", ""},       {"-", ""},       {"*", ""},           {",de", ""},      {"tok-en", ""},
      {"xx-DE", ""},  {"de-XX", "de"}, {"de-x-at", "de"},   {"es-419", "es"}, {"en-secret", "en"},
      {"gsw-CH", ""}, {"d e", ""},     {"\xc3\xa4-de", ""}, {"de\xff", ""},   {"en-u-ca-gregory-us", "en"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK(ReduceLanguage(row.header).ToString() == row.reduced);
  }
}

TEST_CASE("no code straddles two codes of a list") {
  int languages = 0;
  for (char first = 'a'; first <= 'z'; ++first) {
    for (char second = 'a'; second <= 'z'; ++second) {
      const std::string code{first, second};
      languages += ReduceLanguage(code).language[0] != 0 ? 1 : 0;
    }
  }
  // three of them are read as the codes that replaced them
  CHECK(languages == 183 + 3);
}

}  // namespace
}  // namespace hushlog
