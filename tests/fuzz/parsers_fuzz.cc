// Any log format with any lines: the first line of the input is the format, or "auto", the others are lines of it.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "parsers/log_format.h"

namespace hushlog {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// Reads every byte of the views, so that the sanitizer sees those that lead astray.
void CheckRequest(const Request& request) {
  unsigned sum = 0;
  for (const std::string_view text :
       {request.remote_addr, request.remote_user, request.host, request.method, request.target, request.protocol,
        request.referer, request.user_agent, request.accept_language, request.dnt, request.sec_gpc, request.sec_ch_ua,
        request.sec_ch_ua_mobile, request.sec_ch_ua_platform, request.sec_ch_ua_platform_version,
        request.sec_ch_ua_full_version_list}) {
    for (const char c : text) sum += static_cast<unsigned char>(c);
  }
  volatile unsigned used = sum;
  (void)used;
  Require(request.status >= 100 && request.status <= 599);
  Require(!request.target.empty());
  Require(request.time_ms > 0);
}

void ParseLines(const LogFormat& format, std::string_view text) {
  static const TrustedProxies proxies({"10.0.0.0/8", "2001:db8::/32"});
  LineParser parser(format, &proxies);
  Request request;
  std::string_view line;
  for (LineSplitter lines(text); lines.Next(&line);) {
    const LineStatus status = parser.Parse(line, &request);
    Require(status < LineStatus::kCount);
    if (status == LineStatus::kOk) CheckRequest(request);
  }
}

// Compiled once for the names of presets, which most inputs hold.
const LogFormat* Compile(const std::string& spec) {
  static std::map<std::string, LogFormat> presets;
  static std::optional<LogFormat> other;
  if (presets.empty()) {
    for (const Preset& preset : Presets()) {
      presets.emplace(preset.name, LogFormat::Compile(preset.name));
    }
  }
  if (const auto found = presets.find(spec); found != presets.end()) return &found->second;
  try {
    return &other.emplace(LogFormat::Compile(spec));
  } catch (const FormatError&) {
    return nullptr;
  }
}

}  // namespace
}  // namespace hushlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  std::string lines(input.substr(std::min(end + 1, input.size())));
  const std::size_t lines_size = lines.size();
  lines.append(hushlog::kLinePadding, '\0');
  const std::string_view text = std::string_view(lines).substr(0, lines_size);
  const std::string spec(input.substr(0, end));
  if (spec == "auto") {
    (void)hushlog::DetectFormat(text);
  } else if (const hushlog::LogFormat* format = hushlog::Compile(spec)) {
    hushlog::ParseLines(*format, text);
  }
  return 0;
}
