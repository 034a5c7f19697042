#include "parsers/log_escape.h"

#include <doctest/doctest.h>

#include <string>

namespace hushlog {
namespace {

std::string Unescaped(std::string_view text) {
  std::string out(text.size(), '#');
  out.resize(static_cast<std::size_t>(Unescape(text, out.data()) - out.data()));
  return out;
}

}  // namespace

TEST_CASE("escapes of nginx, Apache and JSON are undone") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"plain", "plain"},
      {R"(a\x22b\x5Cc)", "a\"b\\c"},                  // nginx
      {R"(\xc3\xbc\xC3\xBC)", "\xc3\xbc\xc3\xbc"},    // Apache writes small letters
      {R"(\"q\" \\ \t \n \r)", "\"q\" \\ \t \n \r"},  // Apache
      {R"(\b\f\v\/)", "\b\f\v/"},
      {R"(\u00fc \u20ac)", "\xc3\xbc \xe2\x82\xac"},  // JSON
      {R"(\ud83d\ude00)", "\xf0\x9f\x98\x80"},
      {R"(\\x41)", "\\x41"},  // an escaped backslash begins no escape
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(Unescaped(text) == expected);
  }
}

TEST_CASE("what is no escape stays as it is") {
  for (const std::string_view text : {R"(\)", R"(a\)", R"(\q)", R"(\x)", R"(\x4)", R"(\xg0)", R"(\u12)", R"(\u12g4)"}) {
    CAPTURE(text);
    CHECK(Unescaped(text) == text);
  }
  CHECK(Unescaped(R"(\ud800x)") == "\xef\xbf\xbdx");  // half a pair
  CHECK(Unescaped(R"(\udc00\ud800)") == "\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace hushlog
