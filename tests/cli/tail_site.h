// What the tests of hushlog tail follow.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/spool/store.h"
#include "tests/cli/program.h"
#include "tests/cli/service.h"

namespace hushlog {

inline void Append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

// A directory with a log, a configuration that names it, and a state directory.
struct Site {
  TempDir directory;
  std::string log = directory / "access.log";

  explicit Site(const std::string& more = "", const std::string& start = "beginning",
                const std::string& format = "combined_rt_host") {
    WriteFile(directory / "config",
              fmt::format("state_dir = \"{}\"\n[status]\nlisten = \"off\"\n[tail]\nflush_ms = 10\nstop_timeout_s = 60\n"
                          "[[source]]\nname = \"matomo\"\npaths = [\"{}\"]\nformat = \"{}\"\nstart = \"{}\"\n{}",
                          directory / "state", log, format, start, more));
  }
  std::vector<std::string> Command() const { return {"tail", "--config", directory / "config"}; }
  std::string Report() const { return RunHushlog({"report", "--json", "--state-dir", directory / "state"}).output; }
  std::map<std::string, std::int64_t> Ledger() const { return Store::Open(directory / "state")->IngestLedger(); }
  // Starts, reads what is there, stops.
  Outcome Once() const {
    Service service(Command());
    CHECK(service.WaitFor("READY=1"));
    return service.Stop(SIGTERM);
  }
};

}  // namespace hushlog
