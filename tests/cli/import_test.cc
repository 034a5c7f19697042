// hushlog import, run as a program: what is read, counted and kept.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "src/spool/store.h"
#include "tests/cli/program.h"

namespace hushlog {
namespace {

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::int64_t Number(const std::string& json, const std::string& key) {
  return std::atoll(JsonField(json, key).c_str());
}

// Sum of the numbers in the object `key`.
std::int64_t SumOf(const std::string& json, const std::string& key) {
  const std::size_t begin = json.find("\"" + key + "\":{");
  const std::string object = json.substr(begin + key.size() + 4, json.find('}', begin) - begin - key.size() - 4);
  std::int64_t sum = 0;
  const std::regex number(":([0-9]+)");
  for (std::sregex_iterator match(object.begin(), object.end(), number), end; match != end; ++match) {
    sum += std::atoll((*match)[1].str().c_str());
  }
  return sum;
}

// The hits of a dry run without the visitor, whose key is new in every run.
std::vector<std::string> DryRunHits(const std::vector<std::string>& arguments, const std::string& input = "") {
  std::vector<std::string> all = {"import", "--dry-run", "--quiet", "--output", "-"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Outcome outcome = RunHushlog(all, input);
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  std::vector<std::string> hits;
  const std::regex visitor("\"cid\":\"[0-9a-f]{16}\"");
  for (const std::string& line : Lines(outcome.output)) hits.push_back(std::regex_replace(line, visitor, "cid"));
  return hits;
}

std::string Summary(const std::vector<std::string>& arguments, int status = 0) {
  std::vector<std::string> all = {"import", "--quiet", "--summary-json", "-"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Outcome outcome = RunHushlog(all);
  CHECK_MESSAGE(outcome.status == status, outcome.errors);
  return outcome.output;
}

TEST_CASE("a dry run writes one JSON object a hit and leaves no state") {
  const TempDir directory;
  const Outcome outcome =
      RunHushlog({"import", "--dry-run", "--output", directory / "hits", "--state-dir", directory / "state", kSample});
  CHECK(outcome.status == 0);
  CHECK_FALSE(std::filesystem::exists(directory / "state"));
  const std::vector<std::string> hits = Lines(ReadFile(directory / "hits"));
  CHECK(hits.size() > 100);
  const std::regex shape(
      R"(\{"time":\d{13},"cid":"[0-9a-f]{16}","params":\{"rec":"1",("[a-z_]+":"([^"\\]|\\")*",?)+\}\})");
  const auto odd = std::ranges::find_if(hits, [&](const std::string& hit) { return !std::regex_match(hit, shape); });
  CHECK_MESSAGE(odd == hits.end(), *odd);
}

TEST_CASE("every line read is counted once") {
  const std::string summary = Summary({"--dry-run", kSample});
  CHECK(Number(summary, "lines_read") == 2459);
  CHECK(Number(summary, "lines_read") == SumOf(summary, "dropped") + Number(summary, "actions"));
}

TEST_CASE("the hits do not depend on the number of threads") {
  CHECK(DryRunHits({"--jobs", "1", kSample}) == DryRunHits({"--jobs", "4", kSample}));
}

TEST_CASE("the same requests give the same actions and hits in every format that has the fields") {
  const std::string folder = HUSHLOG_TEST_DATA "/formats/";
  const TempDir rules;  // the JSON log alone tells who does not want to be measured
  rules.Write("all.toml", "[opt_out]\ndnt = false\ngpc = false\n");
  const auto pages = [&](const std::string& name, const std::string& format) {
    std::vector<std::string> all;
    const std::regex page(R"re("(action_name|url|e_c|e_a|e_n|download|ua)":"[^"]*")re");
    for (const std::string& hit : DryRunHits({"--rules", rules.path(), "--format", format, folder + name})) {
      std::string shown;
      for (std::sregex_iterator match(hit.begin(), hit.end(), page), end; match != end; ++match) shown += match->str();
      all.push_back(shown);
    }
    return all;
  };
  const auto combined = pages("nginx_combined.log", "combined");
  REQUIRE(combined.size() > 10);
  CHECK(pages("nginx_combined_rt.log", "auto") == combined);
  CHECK(pages("nginx_combined_upstream.log", "auto") == combined);
  CHECK(pages("nginx_vhost_combined.log", "auto") == combined);
  CHECK(pages("nginx_json.log", "json") == combined);
  const auto apache = pages("apache_combined.log", "combined");
  REQUIRE(apache.size() > 10);
  CHECK(pages("apache_combined_D.log", "auto") == apache);
  CHECK(pages("apache_vhost_combined.log", "auto") == apache);
}

TEST_CASE("a log imported again, also renamed, compressed or grown, gives every line once") {
  const TempDir directory;
  const std::string text = ReadFile(kSample);
  const std::size_t half = text.find('\n', text.size() / 2) + 1;
  WriteFile(directory / "access.log", text.substr(0, half));
  const std::string state = directory / "state";
  const auto lines = [&](const std::string& file) {
    return Number(Summary({"--state-dir", state, "--format", "combined_rt_host", file}), "lines_read");
  };
  const std::int64_t first = lines(directory / "access.log");
  CHECK(first > 1000);
  CHECK(lines(directory / "access.log") == 0);
  std::filesystem::rename(directory / "access.log", directory / "access.log.1");
  CHECK(lines(directory / "access.log.1") == 0);
  WriteFile(directory / "access.log.1", text);
  CHECK(lines(directory / "access.log.1") == 2459 - first);
  REQUIRE(std::system(("gzip " + (directory / "access.log.1")).c_str()) == 0);
  CHECK(lines(directory / "access.log.1.gz") == 0);
}

TEST_CASE("several logs in one run are each read once, the new ones and those that grew") {
  const TempDir directory;
  const std::string sample = ReadFile(kSample);
  const std::string other = std::regex_replace(sample, std::regex("23/Nov"), "22/Nov");
  WriteFile(directory / "a", sample + sample);  // more than one chunk each
  WriteFile(directory / "b", other + other);
  const auto lines = [&] {
    return Number(Summary({"--state-dir", directory / "state", "--format", "combined_rt_host", directory / "a",
                           directory / "b", directory / "c"},
                          std::filesystem::exists(directory / "c") ? 0 : 4),
                  "lines_read");
  };
  CHECK(lines() == 4 * 2459);
  CHECK(lines() == 0);
  WriteFile(directory / "a", sample + sample + sample);
  WriteFile(directory / "c", other + sample + sample);
  CHECK(lines() == 4 * 2459);
  CHECK(lines() == 0);
}

TEST_CASE("logs of different formats in one run are each read in their own") {
  const std::string folder = HUSHLOG_TEST_DATA "/formats/";
  const auto actions = [](std::vector<std::string> files) {
    files.insert(files.begin(), {"--dry-run", "--jobs", "1"});
    return Number(Summary(files), "actions");
  };
  const std::string combined = folder + "nginx_combined.log";
  const std::string common = folder + "apache_common.log";
  const std::string timed = folder + "nginx_combined_rt.log";
  CHECK(actions({combined, common, timed}) == actions({combined}) + actions({common}) + actions({timed}));
}

TEST_CASE("the format of a log that grew is found, however little is new") {
  const TempDir directory;
  const std::string text = ReadFile(HUSHLOG_TEST_DATA "/formats/nginx_combined_rt.log");
  WriteFile(directory / "log", text);
  const auto grow = [&](const std::string& more) {
    WriteFile(directory / "log", ReadFile(directory / "log") + more);
    return Number(Summary({"--state-dir", directory / "state", directory / "log"}), "lines_read");
  };
  CHECK(grow("") == 170);
  CHECK(grow("192.0.2.1 - - [23/Nov") == 0);
  CHECK(grow("/2026:06:00:00 +0000] \"-\" 400 157 \"-\" \"-\" 0.000 \"-\"\n") == 1);
}

TEST_CASE("a last line that is not finished is left for the next run") {
  const TempDir directory;
  const std::string text = ReadFile(kSample);
  const std::size_t second_line = text.find('\n') + 1;
  WriteFile(directory / "log", text.substr(0, second_line + 50));
  const std::string state = directory / "state";
  CHECK(Number(Summary({"--state-dir", state, "--format", "combined_rt_host", directory / "log"}), "lines_read") == 1);
  WriteFile(directory / "log", text.substr(0, text.find('\n', second_line) + 1));
  const std::string summary = Summary({"--state-dir", state, "--format", "combined_rt_host", directory / "log"});
  CHECK(Number(summary, "lines_read") == 1);
  CHECK(summary.find("format_mismatch") == std::string::npos);
}

TEST_CASE(
    "47: after damage to the database every command says what is lost, and an import goes on where the last ended") {
  const TempDir directory;
  const std::vector<std::string> import = {"import", "--quiet", "--state-dir", directory / "state", kSample};
  REQUIRE(RunHushlog(import).status == 0);
  WriteFile(directory / "state/hushlog.db", "damage");
  const Outcome report = RunHushlog({"report", "--state-dir", directory / "state"});
  CHECK(report.status == 0);
  CHECK(report.errors.find("was broken and is put aside") != std::string::npos);
  CHECK(RunHushlog(import).errors.empty());
  CHECK(Store::Open(directory / "state")->IngestLedger()["lines_read"] == 2459);
}

TEST_CASE("a killed import loses nothing and counts nothing twice") {
  const TempDir directory;
  const std::string sample = ReadFile(kSample);
  // Each new log is committed with its first chunk, so that a kill finds some logs read, one begun, the others new.
  std::vector<std::string> logs;
  for (int day = 10; day < 30; ++day) {
    logs.push_back(directory / fmt::format("log{}", day));
    const std::string text = std::regex_replace(sample, std::regex("23/Nov"), fmt::format("{}/Nov", day));
    WriteFile(logs.back(), text + text);
  }
  const auto arguments = [&](const std::string& state) {
    std::vector<std::string> all = {"--format", "combined_rt_host", "--state-dir", directory / state};
    all.insert(all.end(), logs.begin(), logs.end());
    return all;
  };
  const std::string whole = Summary(arguments("whole"));
  CHECK(Number(whole, "lines_read") == 20 * 2 * 2459);
  for (const int milliseconds : {10, 20, 30, 40, 50, 60, 70}) {
    std::vector<std::string> killed = arguments("state");
    killed.insert(killed.begin(), {"import", "--quiet"});
    RunAndKillHushlog(killed, milliseconds);
  }
  Summary(arguments("state"));
  const auto report = [&](const std::string& state) {
    return RunHushlog({"report", "--json", "--state-dir", directory / state}).output;
  };
  CHECK(report("state") == report("whole"));
}

TEST_CASE("input that cannot be read is named, the rest is read, and the exit status says so") {
  const TempDir directory;
  const Outcome outcome =
      RunHushlog({"import", "--dry-run", "--summary-json", "-", directory / "missing.log", kSample});
  CHECK(outcome.status == 4);
  CHECK(outcome.errors.find("missing.log: No such file or directory") != std::string::npos);
  CHECK(Number(outcome.output, "lines_read") == 2459);
}

TEST_CASE("a log in no known format is refused with a way out") {
  const TempDir directory;
  WriteFile(directory / "log", "this is\nno access log\n");
  const Outcome outcome = RunHushlog({"import", "--dry-run", directory / "log"});
  CHECK(outcome.status == 4);
  CHECK(outcome.errors.find("--format") != std::string::npos);
  CHECK(outcome.errors.find("no access log") == std::string::npos);
}

TEST_CASE("a log that does not fit the format given is left alone, and read once the format is right") {
  const TempDir directory;
  const std::string log = HUSHLOG_TEST_DATA "/formats/nginx_combined.log";
  const Outcome wrong = RunHushlog({"import", "--state-dir", directory / "state", "--format", "combined_rt_host", log});
  CHECK(wrong.status == 4);
  CHECK(wrong.errors.find("do not fit the format") != std::string::npos);
  CHECK(Number(Summary({"--state-dir", directory / "state", "--format", "combined", log}), "lines_read") == 170);
}

TEST_CASE("a log without methods is read as one of GETs") {
  const std::string log = HUSHLOG_TEST_DATA "/formats/nginx_json.log";
  const std::string format = "json:time=msec,remote_addr=remote_addr,target=request_uri,status=status";
  CHECK(Number(Summary({"--dry-run", "--format", format, log}), "actions") > 20);
}

TEST_CASE("an empty log is no error") {
  const TempDir directory;
  WriteFile(directory / "log", "");
  CHECK(RunHushlog({"import", "--dry-run", directory / "log"}).status == 0);
}

TEST_CASE("standard input is read like a file") {
  CHECK(DryRunHits({"--format", "combined_rt_host", "-"}, ReadFile(kSample)) ==
        DryRunHits({"--format", "combined_rt_host", kSample}));
}

TEST_CASE("a mistake on the command line exits with 2 and says what is wrong") {
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  for (const Row& row : {
           Row{{"import"}, "nothing to import"},
           Row{{"import", "--output", "x", kSample}, "--output needs --dry-run"},
           Row{{"import", "--dry-run", "--url", "https://e.org", kSample}, "--url needs --idsite"},
           Row{{"import", "--dry-run", "--idsite", "1", kSample}, "need --url"},
           Row{{"import", "--dry-run", "--url", "gopher://e.org", "--idsite", "1", kSample}, "--url"},
           Row{{"import", "--dry-run", "--format", "no such format", kSample}, "format"},
           Row{{"import", "--no-such-option", kSample}, "--no-such-option"},
           Row{{"report", "--from", "yesterday"}, "--from needs a date"},
       }) {
    const Outcome outcome = RunHushlog(row.arguments);
    CAPTURE(row.says);
    CHECK(outcome.status == 2);
    CHECK_MESSAGE(outcome.errors.find(row.says) != std::string::npos, outcome.errors);
  }
}

TEST_CASE("a state directory that another hushlog uses is left alone") {
  const TempDir directory;
  const auto other = Store::Open(directory / "state");
  const Outcome outcome = RunHushlog({"import", "--quiet", "--state-dir", directory / "state", kSample});
  CHECK(outcome.status == 1);
  CHECK_MESSAGE(outcome.errors.find("in use") != std::string::npos, outcome.errors);
}

}  // namespace
}  // namespace hushlog
