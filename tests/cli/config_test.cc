#include "src/cli/config.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/config_keys.h"
#include "src/cli/token_file.h"
#include "tests/cli/program.h"

namespace hushlog {
namespace {

Config Load(const std::string& text) {
  const TempDir directory;
  WriteFile(directory / "hushlog.toml", text);
  return LoadConfig(directory / "hushlog.toml");
}

std::string MistakeIn(const std::string& text) {
  const TempDir directory;
  WriteFile(directory / "c", text);
  try {
    LoadConfig(directory / "c");
  } catch (const ConfigError& error) {
    return std::string(error.what()).substr(directory.path().size() + 1);
  }
  return "";
}

TEST_CASE("a configuration with everything in it is read as it stands") {
  const TempDir directory;
  WriteFile(directory / "token", "  0123456789abcdef\n");
  ::chmod((directory / "token").c_str(), 0600);
  const Config config = Load(fmt::format(R"(
state_dir = "/var/lib/hushlog"
trusted_proxies = ["10.0.0.0/8"]
keep_sent = "30d"
[[source]]
name = "matomo"
paths = ["/var/log/nginx/a.log", "/var/log/nginx/b.log*"]
format = "vhost_combined"
[[target]]
name = "own"
url = "https://matomo.example.org/stats/"
site_id = 7
token_file = "{}"
lanes = 2
reports = true
on_ambiguous = "resend"
[[target]]
name = "other"
url = "http://127.0.0.1/matomo.php"
site_id = 1
enabled = false
)",
                                         directory / "token"));
  CHECK(config.state_dir == "/var/lib/hushlog");
  CHECK(config.trusted_proxies.size() == 1);
  REQUIRE(config.sources.size() == 1);
  CHECK(config.sources[0].paths.size() == 2);
  CHECK(config.sources[0].format == "vhost_combined");
  REQUIRE(config.targets.size() == 1);
  CHECK(config.targets[0].url == "https://matomo.example.org/stats/matomo.php");
  CHECK(config.targets[0].site_id == 7);
  CHECK(config.targets[0].token_auth == "0123456789abcdef");
  CHECK(config.targets[0].lanes == 2);
  CHECK(config.targets[0].reports);
  CHECK(config.targets[0].keep_sent == std::chrono::hours(30 * 24));
  CHECK(config.targets[0].on_ambiguous == OnAmbiguous::kResend);
  CHECK(config.warnings.empty());
}

TEST_CASE("a target that is to get identified hits is warned of, unless it is switched off") {
  const std::string target = "[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = 1\nanonymize = false\n";
  const Config config = Load(target);
  CHECK(config.targets[0].identified);
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0].find("'a' gets users, titles and URLs as they are") != std::string::npos);
  CHECK(Load(target + "enabled = false\n").warnings.empty());
}

TEST_CASE("the measured Matomo is asked only if the configuration says where it is") {
  CHECK(Load("").instance.url == "");
  const Config config = Load("[instance]\nurl = \"https://e.org/stats\"\nmysql_version = \"10.11.6-MariaDB\"");
  CHECK(config.instance.url == "https://e.org/stats/index.php");
  CHECK(config.instance.mysql_version == "10.11.6-MariaDB");
}

TEST_CASE("a mistake is told with its line and what is wrong") {
  struct Row {
    std::string text;
    std::string mistake;
  };
  for (const Row& row : {
           Row{"state_dir = 7", "c:1: 'state_dir' must be a string"},
           Row{"\nstatedir = \"/x\"", "c:2: unknown key 'statedir'; did you mean 'state_dir'?"},
           Row{"zebra = 1",
               "c:1: unknown key 'zebra'; known here: state_dir, rules_dir, trusted_proxies, max_visits, keep_sent, "
               "tail, status, instance, source, target"},
           Row{"[[targets]]\nname = \"a\"", "c:1: unknown key 'targets'; did you mean 'target'?"},
           Row{"[[source]]\nname = \"a\"\npaths = [\"x\"]\nformat = \"combned\"",
               "c:4: no log format has the name 'combned'; did you mean 'combined'?"},
           Row{"trusted_proxies = [\"10.0.0.0/40\"]", "c:1: "},
           Row{"[source]\nname = \"a\"", "c:1: write [[source]], with two brackets"},
           Row{"[[source]]\nname = \"a\"", "c:1: a source needs paths, a list of files or patterns"},
           Row{"[[source]]\nname = \"a\"\npaths = [\"x\"]\nformat = \"no such format\"", "c:4: "},
           Row{"[[target]]\nname = \"a\"\nurl = \"https://e.org\"", "c:1: a target needs a site_id"},
           Row{"[[target]]\nname = \"a\"\nurl = \"ftp://e.org\"\nsite_id = 1", "c:3: "},
           Row{"[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = 0", "c:4: 'site_id' must lie between 1"},
           Row{"[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = 1\ntoken_file = \"/nonexistent\"",
               "c:5: /nonexistent: the token file cannot be read: No such file or directory"},
           Row{"[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = 1\nreports = 1",
               "c:5: 'reports' must be true or false"},
           Row{"[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = 1\n[[target]]\nname = \"a\"\n"
               "url = \"https://e.org\"\nsite_id = 1",
               "c:5: there are two targets 'a'"},
           Row{"keep_sent = \"30 days\"", "c:1: 'keep_sent' must be a number of days or hours"},
           Row{"keep_sent = \"d\"", "c:1: 'keep_sent' must be a number of days or hours"},
           Row{"keep_sent = 30", "c:1: 'keep_sent' must be a string"},
           Row{"tail = 1", "c:1: write [tail], with its keys below"},
           Row{"[tail]\nflush_ms = 0", "c:2: 'flush_ms' must lie between 10"},
           Row{"[[source]]\nname = \"a\"\npaths = [\"x\"]\nstart = \"now\"", "c:4: 'start' must be \"end\""},
           Row{"instance = 1", "c:1: write [instance], with its keys below"},
           Row{"[instance]\nurl = \"ftp://e.org\"", "c:2: the URL of a Matomo must start with https://"},
           Row{"[instance]\ntoken_file = \"/nonexistent\"",
               "c:2: /nonexistent: the token file cannot be read: No such file or directory"},
           Row{"[instance]\nca_file = \"/nonexistent\"", "c:2: /nonexistent: cannot be read"},
           Row{"[instance]\nmysql_version = \"MySQL\"", "c:2: 'mysql_version' must be a version"},
           Row{"state_dir = \"", "c:1: "},
       }) {
    CAPTURE(row.text);
    const std::string mistake = MistakeIn(row.text);
    CHECK_MESSAGE(mistake.starts_with(row.mistake), mistake);
  }
}

TEST_CASE("mistakes are told in the order of the file") {
  const std::string mistakes =
      MistakeIn("zebra = 1\nmax_visits = 0\n[[target]]\nlanes = 9\nname = \"a\"\n[tail]\nflush_ms = 1\napple = 1\n");
  std::size_t last = 0;
  for (const char* line : {"c:1: ", ":2: ", ":3: ", ":4: ", ":7: ", ":8: "}) {
    const std::size_t at = mistakes.find(line);
    CHECK(at != std::string::npos);
    CHECK(at >= last);
    last = at;
  }
}

TEST_CASE("two targets that are the same site of the same Matomo are warned of") {
  const std::string target = "[[target]]\nname = \"{}\"\nurl = \"{}\"\nsite_id = {}\n";
  const auto warnings = [&](const char* url, int site) {
    return Load(fmt::format(fmt::runtime(target), "a", "https://e.org", 1) +
                fmt::format(fmt::runtime(target), "b", url, site))
        .warnings;
  };
  CHECK(warnings("https://e.org/matomo.php", 1) ==
        std::vector<std::string>{
            "the targets 'a' and 'b' are the same site of the same Matomo, which gets every hit twice"});
  CHECK(warnings("https://e.org", 2).empty());
  CHECK(warnings("https://other.e.org", 1).empty());
}

TEST_CASE("what the reference says of keys is what the program takes") {
  std::string defaults, table;
  for (const ConfigKey& key : ConfigKeys()) {
    if (std::exchange(table, key.table) != key.table) {
      const bool many = key.table == "source" || key.table == "target";
      defaults += fmt::format(fmt::runtime(many ? "[[{}]]\n" : "[{}]\n"), key.table);
    }
    std::string value(key.fallback);
    if (key.name == "name") value = "\"a\"";
    if (key.name == "paths") value = "[\"a.log\"]";
    if (key.name == "url") value = "\"https://e.org\"";
    if (key.name == "site_id") value = "1";
    const bool in_words = std::string_view("tn`").find(value[0]) != std::string_view::npos && value != "true";
    if (!in_words) defaults += fmt::format("{} = {}\n", key.name, value);
  }
  CAPTURE(defaults);
  const Config said = Load(defaults);
  const Config silent = Load(
      "[[source]]\nname = \"a\"\npaths = [\"a.log\"]\n[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = "
      "1\n");
  CHECK(said.max_visits == silent.max_visits);
  CHECK(said.keep_sent == silent.keep_sent);
  CHECK(said.tail.flush == silent.tail.flush);
  CHECK(said.tail.stop_timeout == silent.tail.stop_timeout);
  CHECK(said.sources.at(0).format == silent.sources.at(0).format);
  CHECK(said.sources.at(0).from_end == silent.sources.at(0).from_end);
  const TargetConfig &a = said.targets.at(0), &b = silent.targets.at(0);
  CHECK(a.identified == b.identified);
  CHECK(a.reports == b.reports);
  CHECK(a.system_report == b.system_report);
  CHECK(a.lanes == b.lanes);
  CHECK(a.batch_rows == b.batch_rows);
  CHECK(a.on_ambiguous == b.on_ambiguous);
  CHECK(a.ambiguous_retries == b.ambiguous_retries);
  CHECK(a.max_attempts == b.max_attempts);
  CHECK(a.retry_delay == b.retry_delay);
  CHECK(a.request_timeout == b.request_timeout);
  CHECK(a.max_backlog_bytes == b.max_backlog_bytes);
  CHECK(a.max_backlog_age == b.max_backlog_age);
  CHECK(a.keep_sent == b.keep_sent);
}

TEST_CASE("a target gets no uses of reports unless it asks for them") {
  CHECK_FALSE(Load("[[target]]\nname = \"a\"\nurl = \"https://e.org\"\nsite_id = 1").targets.at(0).reports);
}

TEST_CASE("a target may keep copies for another time than the others") {
  const std::string target = "[[target]]\nurl = \"https://e.org\"\nsite_id = 1\n";
  const Config config = Load("keep_sent = \"30d\"\n" + target + "name = \"a\"\nkeep_sent = \"12h\"\n" + target +
                             "name = \"b\"\nkeep_sent = \"0d\"\n" + target + "name = \"c\"\n");
  REQUIRE(config.targets.size() == 3);
  CHECK(config.targets[0].keep_sent == std::chrono::hours(12));
  CHECK(config.targets[1].keep_sent == std::chrono::hours(0));
  CHECK(config.targets[2].keep_sent == std::chrono::hours(720));
}

TEST_CASE("the status page is on a loopback address, elsewhere, or nowhere") {
  CHECK(Load("").status.listen->ToString() == "127.0.0.1:4874");
  CHECK(Load("[status]\nlisten = \"[::1]:80\"\n").status.listen->ToString() == "[::1]:80");
  CHECK_FALSE(Load("[status]\nlisten = \"off\"\n").status.listen.has_value());
  const Config config = Load("[status]\nlisten = \"192.0.2.1:80\"\nallowed_hosts = [\"status.example.org\"]\n");
  CHECK(config.status.allowed_hosts == std::vector<std::string>{"status.example.org"});
}

TEST_CASE("an address that others reach needs the hosts by which they do") {
  CHECK(MistakeIn("[status]\nlisten = \"0.0.0.0:80\"\n").find("allowed_hosts") != std::string::npos);
  CHECK(MistakeIn("[status]\nlisten = \"example.org\"\n").find("127.0.0.1:4874") != std::string::npos);
}

TEST_CASE("all mistakes of a file are told at once") {
  const std::string mistakes = MistakeIn("a = 1\nb = 2\n[[target]]\nname = \"x\"\n");
  CHECK(std::count(mistakes.begin(), mistakes.end(), '\n') == 3);
}

TEST_CASE("a token file that everybody can read is used with a warning that does not show it") {
  const TempDir directory;
  WriteFile(directory / "token", "0123456789abcdef");
  ::chmod((directory / "token").c_str(), 0644);
  std::vector<std::string> warnings;
  CHECK(ReadTokenFile(directory / "token", &warnings) == "0123456789abcdef");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("chmod 600") != std::string::npos);
  CHECK(warnings[0].find("0123456789abcdef") == std::string::npos);
}

}  // namespace
}  // namespace hushlog
