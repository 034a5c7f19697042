// Marked secrets in every field of a log line and in every encoding, and a search for them in everything hushlog
// writes.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace hushlog {
namespace {

// Letters and digits only, so that it passes for a name, a value, a host, a login.
const std::string kCanary = "Zq7Canary";

std::string Encoded(const std::string& text, const std::function<std::string(unsigned char)>& encode) {
  std::string out;
  for (const char c : text) out += encode(static_cast<unsigned char>(c));
  return out;
}

std::string Base64(const std::string& text) {
  static const char* const kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 63];
  }
  return out;
}

std::string Percent(const std::string& text) {
  return Encoded(text, [](unsigned char c) { return fmt::format("%{:02X}", c); });
}
std::string PercentOfPercent(std::string text) {
  for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; at += 3) text.replace(at, 1, "%25");
  return text;
}

// The canary as it may stand in a URL.
std::vector<std::string> Encodings() {
  const std::string once = Percent(kCanary);
  return {kCanary,
          once,
          PercentOfPercent(once),
          PercentOfPercent(PercentOfPercent(once)),
          Encoded(kCanary, [](unsigned char c) { return fmt::format("$3A${:02X}", c); }),
          Encoded(kCanary, [](unsigned char c) { return fmt::format("{:02x}", c); }),
          Encoded(kCanary, [](unsigned char c) { return fmt::format("\\x{:02X}", c); }),
          Base64(kCanary),
          kCanary + "%00",
          "%c0%ae" + kCanary,
          "https%3A%2F%2Fuser%3A" + kCanary + "%40example.org"};
}

// What must be found nowhere: the canary in any of its disguises, in lower case.
std::vector<std::string> Forbidden() {
  std::vector<std::string> forms = Encodings();
  forms.push_back("203.0.113");  // all of the address but its first byte
  forms.push_back("2001:db8:77");
  for (std::string& form : forms)
    std::ranges::transform(form, form.begin(), [](unsigned char c) { return std::tolower(c); });
  return forms;
}

struct Fields {
  std::string address = "203.0.113.77";
  std::string user = "-";
  std::string host = "matomo.example.org";
  std::string method = "GET";
  std::string target = "/index.php?module=CoreHome&action=index&idSite=2&period=day&date=yesterday";
  std::string status = "200";
  std::string referer = "https://matomo.example.org/index.php?module=CoreHome&action=index&idSite=2";
  std::string user_agent =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";
  std::string language = "de-AT,de;q=0.9";
  std::string brands = R"(\x22Chromium\x22;v=\x22129.0.6668.58\x22)";
  std::string platform = R"(\x22Windows\x22)";
  std::string platform_version = R"(\x2215.0.0\x22)";
  std::string model = R"(\x22Pixel 8\x22)";
};

// nginx: '$host $remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer"
//         "$http_user_agent" "$http_accept_language" "$http_sec_ch_ua_full_version_list" "$http_sec_ch_ua_platform"
//         "$http_sec_ch_ua_platform_version" "$http_sec_ch_ua_model"'
const std::string kFormat =
    R"($host $remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" "$http_user_agent" "$http_accept_language" "$http_sec_ch_ua_full_version_list" "$http_sec_ch_ua_platform" "$http_sec_ch_ua_platform_version" "$http_sec_ch_ua_model")";

std::string LineOf(const Fields& f) {
  return fmt::format(
      "{} {} - {} [23/Nov/2026:05:19:28 +0000] \"{} {} HTTP/1.1\" {} 5 \"{}\" \"{}\" \"{}\" \"{}\" \"{}\" \"{}\" "
      "\"{}\"\n",
      f.host, f.address, f.user, f.method, f.target, f.status, f.referer, f.user_agent, f.language, f.brands,
      f.platform, f.platform_version, f.model);
}

// Requests of every class, with @ where the canary goes.
const std::vector<std::pair<std::string, std::string>> kTargets = {
    {"GET", "/@/index.php?module=CoreHome&action=index&idSite=2"},
    {"GET", "/index.php?module=@&action=index&idSite=2"},
    {"GET", "/index.php?module=CoreHome&action=@"},
    {"GET", "/index.php?module=CoreHome&action=index&@=1"},
    {"GET", "/index.php?module=CoreHome&action=index&a%5B@%5D=1&token.auth=@&amp;token_auth=@"},
    {"GET", "/index.php?module=CoreHome&action=index&idSite=@&idSite=2"},
    {"GET", "/index.php?module=CoreHome&action=index&idSite=@&period=@&date=@&segment=@&popover=@&pluginName=@"},
    {"GET", "/index.php?module=CoreHome&action=index&popover=RowAction%243A@&category=@&subcategory=@"},
    {"GET", "/index.php?module=CoreHome&action=index&date=2026-11-20,@&period=range"},
    {"GET", "/index.php?module=Login&action=confirmPassword&nonce=@&redirectTo=@&login=@&password=@"},
    {"GET", "/index.php?module=Widgetize&action=iframe&moduleToWidgetize=@&actionToWidgetize=@&token_auth=@"},
    {"GET", "/index.php?module=Overlay&action=index&idSite=2#@"},
    {"POST",
     "/index.php?module=Actions&action=getPageUrls&idSite=2&period=day&date=yesterday&segment=@&label=@&widget="
     "&showtitle=1&random=1&filter_pattern_recursive=@&idSubtable=@"},
    {"POST", "/index.php?module=@&action=@&idSite=2&period=day&date=yesterday&widget=&showtitle=1&random=1"},
    {"POST", "/index.php?module=API&method=SegmentEditor.add&name=@&definition=@&format=json"},
    {"POST", "/index.php?module=API&method=@.@&format=@"},
    {"POST", "/index.php?module=API&method=ScheduledReports.generateReport&idReport=@&format=@"},
    {"POST", "/index.php?module=Live&action=getVisitorProfilePopup&visitorId=@"},
    {"POST", "/index.php?module=CoreHome&action=getRowEvolutionPopover&apiMethod=@.@&label=@"},
    {"POST", "/index.php?module=API&method=Transitions.getTransitionsForAction&actionName=@&actionType=@"},
    {"GET", "/index.php?module=API&method=Actions.getPageUrls&format=@&token_auth=@&force_api_session=1&label=@"},
    {"GET", "/index.php?module=API&method=API.getBulkRequest&urls%5B0%5D=method%3D@.@%26token_auth%3D@&token_auth=@"},
    {"GET", "/matomo.php?idsite=1&rec=1&url=@&uid=@"},
    {"@", "/index.php?module=@"},
};

std::string WithCanary(std::string text, const std::string& canary) {
  for (std::size_t at = 0; (at = text.find('@', at)) != std::string::npos; at += canary.size())
    text.replace(at, 1, canary);
  return text;
}

std::string LogWithCanaries() {
  std::string log;
  for (const std::string& canary : Encodings()) {
    for (const auto& [method, target] : kTargets) {
      Fields fields;
      fields.method = WithCanary(method, canary);
      fields.target = WithCanary(target, canary);
      fields.referer = "https://" + canary + ".example.org" + fields.target;
      log += LineOf(fields);
    }
    for (std::string Fields::*field :
         {&Fields::address, &Fields::user, &Fields::host, &Fields::status, &Fields::referer, &Fields::user_agent,
          &Fields::language, &Fields::brands, &Fields::platform, &Fields::platform_version, &Fields::model}) {
      Fields fields;
      log += LineOf(fields);
      fields.*field = canary;
      log += LineOf(fields);
      fields = {};
      fields.*field += canary;
      log += LineOf(fields);
      fields = {};
      fields.*field = canary + " " + fields.*field;
      log += LineOf(fields);
    }
    Fields ipv6;
    ipv6.address = "2001:db8:77::1";
    log += LineOf(ipv6);
    log += canary + "\n";
  }
  return log;
}

void CheckClean(const std::string& what, const std::string& text) {
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const std::string& form : Forbidden()) {
    const std::size_t at = lower.find(form);
    CHECK_MESSAGE(at == std::string::npos, what, " holds ", form, ": ",
                  at == std::string::npos ? "" : text.substr(at > 80 ? at - 80 : 0, 200));
  }
}

TEST_CASE("no secret of a log line is found in hits, state, reports or messages") {
  const TempDir directory;
  WriteFile(directory / "log", LogWithCanaries());
  WriteFile(directory / "token", kCanary);
  // Port 9 (discard) takes no connection: the hits stay in the spool.
  WriteFile(directory / "config",
            fmt::format("[[target]]\nname = \"t\"\nurl = \"http://127.0.0.1:9/\"\nsite_id = 1\ntoken_file = \"{}\"\n"
                        "max_attempts = 1\nreports = true\n",
                        directory / "token"));

  const Outcome dry =
      RunHushlog({"import", "--dry-run", "--format", kFormat, "--config", directory / "config", "--output",
                  directory / "hits", "--summary-json", directory / "summary", directory / "log"});
  CHECK(dry.status == 0);
  const std::string hits = ReadFile(directory / "hits");
  CHECK(std::ranges::count(hits, '\n') > 100);
  CheckClean("the hits", hits);
  CheckClean("the summary", ReadFile(directory / "summary"));
  CheckClean("a message", dry.output + dry.errors);

  const Outcome kept = RunHushlog({"import", "--format", kFormat, "--state-dir", directory / "state", "--config",
                                   directory / "config", directory / "log"});
  CHECK(kept.status == 5);
  CheckClean("a message", kept.output + kept.errors);
  const std::string state = ReadTree(directory / "state");
  CHECK(state.find("action_name") != std::string::npos);
  CHECK(state.find("\"e_a\":\"View\"") != std::string::npos);
  CheckClean("the state directory", state);

  CHECK(RunHushlog({"audit", "--hits", directory / "hits"}).status == 0);
  const Outcome audit = RunHushlog({"audit", "--state-dir", directory / "state"});
  CHECK_MESSAGE(audit.status == 0, audit.output);
  CheckClean("the verdict", audit.output + audit.errors);

  const Outcome report = RunHushlog({"report", "--all", "--state-dir", directory / "state"});
  CHECK(report.status == 0);
  CheckClean("the report", report.output + report.errors);
  CheckClean("the report", RunHushlog({"report", "--json", "--state-dir", directory / "state"}).output);
}

TEST_CASE("no secret and no control character of a log line is found in its explanation") {
  const TempDir directory;
  WriteFile(directory / "log", LogWithCanaries());
  const Outcome outcome = RunHushlog({"explain", "--format", kFormat, "--fields", "--all", directory / "log"});
  CHECK(outcome.status == 0);
  CHECK(outcome.output.find("sends {") != std::string::npos);
  CheckClean("the explanation", outcome.output + outcome.errors);
  const auto control = [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; };
  CHECK(std::ranges::none_of(outcome.output, control));
}

TEST_CASE("no value of a log line is found in what is told about its names") {
  std::string log;
  for (const std::string& canary : Encodings()) {
    for (const std::string field :
         {"label=@", "a=@", "module=CoreHome&action=index&segment=@", "module[]=@", "date=@"}) {
      Fields fields;
      fields.target = "/index.php?" + WithCanary(field, canary);
      fields.user = fields.host = fields.user_agent = canary;
      fields.referer = "https://example.org/?" + canary + "=" + canary;
      log += LineOf(fields);
      fields = {};
      fields.target = "/index.php?" + WithCanary(field, canary);
      log += LineOf(fields);
    }
  }
  const TempDir directory;
  WriteFile(directory / "log", log);
  const Outcome coverage = RunHushlog({"rules", "coverage", "--format", kFormat, directory / "log"});
  CHECK(coverage.status == 0);
  CHECK(coverage.output.find("segment") != std::string::npos);
  CheckClean("the coverage", coverage.output + coverage.errors);
}

TEST_CASE("a value that a rule of the site refuses is found nowhere") {
  const TempDir directory;
  ::mkdir((directory / "rules").c_str(), 0700);
  WriteFile(directory / "rules/site.toml", R"(
[[parameter]]
id = "label"
names = ["label", "segment", "redirectTo"]
value = "pattern"
patterns = ['[a-z]{1,8}', '[0-9]{1,6}']
max_length = 8
reason = "Short words."
samples = ["label=word -> label=word"]
[[rule]]
id = "hosts"
drop = "host"
hosts = ["nobody.example.org"]
reason = "r"
accept = ["GET / 200 host=nobody.example.org"]
[opt_out]
users = ["nobody"]
cookie = "no_usage"
)");
  WriteFile(directory / "log", LogWithCanaries());
  const Outcome dry = RunHushlog({"import", "--dry-run", "--rules", directory / "rules", "--format", kFormat,
                                  "--output", directory / "hits", directory / "log"});
  CHECK(dry.status == 0);
  CHECK(std::ranges::count(ReadFile(directory / "hits"), '\n') > 100);
  CheckClean("the hits", ReadFile(directory / "hits"));
  CheckClean("a message", dry.output + dry.errors);
}

TEST_CASE("no secret of a log whose format is unknown is found in messages") {
  const TempDir directory;
  WriteFile(directory / "log", LogWithCanaries());
  const Outcome outcome = RunHushlog({"import", "--dry-run", directory / "log"});
  CheckClean("a message", outcome.output + outcome.errors);
}

}  // namespace
}  // namespace hushlog
