#include "parsers/marked_lines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "parse_support.h"

namespace hushlog {
namespace {

struct Found {
  std::string text;
  std::vector<std::size_t> marks;  // from the beginning of the text
  bool has_nul = false;

  bool operator==(const Found&) const = default;
};

// One byte after the other.
std::vector<Found> Expected(std::string_view text) {
  std::vector<Found> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    Found line{std::string(text.substr(at, end - at)), {}, false};
    for (std::size_t i = at; i < end; ++i) {
      if (text[i] == '"' || text[i] == '\\' || text[i] == '\0') line.marks.push_back(i);
      line.has_nul |= text[i] == '\0';
    }
    lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

std::vector<Found> Actual(MarkedLines* lines, std::string_view text) {
  const Padded padded(text);
  std::vector<Found> all;
  lines->Start(padded.text());
  for (MarkedLine line; lines->Next(&line);) {
    Found found{std::string(line.text), {}, line.has_nul};
    const char* const end = line.text.data() + line.text.size();
    const char* mark = line.text.data();
    while ((mark = line.marks.From(mark)) < end) {
      found.marks.push_back(static_cast<std::size_t>(mark - padded.text().data()));
      ++mark;
    }
    all.push_back(found);
  }
  return all;
}

std::string RandomText(std::size_t size, std::string_view bytes, std::mt19937* random) {
  std::string text(size, ' ');
  for (char& c : text) c = bytes[(*random)() % bytes.size()];
  return text;
}

}  // namespace

TEST_CASE("lines and marks are those that a look at every byte finds, whatever the processor") {
  using namespace std::string_view_literals;
  std::mt19937 random(20261128);
  std::vector<MarkedLines> finders(MarkFinders().begin(), MarkFinders().end());
  for (const std::size_t size : {0, 1, 63, 64, 65, 127, 128, 1000, 16383, 16384, 16385, 40000, 100000}) {
    // Mostly others, with bytes that have a half in common with a mark; nothing but marks; no newline at all.
    for (const std::string_view bytes :
         {"abcdefghijklmnopqrstuvwxyz0123456789*\x1a\x82\xdc\x8a\x80\xa2\x02,LJ\"\\\n\0"sv, "\"\\\0\n"sv, "\"a"sv}) {
      const std::string text = RandomText(size, bytes, &random);
      CAPTURE(size);
      for (MarkedLines& lines : finders) CHECK(Actual(&lines, text) == Expected(text));
    }
  }
}

TEST_CASE("lines of a text are parsed as each of them alone is") {
  using namespace std::string_literals;
  for (const std::string name : {"nginx_combined.log", "apache_combined.log", "nginx_json.log"}) {
    CAPTURE(name);
    std::string text = ReadData(name);
    text += "\n\r\n\"broken\\\nwith \0 in it\n"s + text.substr(0, text.find('\n') - 1);
    const LogFormat format = LogFormat::Compile(name == "nginx_json.log" ? "nginx_json" : "combined");
    LineParser whole(format);
    const Padded padded(text);
    whole.Start(padded.text());
    for (const std::string& line : LinesOf(text)) {
      const Parsed alone(format.name(), line);
      LineStatus status;
      Request request;
      REQUIRE(whole.Next(&status, &request));
      CHECK(status == alone.status);
      if (status != LineStatus::kOk) continue;
      CHECK(request.time_ms == alone.request.time_ms);
      CHECK(request.target == alone.request.target);
      CHECK(request.user_agent == alone.request.user_agent);
    }
    LineStatus status;
    Request request;
    CHECK_FALSE(whole.Next(&status, &request));
  }
}

}  // namespace hushlog
