#include "src/base/tell.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

namespace hushlog {
namespace {

// What `tell` writes to standard error, in this style.
template <typename F>
std::string Told(LogStyle style, F tell) {
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const int usual = dup(STDERR_FILENO);
  dup2(pipe_ends[1], STDERR_FILENO);
  SetLogStyle(style);
  tell();
  SetLogStyle({});
  std::fflush(stderr);
  dup2(usual, STDERR_FILENO);
  close(usual);
  close(pipe_ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = read(pipe_ends[0], text.data(), text.size());
  close(pipe_ends[0]);
  return text.substr(0, size > 0 ? static_cast<std::size_t>(size) : 0);
}

void TellAll() {
  Tell("error: e");
  Tell("warning: w");
  Tell("note: n");
  Tell("i");
  TellDetail("d");
  TellDetails("s", "{\"a\":1}", "text\n");
}

using Amount = LogStyle::Amount;

TEST_CASE("what is told is as much as was asked for") {
  CHECK(Told({Amount::kQuiet}, TellAll) == "hushlog: error: e\nhushlog: warning: w\n");
  CHECK(Told({Amount::kUsual}, TellAll) ==
        "hushlog: error: e\nhushlog: warning: w\nhushlog: note: n\nhushlog: i\ntext\n");
  CHECK(Told({Amount::kVerbose}, TellAll) ==
        "hushlog: error: e\nhushlog: warning: w\nhushlog: note: n\nhushlog: i\nhushlog: d\ntext\n");
}

TEST_CASE("a JSON log has an object for each line, with time, level and message") {
  std::string told = Told({Amount::kVerbose, true}, TellAll);
  std::string without_times;
  constexpr std::string_view kKey = "{\"time\":\"";
  constexpr std::size_t kTime = 24;
  while (!told.empty()) {
    REQUIRE(told.starts_with(kKey));
    const std::string time = told.substr(kKey.size(), kTime);
    CHECK(time[10] == 'T');
    CHECK(time[23] == 'Z');
    const std::size_t end = told.find('\n') + 1;
    without_times += told.substr(kKey.size() + kTime, end - kKey.size() - kTime);
    told.erase(0, end);
  }
  CHECK(without_times ==
        "\",\"level\":\"error\",\"message\":\"e\"}\n"
        "\",\"level\":\"warning\",\"message\":\"w\"}\n"
        "\",\"level\":\"note\",\"message\":\"n\"}\n"
        "\",\"level\":\"info\",\"message\":\"i\"}\n"
        "\",\"level\":\"debug\",\"message\":\"d\"}\n"
        "\",\"level\":\"info\",\"message\":\"s\",\"details\":{\"a\":1}}\n");
}

TEST_CASE("nothing that is told breaks a line of a JSON log") {
  const std::string told = Told({Amount::kUsual, true}, [] { Tell("a\n\"b\"\x1b\xff"); });
  CHECK(told.find('\n') == told.size() - 1);
  CHECK(told.find('\x1b') == std::string::npos);
  CHECK(told.find("\\\"b\\\"") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
