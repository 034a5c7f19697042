// scripted_tracker: a ScriptedTracker as a program, for tests of the hushlog program. Prints its port on the first line
// of standard output, then serves until standard input ends.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/support/scripted_tracker.h"

int main(int argc, char** argv) {
  hushlog::test::TrackerOptions options;
  std::string script;
  CLI::App app("A tracker on 127.0.0.1 that follows a script; serves until standard input ends");
  app.add_option("--script", script, "answers, such as ok,504-committed,503:2*3 (see scripted_tracker.h)");
  app.add_option("--site", options.site_id, "id of its only site");
  app.add_option("--token", options.token, "its only valid token");
  app.add_option("--poison", options.poison, "cid of a hit that makes it fail; may be repeated");
  app.add_option("--max-body", options.max_body, "bytes from which on it answers 413");
  app.add_option("--rows", options.rows_file, "file that recorded hits are appended to as JSON lines");
  app.add_flag("--down", options.down, "answers 500 to everything");
  CLI11_PARSE(app, argc, argv);
  try {
    const hushlog::test::ScriptedTracker tracker(options, script);
    std::cout << tracker.port() << std::endl;
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  } catch (const std::exception& error) {
    std::cerr << "scripted_tracker: " << error.what() << "\n";
    return 1;
  }
}
