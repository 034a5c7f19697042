#include "parsers/line_splitter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace hushlog {

TEST_CASE("text is cut at newlines and nowhere else") {
  struct Case {
    std::string_view text;
    std::vector<std::string> lines;
  };
  const Case cases[] = {
      {"", {}}, {"\n", {""}}, {"a", {"a"}}, {"a\n", {"a"}}, {"a\nb", {"a", "b"}}, {"a\r\n\nb\n", {"a\r", "", "b"}},
  };
  for (const Case& test : cases) {
    CAPTURE(test.text);
    std::vector<std::string> lines;
    LineSplitter splitter(test.text);
    for (std::string_view line; splitter.Next(&line);) lines.emplace_back(line);
    CHECK(lines == test.lines);
  }
}

}  // namespace hushlog
