// How fast lines become Requests.
//
// Imitates the log of a Matomo behind nginx: requests of the user interface with long query strings, a Referer of the
// same kind and a browser's user agent, about 430 bytes a line in `combined` and 640 in JSON, ten lines a second, one
// line in a hundred without a readable request. With HUSHLOG_BENCH_LOG=<file> the lines of that file are parsed
// instead, in the format that DetectFormat chooses.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "parsers/log_format.h"

namespace hushlog {
namespace {

constexpr int kLines = 4000;  // about 2 MB: more than fits the second level cache
constexpr std::string_view kUserAgent =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";

std::string Target(int i) {
  return fmt::format(
      "/index.php?date=2026-11-{:02}&module=API&method=VisitsSummary.get&idSite={}&period=day&filter_limit={}&format="
      "json&"
      "random={}",
      i % 28 + 1, i % 9 + 1, 5 * (i % 20), 7919 * i % 10000);
}

std::string CombinedLine(int i) {
  const std::string request = i % 100 == 99 ? "-" : "GET " + Target(i) + " HTTP/2.0";
  return fmt::format(
      "192.0.2.{} - - [23/Nov/2026:05:{:02}:{:02} +0000] \"{}\" {} {} \"https://analytics.example.org/index.php?module="
      "CoreHome&action=index&idSite={}&period=day&date=yesterday\" \"{}\"\n",
      i % 250 + 1, i / 600 % 60, i / 10 % 60, request, i % 100 == 99 ? 400 : 200, 100 + i * 37 % 90000, i % 9 + 1,
      kUserAgent);
}

std::string JsonLine(int i) {
  return fmt::format(
      "{{\"time_iso8601\":\"2026-11-23T05:{:02}:{:02}+00:00\",\"msec\":\"{}.{:03}\",\"remote_addr\":\"192.0.2.{}\","
      "\"remote_user\":\"\",\"request_method\":\"GET\",\"scheme\":\"https\",\"host\":\"analytics.example.org\","
      "\"request_uri\":\"{}\",\"server_protocol\":\"HTTP/2.0\",\"status\":\"200\",\"body_bytes_sent\":\"{}\","
      "\"request_length\":\"474\",\"request_time\":\"0.083\",\"upstream_response_time\":\"0.084\",\"http_referer\":"
      "\"https://analytics.example.org/index.php?module=CoreHome&action=index&idSite=1\",\"http_user_agent\":\"{}\","
      "\"http_accept_language\":\"en-US\",\"sec_ch_ua\":\"\\\"Chromium\\\";v=\\\"129\\\"\"}}\n",
      i / 600 % 60, i / 10 % 60, 1795410300 + i / 10, i % 1000, i % 250 + 1, i % 100 == 99 ? "" : Target(i),
      100 + i * 37 % 90000, kUserAgent);
}

struct Log {
  std::string text;  // followed by kLinePadding bytes that are not counted in `bytes`
  std::size_t bytes = 0;
};

Log Finish(std::string text) {
  const std::size_t bytes = text.size();
  text.append(kLinePadding, '\0');
  return {std::move(text), bytes};
}

template <typename MakeLine>
Log Generate(MakeLine make_line) {
  std::string text;
  for (int i = 0; i < kLines; ++i) text += make_line(i);
  return Finish(std::move(text));
}

struct Counts {
  std::int64_t lines = 0;
  std::int64_t requests = 0;
  std::int64_t no_request = 0;
  std::size_t target_bytes = 0;
};

Counts ParseAll(LineParser* parser, const Log& log) {
  Counts counts;
  Request request;
  LineSplitter splitter({log.text.data(), log.bytes});
  for (std::string_view line; splitter.Next(&line);) {
    const LineStatus status = parser->Parse(line, &request);
    ++counts.lines;
    if (status == LineStatus::kNoRequest) ++counts.no_request;
    if (status != LineStatus::kOk) continue;
    ++counts.requests;
    counts.target_bytes += request.target.size();
  }
  return counts;
}

void Run(benchmark::State& state, const LogFormat& format, const Log& log) {
  LineParser parser(format);
  Counts counts;
  for (auto _ : state) {
    counts = ParseAll(&parser, log);
    benchmark::DoNotOptimize(counts.target_bytes);
  }
  if (counts.lines == 0 || counts.requests + counts.no_request != counts.lines) {
    state.SkipWithError("not every line could be parsed");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(log.bytes));
  state.SetItemsProcessed(state.iterations() * counts.lines);
}

void RunGenerated(benchmark::State& state, std::string_view format, const Log& log) {
  const LogFormat compiled = LogFormat::Compile(format);
  LineParser parser(compiled);
  const Counts counts = ParseAll(&parser, log);
  if (counts.requests != kLines - kLines / 100 || counts.no_request != kLines / 100) {
    state.SkipWithError("wrong number of requests");
    return;
  }
  Run(state, compiled, log);
}

void BM_Combined(benchmark::State& state) { RunGenerated(state, "combined", Generate(CombinedLine)); }
void BM_Json(benchmark::State& state) { RunGenerated(state, "json", Generate(JsonLine)); }
BENCHMARK(BM_Combined);
BENCHMARK(BM_Json);

void BM_SplitLines(benchmark::State& state) {
  const Log log = Generate(CombinedLine);
  std::int64_t lines = 0;
  for (auto _ : state) {
    LineSplitter splitter({log.text.data(), log.bytes});
    lines = 0;
    for (std::string_view line; splitter.Next(&line);) ++lines;
  }
  if (lines != kLines) state.SkipWithError("wrong number of lines");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(log.bytes));
  state.SetItemsProcessed(state.iterations() * lines);
}
BENCHMARK(BM_SplitLines);

void BM_File(benchmark::State& state) {
  std::ifstream file(std::getenv("HUSHLOG_BENCH_LOG"), std::ios::binary);
  const Log log = Finish({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  const std::string_view text(log.text.data(), log.bytes);
  const Detection detection = DetectFormat(text.substr(0, text.rfind('\n', 65536) + 1));
  if (detection.format == nullptr) {
    state.SkipWithError(detection.message.c_str());
    return;
  }
  Run(state, *detection.format, log);
}

}  // namespace
}  // namespace hushlog

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (std::getenv("HUSHLOG_BENCH_LOG") != nullptr) benchmark::RegisterBenchmark("BM_File", hushlog::BM_File);
  benchmark::RunSpecifiedBenchmarks();
}
