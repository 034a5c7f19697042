// hushlog tail with real web servers under load, whose logs the real logrotate rotates.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "tests/cli/tail_site.h"
#include "tests/cli/web_server.h"

namespace hushlog {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kConnections = 4;
constexpr std::uintmax_t kBytesUntilRotation = 512 << 10;
constexpr int kMostRuns = 10;

// Pages of Matomo, as a browser asks for them. Each request has its number: files with the same bytes are copies.
constexpr const char* kRequests = R"(
wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
local number = 0
request = function()
  number = number + 1
  return wrk.format("GET", "/index.php?module=UsersManager&action=index&idSite=1&random=" .. number)
end
)";

std::int64_t LinesIn(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

// Of all files of the log, compressed or not.
std::int64_t LinesInFiles(const Site& site) {
  const std::string command =
      fmt::format("gzip -dcf {}* > {} 2>/dev/null", site.log, site.directory / "all-that-is-there");
  REQUIRE(std::system(command.c_str()) == 0);
  return LinesIn(ReadFile(site.directory / "all-that-is-there"));
}

std::uintmax_t SizeOf(const std::string& path) {
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  return ignored ? 0 : size;
}

// Asks the server for pages as fast as it can answer.
class Load {
 public:
  explicit Load(const WebServer& server) : url_(server.url()) {
    WriteFile(directory_ / "requests.lua", kRequests);
    GiveAway(directory_.path());
    process_ = StartUnprivileged({HUSHLOG_WRK, "--threads", "1", "--connections", std::to_string(kConnections),
                                  "--duration", "1s", "--script", directory_ / "requests.lua", url_},
                                 directory_ / "output");
  }
  ~Load() {
    if (process_ != 0) waitpid(process_, nullptr, 0);
  }
  bool IsRunning() {
    if (process_ != 0 && waitpid(process_, nullptr, WNOHANG) != 0) process_ = 0;
    return process_ != 0;
  }
  // After the end: how many requests were answered.
  std::int64_t answers() const {
    const std::string output = ReadFile(directory_ / "output");
    const std::size_t end = output.find(" requests in ");
    REQUIRE_MESSAGE(end != std::string::npos, output);
    return std::stoll(output.substr(output.rfind('\n', end) + 1));
  }

 private:
  TempDir directory_;
  std::string url_;
  pid_t process_ = 0;
};

void Rotate(const Site& site, const WebServer& server, const std::string& options) {
  const std::string config = site.directory / "logrotate.conf";
  WriteFile(config, fmt::format("\"{}\" {{\n  rotate 1000\n  {}\n  postrotate\n    {}\n  endscript\n}}\n", site.log,
                                options, server.ReopenCommand()));
  fs::permissions(config, fs::perms::owner_read | fs::perms::owner_write);
  const std::string command = fmt::format("{} --force --state {} {} 2>/dev/null", HUSHLOG_LOGROTATE,
                                          site.directory / "logrotate.state", config);
  REQUIRE(std::system(command.c_str()) == 0);
}

struct Written {
  std::int64_t by_server = 0;  // lines
  std::int64_t in_files = 0;   // of the log
};

// Load, rotations and hushlog tail, all at the same time, until all is read.
Written Run(const Site& site, const WebServerKind& kind, const std::string& options) {
  GiveAway(site.directory.path());
  WebServer server(kind, site.log);
  Service service(site.Command());
  REQUIRE(service.WaitFor("READY=1"));
  Load load(server);
  int rotations = 0;
  for (std::uintmax_t rotated = 0; load.IsRunning();) {
    if (SizeOf(server.whole_log()) < rotated + kBytesUntilRotation) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));  // until another process has done it
      continue;
    }
    Rotate(site, server, options);
    ++rotations;
    rotated = SizeOf(server.whole_log());
  }
  server.Quit();
  CHECK(rotations > 0);
  CHECK(service.Stop(SIGTERM).status == 0);
  const Written written = {LinesIn(ReadFile(server.whole_log())), LinesInFiles(site)};
  CHECK(written.by_server >= load.answers());
  CHECK(written.by_server <= load.answers() + kConnections * (rotations + 1));
  for (int run = 0; run < kMostRuns && site.Ledger()["lines_read"] < written.in_files; ++run) {
    CHECK(site.Once().status == 0);
  }
  return written;
}

std::int64_t Accounted(const std::map<std::string, std::int64_t>& ledger) {
  std::int64_t lines = ledger.at("actions");
  for (const auto& [name, count] : ledger) lines += name.starts_with("dropped.") ? count : 0;
  return lines;
}

// What is written between copy and truncation, or to a file while it is compressed, can be in no file afterwards:
// it may have been read before.
constexpr std::pair<const char*, bool> kRotations[] = {{"create", false},
                                                       {"create\n  compress\n  delaycompress", false},
                                                       {"create\n  compress", true},
                                                       {"copytruncate", true},
                                                       {"copytruncate\n  compress", true}};

void EveryLineCountsOnce(const WebServerKind& kind) {
  for (const auto& [options, loses] : kRotations) {
    CAPTURE(std::string(options));
    const Site site("", "beginning", "combined");
    const Written written = Run(site, kind, options);
    auto ledger = site.Ledger();
    CHECK(Accounted(ledger) == ledger["lines_read"]);
    CHECK(ledger["dropped.format_mismatch"] == 0);
    if (loses) {
      CHECK(ledger["lines_read"] >= written.in_files);
      CHECK(ledger["lines_read"] <= written.by_server);
    } else {
      CHECK(ledger["lines_read"] == written.by_server);
    }
  }
}

TEST_CASE("19, 23, 27: every line that nginx writes under load counts once, however logrotate rotates") {
  EveryLineCountsOnce(kNginx);
}

TEST_CASE("19, 23, 27: every line that Apache writes under load counts once, however logrotate rotates") {
  EveryLineCountsOnce(kApache);
}

}  // namespace
}  // namespace hushlog
