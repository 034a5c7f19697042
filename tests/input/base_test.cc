// What src/base gives to all folders.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/json_writer.h"
#include "src/base/stop_signal.h"
#include "src/base/unique_fd.h"

namespace hushlog {
namespace {

using std::string_view_literals::operator""sv;

TEST_CASE("a JSON string holds valid UTF-8 only") {
  const struct {
    std::string_view text, json;
  } table[] = {
      {"", R"("")"},
      {"plain / text", R"("plain / text")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"\n\r\t\0\x01\x1F\x7F"sv, R"("\n\r\t\u0000\u0001\u001f\u007f")"},
      {"é€𝄞", "\"é€𝄞\""},
      {"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", "\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\""},
      {"a\xFFz", "\"a\uFFFDz\""},
      {"\x80", "\"\uFFFD\""},
      {"\xC3", "\"\uFFFD\""},                                // cut
      {"\xE2\x82", "\"\uFFFD\uFFFD\""},                      // cut
      {"\xE2\x82\"", "\"\uFFFD\uFFFD\\\"\""},                // the quote is not swallowed
      {"\xC0\xAF", "\"\uFFFD\uFFFD\""},                      // overlong
      {"\xE0\x80\x80", "\"\uFFFD\uFFFD\uFFFD\""},            // overlong
      {"\xF0\x80\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},  // overlong
      {"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},            // surrogate
      {"\xF4\x90\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},  // above U+10FFFF
      {"\xF8\x88\x80\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\""},
  };
  for (const auto& row : table) {
    CAPTURE(row.text);
    std::string out = "[";
    AppendJsonString(&out, row.text);
    CHECK(out == "[" + std::string(row.json));
  }
}

TEST_CASE("a descriptor is closed by its last owner, once") {
  int number = -1;
  {
    UniqueFd first(open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = first.get();
    UniqueFd second(std::move(first));
    CHECK_FALSE(static_cast<bool>(first));
    first = std::move(second);
    CHECK(first.get() == number);
    CHECK(fcntl(number, F_GETFD) != -1);
  }
  CHECK(fcntl(number, F_GETFD) == -1);
}

TEST_CASE("the first stop signal is noted, the second ends the program") {
  const pid_t child = fork();
  if (child == 0) {
    InstallStopSignals();
    if (StopSignal() != 0) _exit(1);
    raise(SIGTERM);
    if (StopSignal() != SIGTERM) _exit(2);
    raise(SIGINT);
    _exit(3);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

}  // namespace
}  // namespace hushlog
