// hushlog init, and the first steps with what it writes.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/cli/config.h"
#include "src/cli/new_file.h"
#include "src/cli/proposal.h"
#include "src/delivery/tracker_probe.h"
#include "tests/cli/program.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

struct Site {
  TempDir directory;
  std::string config = directory / "etc/hushlog.toml";
  std::string log = directory / "access.log";

  Site() { WriteFile(log, ReadFile(HUSHLOG_TEST_DATA "/formats/nginx_combined_rt.log")); }

  // No test asks anybody but 127.0.0.1.
  Outcome Init(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"init", "--offline", "--config", config};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunHushlog(arguments);
  }
  // As somebody does who looks at the written file.
  void SwitchOff(const std::string& target) const {
    std::string text = ReadFile(config);
    const std::size_t at = text.find("enabled = true", text.find("name = \"" + target + "\""));
    REQUIRE(at != text.npos);
    WriteFile(config, text.replace(at, 14, "enabled = false"));
  }
  // Makes the measured Matomo at `url` the only target, with the token that its tracker takes.
  void SendTo(const std::string& url) const {
    WriteFile(directory / "token", test::TrackerOptions().token);
    ::chmod((directory / "token").c_str(), 0600);
    REQUIRE(Init({"--url", url, "--idsite", "1", log}).status == 0);
    SwitchOff("community");
    std::string text = ReadFile(config);
    text.insert(text.find("url = \"http://127"), fmt::format("token_file = \"{}\"\n", directory / "token"));
    WriteFile(config, text);
  }
  Outcome Import() const {
    return RunHushlog(
        {"import", "--quiet", "--config", config, "--state-dir", directory / "state", "--summary-json", "-"});
  }
};

// For the public target, which no test asks.
std::string ReasonUnlessPublic(const TargetConfig& target) {
  return target.url.find("127.0.0.1") == target.url.npos ? "the host name is unknown" : AskTracker(target);
}

TEST_CASE("the first configuration has the log and the targets of the plugin, and is private") {
  const Site site;
  const Outcome outcome = site.Init({site.log});
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.empty());
  CHECK(outcome.output.find("hushlog check --online --config " + site.config) != std::string::npos);
  struct stat status {};
  REQUIRE(::stat(site.config.c_str(), &status) == 0);
  CHECK((status.st_mode & 07137) == 0);
  CHECK(std::distance(std::filesystem::directory_iterator(site.directory / "etc"), {}) == 1);

  const Config config = LoadConfig(site.config);
  REQUIRE(config.sources.size() == 1);
  CHECK(config.sources[0].paths == std::vector<std::string>{site.log});
  REQUIRE(config.targets.size() == 1);
  CHECK(config.targets[0].name == "community");
  CHECK(config.targets[0].url == "https://demo-anonymous.piwik.org/matomo.php");
  CHECK(config.targets[0].site_id == 1);
  CHECK(!config.targets[0].identified);
}

TEST_CASE("init says of each target whether it is on, and names no URL of the user") {
  const Site site;
  const Outcome outcome = site.Init({"--url", "https://secret.example.org/", "--idsite", "7", site.log});
  CHECK(outcome.output.find("community  on") != std::string::npos);
  CHECK(outcome.output.find("own        on") != std::string::npos);
  CHECK(outcome.output.find("custom     off") != std::string::npos);
  CHECK(outcome.output.find("secret") == std::string::npos);
}

TEST_CASE("a configuration that is there stays as it is") {
  const Site site;
  std::filesystem::create_directory(site.directory / "etc");
  WriteFile(site.config, "mine\n");
  const Outcome outcome = site.Init({site.log});
  CHECK(outcome.status == 2);
  CHECK(outcome.errors.find("is there already, and stays as it is") != std::string::npos);
  CHECK(std::ranges::count(outcome.errors, '\n') == 1);
  CHECK(ReadFile(site.config) == "mine\n");
}

TEST_CASE("init fails if what the configuration does cannot be told") {
  const Site site;
  const pid_t process = StartHushlog({"init", "--offline", "--config", site.config, site.log}, "/dev/null", "/dev/full",
                                     site.directory / "errors");
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(ReadFile(site.directory / "errors").find("is written, but") != std::string::npos);
}

TEST_CASE("what init cannot use is told in one sentence, and nothing is written") {
  const Site site;
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  for (const Row& row :
       {Row{{"--url", "ftp://s3cret.example.org", "--idsite", "1"}, "--url: the URL of a Matomo must start"},
        Row{{"--url", "https://u:s3cret@example.org", "--idsite", "1"}, "user name or password"},
        Row{{"--idsite", "1"}, "--idsite needs --url"}, Row{{"-"}, "standard input cannot be"}}) {
    CAPTURE(row.says);
    const Outcome outcome = site.Init(row.arguments);
    CHECK(outcome.status == 2);
    CHECK(outcome.errors.find(row.says) != std::string::npos);
    CHECK(outcome.errors.find("s3cret") == std::string::npos);
    CHECK(std::ranges::count(outcome.errors, '\n') == 1);
    CHECK(!std::filesystem::exists(site.config));
  }
}

TEST_CASE("a log that is not there yet is written all the same, with a warning") {
  const Site site;
  const Outcome outcome = site.Init({site.directory / "later.log"});
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.find("later.log") != std::string::npos);
  CHECK(LoadConfig(site.config).sources.at(0).paths.at(0) == site.directory / "later.log");
}

TEST_CASE("names of logs are written so that they are read again as they were") {
  const std::vector<std::string> logs = {"/a\"b\\c.log", "/\t\x7f\x1b.log", "/\xC3\xA4 # [x]*.log"};
  const TempDir directory;
  WriteFile(directory / "c", ProposedConfiguration(logs, ProposeTargets("", 0, {})));
  CHECK(LoadConfig(directory / "c").sources.at(0).paths == logs);
}

TEST_CASE("without a log the source is an example in comments") {
  const TempDir directory;
  WriteFile(directory / "c", ProposedConfiguration({}, ProposeTargets("", 0, {})));
  CHECK(LoadConfig(directory / "c").sources.empty());
  CHECK(ReadFile(directory / "c").find("# [[source]]\n") != std::string::npos);
}

TEST_CASE("a target that does not take hits is written switched off, with the reason beside it") {
  const ScriptedTracker tracker({}, "404");
  const auto targets = ProposeTargets(tracker.url(), 1, ReasonUnlessPublic);
  for (const ProposedTarget& target : targets) CHECK(!target.enabled);
  const std::string text = ProposedConfiguration({}, targets);
  CHECK(text.find("enabled = false  # the host name is unknown\n") != std::string::npos);
  CHECK(text.find("enabled = false  # nothing is at this address (status 404)") != std::string::npos);
}

TEST_CASE("the measured Matomo is switched on if it takes hits and its site was named") {
  const ScriptedTracker tracker;
  const auto own_of = [&](std::uint32_t site) { return ProposeTargets(tracker.url(), site, ReasonUnlessPublic).at(1); };
  CHECK(own_of(1).enabled);
  CHECK(own_of(1).url == tracker.url());
  CHECK(!own_of(2).enabled);
  CHECK(own_of(2).reason.find("check that the site exists") != std::string::npos);
  CHECK(!own_of(0).enabled);
  CHECK(tracker.recorded().empty());
}

TEST_CASE("the example of a target is not asked") {
  std::vector<std::string> asked;
  (void)ProposeTargets("", 0, [&](const TargetConfig& target) {
    asked.push_back(target.url);
    return "";
  });
  CHECK(asked == std::vector<std::string>{"https://demo-anonymous.piwik.org/matomo.php"});
}

// Files of this process cannot grow beyond so many bytes, as on a full disk.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallFiles() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST_CASE("a file that cannot be written whole is not there at all") {
  const TempDir directory;
  std::string message;
  {
    const SmallFiles full(10);
    try {
      (void)WriteNewFile(directory / "sub/file", "more than ten bytes", 0600);
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
  }
  CHECK(message.find("sub/file cannot be written: File too large; nothing was written") != std::string::npos);
  CHECK(std::filesystem::is_empty(directory / "sub"));
}

TEST_CASE("a new file has its mode, whatever the umask") {
  const TempDir directory;
  const mode_t before = ::umask(077);
  CHECK(WriteNewFile(directory / "file", "text", 0640));
  ::umask(before);
  struct stat status {};
  REQUIRE(::stat((directory / "file").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  CHECK(!WriteNewFile(directory / "file", "other", 0600));
  CHECK(ReadFile(directory / "file") == "text");
}

TEST_CASE("a log of the first import that is not there, or of no known format, is one message, and nothing is lost") {
  struct Row {
    std::string text;
    int status;
    std::string says;
  };
  for (const Row& row : {Row{"", 4, "cannot open"}, Row{"no log at all\nnor this\n", 4, "format"}}) {
    CAPTURE(row.says);
    const Site site;
    const std::string good = ReadFile(site.log);
    std::filesystem::remove(site.log);
    if (!row.text.empty()) WriteFile(site.log, row.text);
    REQUIRE(site.Init({site.log}).status == 0);
    site.SwitchOff("community");
    const Outcome first = site.Import();
    CHECK(first.status == row.status);
    CHECK(first.errors.find(row.says) != std::string::npos);
    CHECK(std::ranges::count(first.errors, '\n') == 1);
    WriteFile(site.log, good);
    const Outcome second = site.Import();
    CHECK(second.status == 0);
    CHECK(JsonField(second.output, "lines_read") == std::to_string(std::ranges::count(good, '\n')));
  }
}

TEST_CASE("a wrong URL or token of the first import is one message, and its hits go out once that is right") {
  struct Row {
    std::string script;
    std::string token;
    std::string says;
  };
  const std::string right = test::TrackerOptions().token;
  for (const Row& row :
       {Row{"404", right, "nothing is at this address (status 404): check the URL"},
        Row{"", "ffffffffffffffffffffffffffffffff", "check that the site exists, and that the token"}}) {
    CAPTURE(row.says);
    const ScriptedTracker tracker({}, row.script);
    const Site site;
    site.SendTo(tracker.url());
    WriteFile(site.directory / "token", row.token);
    const Outcome first = site.Import();
    CHECK(first.status == 5);
    const std::size_t at = first.output.find(row.says);
    REQUIRE(at != std::string::npos);
    CHECK(first.output.find(row.says, at + 1) == std::string::npos);
    CHECK(tracker.recorded().empty());
    WriteFile(site.directory / "token", right);
    const Outcome second = site.Import();
    CHECK(second.status == 0);
    CHECK(JsonField(second.output, "pending") == "0");
    CHECK(std::to_string(tracker.recorded().size()) == JsonField(first.output, "pending"));
  }
}

// What the server in front of the measured Matomo writes when hushlog sends hits there.
std::string LogOf(const std::vector<ScriptedTracker::Request>& requests, const std::string& directory) {
  std::string log;
  for (const auto& request : requests) {
    log += fmt::format(
        "127.0.0.1 - - [23/Nov/2026:06:00:00 +0000] \"POST {}matomo.php HTTP/1.1\" {} 46 \"-\" \"hushlog/1\" 0.100\n",
        directory, request.status);
  }
  return log;
}

TEST_CASE("what is sent to the measured Matomo itself is not counted when its log is read again") {
  for (const std::string path : {"/", "/stats/matomo/"}) {
    CAPTURE(path);
    const ScriptedTracker tracker;
    const Site site;
    site.SendTo(fmt::format("http://127.0.0.1:{}{}", tracker.port(), path));
    CHECK(site.Import().status == 0);
    const auto sent = tracker.requests();
    REQUIRE(!tracker.recorded().empty());
    WriteFile(site.log, ReadFile(site.log) + LogOf(sent, path));

    const Outcome outcome = site.Import();
    CHECK(outcome.status == 0);
    CHECK(JsonField(outcome.output, "hits") == "0");
    CHECK(JsonField(outcome.output, "tracker") == std::to_string(sent.size()));
    CHECK(JsonField(outcome.output, "lines_read") == std::to_string(sent.size()));
    CHECK(tracker.requests().size() == sent.size());
  }
}

}  // namespace
}  // namespace hushlog
