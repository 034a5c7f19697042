#include "tests/faults/process_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace hushlog::test {
namespace {

std::int64_t Ranked(std::vector<std::int64_t> values, double rank) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank * static_cast<double>(values.size()));
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace

ProcessSample SampleProcess(pid_t process) {
  ProcessSample sample;
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> sample.resident_kb;
  }
  std::error_code ignored;
  const std::filesystem::directory_iterator files(fmt::format("/proc/{}/fd", process), ignored);
  sample.descriptors = std::distance(begin(files), end(files));
  return sample;
}

Trend TrendOf(const std::vector<ProcessSample>& samples, std::int64_t ProcessSample::*quantity, double rank) {
  std::vector<std::int64_t> values;
  for (const ProcessSample& sample : samples) values.push_back(sample.*quantity);
  const auto quarter = static_cast<std::ptrdiff_t>(values.size() / 4);
  return {Ranked({values.begin(), values.begin() + quarter}, rank),
          Ranked({values.end() - quarter, values.end()}, rank)};
}

}  // namespace hushlog::test
