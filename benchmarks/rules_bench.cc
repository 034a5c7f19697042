// How fast Requests become UiActions or are dropped.
//
// Imitates the log of a Matomo with a browser at work: of ten requests four are assets or trackers, two sparklines, the
// others pages, report and dashboard widgets, API calls and polling, from 200 clients that send 20 in a burst. With
// HUSHLOG_BENCH_LOG=<file> the requests of that file are used instead. Parsing is not measured (parse_bench).
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/line_parser.h"
#include "parsers/log_format.h"
#include "rules/recognizer.h"

namespace hushlog {
namespace {

constexpr int kRequests = 4000;

struct Sample {
  std::string_view method;
  std::string_view target;
};
constexpr std::array<Sample, 12> kSamples = {{
    {"GET", "/plugins/Morpheus/images/logo.svg?matomo"},
    {"GET", "/node_modules/jquery/dist/jquery.min.js"},
    {"POST", "/matomo.php?action_name=Shop&idsite=3&rec=1&r=972075&h=10&m=1&s=2&url=https%3A%2F%2Fblog.example.net%2F"},
    {"GET", "/matomo.js"},
    {"GET",
     "/index.php?date=2026-10-24,2026-11-22&forceView=1&viewDataTable=sparkline&module=API&action=get&widget=1"
     "&disableLink=0&idSite=2&period=day&columns=nb_visits%2Cnb_uniq_visitors"},
    {"GET", "/index.php?module=CoreHome&action=index&idSite=2&period=day&date=yesterday"},
    {"POST",
     "/index.php?date=yesterday&module=VisitsSummary&format=html&forceView=1&viewDataTable=graphEvolution&action="
     "getEvolutionGraph&idSite=2&period=day&segment=&widget=&showtitle=1&random=9810"},
    {"POST",
     "/index.php?date=2026-11-22&module=Actions&format=html&action=getPageUrls&idSite=3&period=week&segment="
     "pageUrl%3D%3Dhttps%25253A%25252F%25252Fwww.shop.example.com%25252F&widget=&showtitle=1&random=2247"},
    {"POST", "/index.php?date=yesterday&module=Live&action=widget&disableLink=0&widget=1&idSite=2&period=day"},
    {"POST", "/index.php?date=yesterday&module=API&format=json&method=API.getReportMetadata&filter_limit=-1&idSite=2"},
    {"POST",
     "/index.php?date=yesterday&name=Some%20segment&definition=actions%3D%3D2&idSite=2&module=API&format=json"
     "&method=SegmentEditor.add&period=day"},
    {"POST", "/index.php?date=yesterday&module=Annotations&action=getEvolutionIcons&idSite=2&period=day&lastN=30"},
}};
constexpr std::array<std::string_view, 3> kUserAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Safari/605.1.15",
};

// Requests and the memory that their fields point into.
struct Log {
  std::string text;
  std::vector<Request> requests;
};

// Copies what the rules look at behind each other, as the fields of a line are.
class LogBuilder {
 public:
  void Add(const Request& request) {
    Entry entry{request, {}};
    const std::string_view fields[] = {request.remote_addr, request.method,     request.target,
                                       request.referer,     request.user_agent, request.accept_language};
    for (std::size_t i = 0; i < std::size(fields); ++i) {
      entry.at[i] = {log_.text.size(), fields[i].size()};
      log_.text += fields[i];
    }
    entries_.push_back(entry);
  }

  Log Finish() {
    for (Entry& entry : entries_) {
      std::string_view* const fields[] = {&entry.request.remote_addr, &entry.request.method,
                                          &entry.request.target,      &entry.request.referer,
                                          &entry.request.user_agent,  &entry.request.accept_language};
      for (std::size_t i = 0; i < std::size(fields); ++i) {
        *fields[i] = std::string_view(log_.text).substr(entry.at[i].first, entry.at[i].second);
      }
      log_.requests.push_back(entry.request);
    }
    return std::move(log_);
  }

 private:
  struct Entry {
    Request request;
    std::array<std::pair<std::size_t, std::size_t>, 6> at;  // offset and size
  };
  Log log_;
  std::vector<Entry> entries_;
};

Log Synthetic() {
  LogBuilder builder;
  for (std::size_t i = 0; i < kRequests; ++i) {
    const Sample& sample = kSamples[i * 7 % kSamples.size()];
    const std::string address = "192.0.2." + std::to_string(i / 20 * 31 % 200 + 1);
    Request request;
    request.remote_addr = address;
    request.method = sample.method;
    request.target = sample.target;
    request.referer = "https://analytics.example.org/index.php?module=CoreHome&action=index&idSite=2";
    request.user_agent = kUserAgents[i / 20 % kUserAgents.size()];
    request.status = 200;
    request.time_ms = 1795413198000 + static_cast<std::int64_t>(i) * 100;
    builder.Add(request);
  }
  return builder.Finish();
}

Log FromFile(const char* path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t bytes = text.size();
  text.append(kLinePadding, '\0');
  const Detection detection = DetectFormat(std::string_view(text).substr(0, std::min<std::size_t>(bytes, 1 << 20)));
  LogBuilder builder;
  if (detection.format != nullptr) {
    LineParser parser(*detection.format);
    std::string_view rest = std::string_view(text).substr(0, bytes);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      Request request;
      if (parser.Parse(rest.substr(0, end), &request) == LineStatus::kOk) builder.Add(request);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return builder.Finish();
}

const Log& TheLog() {
  static const Log log = [] {
    const char* path = std::getenv("HUSHLOG_BENCH_LOG");
    return path == nullptr ? Synthetic() : FromFile(path);
  }();
  return log;
}

enum class Part { kAll, kKept, kByPath };

std::vector<Request> Select(Part part, const RuleSet& rules, Recognizer& recognizer) {
  std::vector<Request> selected;
  ActionBatch batch;
  for (const Request& request : TheLog().requests) {
    const DropReason drop = recognizer.Recognize(request, &batch);
    const std::string& reason = rules.drop_reasons()[drop];
    const bool by_path = rules.requests().DropByPath(request.target.substr(0, request.target.find('?'))) != kKept &&
                         (reason == "asset" || reason == "tracker");
    if (part == Part::kAll || (part == Part::kKept && drop == kKept) || (part == Part::kByPath && by_path)) {
      selected.push_back(request);
    }
  }
  return selected;
}

void BM_Recognize(benchmark::State& state, Part part) {
  const auto rules = RuleSet::Shipped();
  EphemeralDayKeys keys;
  Recognizer recognizer(*rules, keys);
  const std::vector<Request> requests = Select(part, *rules, recognizer);
  if (requests.empty()) return state.SkipWithError("the log has no such request");
  ActionBatch batch;
  std::int64_t done = 0;
  std::int64_t kept = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (const Request& request : requests) {
      kept += recognizer.Recognize(request, &batch) == kKept ? 1 : 0;
      bytes += request.target.size();
      if (batch.actions.size() > 1000) batch.clear();
    }
    done += static_cast<std::int64_t>(requests.size());
  }
  if ((part == Part::kKept && kept != done) || (part == Part::kByPath && kept != 0))
    state.SkipWithError("wrong result");
  state.SetItemsProcessed(done);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["per_request"] =
      benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["kept%"] = 100.0 * static_cast<double>(kept) / static_cast<double>(done);
}
// What a start or a reload costs: parsing, compiling, and the samples of a site.
void BM_LoadRules(benchmark::State& state) {
  const SiteRules site{"site.toml", "[plugins.AcmeReports]\nreason = \"Ours.\"\nreports = [\"getSales\"]\n"};
  for (auto _ : state) {
    const auto rules = RuleSet::Load({&site, 1});
    if (rules->catalogue().Plugin("AcmeReports") <= Name::kPlaceholder) state.SkipWithError("wrong result");
  }
}
BENCHMARK(BM_LoadRules)->Unit(benchmark::kMillisecond);

BENCHMARK_CAPTURE(BM_Recognize, whole_log, Part::kAll);
BENCHMARK_CAPTURE(BM_Recognize, kept, Part::kKept);
BENCHMARK_CAPTURE(BM_Recognize, assets_and_trackers, Part::kByPath);

}  // namespace
}  // namespace hushlog
