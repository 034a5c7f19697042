#include "src/status/metrics.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

MetricsInput Sample() {
  MetricsInput input;
  input.start_ms = 1000;
  StatusReport& report = input.report;
  report.time_ms = 61'500;
  report.counters = {{"lines_read", 10}, {"actions", 3}, {"hits", 2}, {"hits_hidden", 1}, {"dropped.tracker", 7}};
  report.sources.push_back({"a \"b\" \\ c\nd", {{"/var/log/a", 0, 60, 100, std::chrono::seconds(4)}}});
  TargetStatus target;
  target.name = "own";
  target.oldest_ms = 1500;
  target.ledger = {10, 6, 4, 1, 1, 1, 1, 2};
  report.targets.push_back(target);
  report.conditions.push_back({"own", TargetState::kRefused, "no", "no", 1500, 2000, 3});
  input.deliveries["own"].durations = {1, 0, 2};
  input.deliveries["own"].requests = {3};
  input.deliveries["own"].seconds = 0.25;
  return input;
}

bool Has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != text.npos;
}

TEST_CASE("metrics tell the ledger, sources and targets") {
  const std::string text = MetricsText(Sample());
  for (const char* line :
       {"hushlog_lines_read_total 10", "hushlog_lines_dropped_total{reason=\"tracker\"} 7", "hushlog_actions_total 3",
        "hushlog_hits_made_total 2", "hushlog_hits_hidden_total 1",
        "hushlog_hits_total{target=\"own\",outcome=\"tracked\"} 4", "hushlog_backlog_hits{target=\"own\"} 2",
        "hushlog_backlog_oldest_hit_age_seconds{target=\"own\"} 60", "hushlog_parked_hits{target=\"own\"} 1",
        "hushlog_ledger_balanced{target=\"own\"} 1", "hushlog_target_up{target=\"own\"} 0",
        "hushlog_target_last_answer_timestamp_seconds{target=\"own\"} 1.5",
        "hushlog_delivery_requests_total{target=\"own\",outcome=\"processed\"} 3",
        "hushlog_delivery_duration_seconds_bucket{target=\"own\",le=\"0.025\"} 3",
        "hushlog_delivery_duration_seconds_bucket{target=\"own\",le=\"+Inf\"} 3",
        "hushlog_delivery_duration_seconds_sum{target=\"own\"} 0.25", "hushlog_state_writable 1",
        "process_start_time_seconds 1"}) {
    CHECK_MESSAGE(Has(text, line), line << "\n" << text);
  }
}

TEST_CASE("a label may have any text, and no path of a log gets into one") {
  const std::string text = MetricsText(Sample());
  CHECK(Has(text, R"(hushlog_source_lag_bytes{source="a \"b\" \\ c\nd"} 40)"));
  CHECK(text.find("/var/log") == std::string::npos);
}

TEST_CASE("every metric has its help and its type, once") {
  std::istringstream lines(MetricsText(Sample()));
  std::set<std::string> helped, typed;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, what, name;
    words >> hash >> what >> name;
    if (hash != "#") {
      CHECK_MESSAGE(typed.size() == helped.size(), line);
    } else {
      CHECK_MESSAGE((what == "HELP" ? helped : typed).insert(name).second, line);
    }
  }
  CHECK(helped == typed);
  CHECK(helped.size() > 20);
}

TEST_CASE("alerts and the dashboard ask for metrics that there are") {
  const std::string text = MetricsText(Sample());
  for (const char* file : {"/prometheus/hushlog.rules.yml", "/grafana/hushlog.json"}) {
    const std::string asks = ReadAll(std::string(HUSHLOG_PACKAGING) + file);
    const std::regex metric("(hushlog|process)_[a-z_]+");
    std::size_t found = 0;
    for (std::sregex_iterator at(asks.begin(), asks.end(), metric), end; at != end; ++at, ++found) {
      CHECK_MESSAGE(text.find("\n" + at->str()) != std::string::npos, at->str());
    }
    CHECK(found > 10);
  }
}

#ifdef HUSHLOG_PROMTOOL
TEST_CASE("promtool finds nothing to complain of") {
  const TempDir directory;
  directory.Write("metrics", MetricsText(Sample()));
  const std::string command = fmt::format("'{}' check metrics < '{}' > '{}' 2>&1", HUSHLOG_PROMTOOL,
                                          directory / "metrics", directory / "output");
  const int status = std::system(command.c_str());
  const std::string output = ReadAll(directory / "output");
  CHECK_MESSAGE(status == 0, output);
  CHECK(output.empty());
}
#endif

}  // namespace
}  // namespace hushlog
