#include "src/base/nearest.h"

#include <doctest/doctest.h>

namespace hushlog {
namespace {

const std::vector<std::string_view> kNames = {"import", "init", "report", "rules", "state_dir", "rules_dir", "n"};

TEST_CASE("a mistyped name finds the known one that is nearest") {
  struct Case {
    std::string_view word, nearest;
  };
  for (const Case& each : {
           Case{"imprt", "import"},        // one letter less
           Case{"improt", "import"},       // two the other way round
           Case{"importt", "import"},      // one more
           Case{"IMPORT", "import"},       // in capitals
           Case{"rport", "report"},        //
           Case{"statedir", "state_dir"},  //
           Case{"rules-dir", "rules_dir"},
           Case{"access.log", ""},  // near to none
           Case{"x", ""},           // every letter is another
           Case{"", ""},
       }) {
    CAPTURE(each.word);
    CHECK(Nearest(each.word, kNames) == each.nearest);
  }
}

TEST_CASE("a word of any length is compared in no time") {
  CHECK(Nearest(std::string(10'000'000, 'i'), kNames).empty());
}

TEST_CASE("only a near name becomes a question") {
  CHECK(DidYouMean("initt", kNames) == "; did you mean 'init'?");
  CHECK(DidYouMean("zebra", kNames).empty());
}

}  // namespace
}  // namespace hushlog
