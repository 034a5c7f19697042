#include "src/cli/command_line.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "src/cli/exit_status.h"
#include "src/cli/help_text.h"
#include "tests/cli/program.h"

namespace hushlog {
namespace {

struct Size {
  std::size_t lines = 0, columns = 0;
};

Size SizeOf(const std::string& text) {
  Size size;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line); ++size.lines) size.columns = std::max(size.columns, line.size());
  return size;
}

void CheckHelp(const CLI::App& command, std::size_t most_lines) {
  CAPTURE(command.get_name());
  const Size size = SizeOf(command.help());
  CHECK(size.lines <= most_lines);
  CHECK(size.columns <= 80);
  for (const CLI::App* each : SubcommandsOf(command)) CheckHelp(*each, 39);
}

TEST_CASE("help fits a terminal") { CheckHelp(CommandLine().app(), 24); }

TEST_CASE("hushlog alone shows its help, and does not say that all is well") {
  const Outcome outcome = RunHushlog({});
  CHECK(outcome.status == kExitUsage);
  CHECK(outcome.output.empty());
  CHECK(outcome.errors == RunHushlog({"--help"}).output);
}

TEST_CASE("a mistake in the command line is named, and what was probably meant") {
  const TempDir directory;
  const std::string log = directory / "access.log";
  WriteFile(log, "");
  struct Case {
    std::vector<std::string> arguments;
    std::string sentence;
  };
  for (const Case& each : {
           Case{{"improt", "x"}, "hushlog has no command 'improt'; did you mean 'import'?"},
           Case{{"x"}, "hushlog has no command 'x'; for a list: hushlog --help"},
           Case{{log}, "'" + log + "' is a file, not a command; to import a log: hushlog import " + log},
           Case{{"--quiet"}, "hushlog has no option --quiet; for a list: hushlog --help"},
           Case{{"rules", "tset"}, "hushlog rules has no command 'tset'; did you mean 'test'?"},
           Case{{"import", "--jbos", "3"}, "hushlog import has no option --jbos; did you mean '--jobs'?"},
           Case{{"import", "--job=3"}, "hushlog import has no option --job; did you mean '--jobs'?"},
           Case{{"import", "-z"}, "hushlog import has no option -z; for a list: hushlog import --help"},
           Case{{"report", "file"}, "hushlog report does not take 'file'"},
           Case{{"tail"}, "--config is required; see: hushlog tail --help"},
           Case{{"import", "--idsite", "0"},
                "--idsite: needs a whole number from 1 to 2147483647; see: hushlog import --help"},
           Case{{"import", "--idsite", "one"},
                "--idsite: needs a whole number from 1 to 2147483647; see: hushlog import --help"},
           Case{{"import", "--retry-delay", "-1"},
                "--retry-delay: needs a number from 0 to 3600; see: hushlog import --help"},
           Case{{"explain", "--color", "alwys", "a"},
                "--color: needs one of: auto, always, never; did you mean 'always'?; see: hushlog explain --help"},
       }) {
    const Outcome outcome = RunHushlog(each.arguments);
    CHECK(outcome.status == kExitUsage);
    CHECK(outcome.errors == "hushlog: error: " + each.sentence + "\n");
  }
}

TEST_CASE("what was mistyped cannot steer a terminal") {
  CHECK(RunHushlog({"\x1b[2J"}).errors.find('\x1b') == std::string::npos);
  CHECK(RunHushlog({"import", "--\x1b[2J"}).errors.find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace hushlog
