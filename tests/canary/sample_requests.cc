#include "tests/canary/sample_requests.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"

namespace hushlog::test {
namespace {

std::string ReadPadded(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return text.str() + std::string(kLinePadding, '\0');
}

template <typename Take>
void ForEachRequest(const std::filesystem::path& path, Take take) {
  const std::string padded = ReadPadded(path);
  const std::string_view text = std::string_view(padded).substr(0, padded.size() - kLinePadding);
  const Detection detection = DetectFormat(text);
  if (!detection.format) throw std::runtime_error(path.string() + ": " + detection.message);
  LineParser parser(*detection.format);
  Request request;
  std::string_view line;
  for (LineSplitter lines(text); lines.Next(&line);) {
    if (parser.Parse(line, &request) == LineStatus::kOk) take(request);
  }
}

// version, method, target, status, client, outcome
template <typename Take>
void ForEachRow(const std::filesystem::path& path, Take take) {
  std::ifstream file(path);
  std::string version, method, target, status, client;
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    if (line.starts_with('#') || !(columns >> version >> method >> target >> status >> client)) continue;
    Request request;
    request.method = method;
    request.target = target;
    request.status = std::stoi(status);
    if (client != "no-referer") request.referer = "https://matomo.example.org/index.php";
    take(request);
  }
}

}  // namespace

std::vector<SampleRequest> SampleRequests(const RuleSet& rules) {
  constexpr int kOthers = 10;
  EphemeralDayKeys keys;
  Recognizer recognizer(rules, keys);
  ActionBatch actions;
  std::vector<SampleRequest> samples;
  int others = 0;
  const auto take = [&](Request request) {
    request.time_ms = 0;
    request.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    actions.clear();
    if (recognizer.Recognize(request, &actions) != kKept && ++others % kOthers != 0) return;
    samples.push_back(
        {std::string(request.method), std::string(request.target), request.status, !request.referer.empty()});
  };
  const std::filesystem::path data = HUSHLOG_TEST_DATA;
  ForEachRequest(data / "sample.access.log", take);
  for (const auto& log : std::filesystem::directory_iterator(data / "parsers")) ForEachRequest(log.path(), take);
  ForEachRow(data / "rules" / "requests.tsv", take);
  return samples;
}

}  // namespace hushlog::test
