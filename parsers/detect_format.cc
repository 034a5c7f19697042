#include <algorithm>
#include <string>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "parsers/log_format.h"

namespace hushlog {
namespace {

// How well a format suits a sample.
struct Fit {
  std::size_t lines = 0;  // that say anything about formats
  std::size_t fitting = 0;
  std::size_t requests = 0;  // of the fitting ones: with a readable request
  std::size_t fields = 0;    // read in all
};

std::size_t CountFields(const Request& request) {
  const std::string_view texts[] = {request.remote_user,
                                    request.host,
                                    request.method,
                                    request.protocol,
                                    request.referer,
                                    request.user_agent,
                                    request.accept_language,
                                    request.dnt,
                                    request.sec_gpc,
                                    request.sec_ch_ua,
                                    request.sec_ch_ua_mobile,
                                    request.sec_ch_ua_platform,
                                    request.sec_ch_ua_platform_version,
                                    request.sec_ch_ua_full_version_list};
  const auto present = std::count_if(std::begin(texts), std::end(texts), [](auto text) { return !text.empty(); });
  return static_cast<std::size_t>(present) + (request.body_bytes_sent >= 0 ? 1 : 0) +
         (request.request_time_us >= 0 ? 1 : 0);
}

Fit Measure(const LogFormat& format, std::string_view sample) {
  Fit fit;
  LineParser parser(format);
  LineSplitter splitter(sample);
  for (std::string_view line; splitter.Next(&line);) {
    Request request;
    const LineStatus status = parser.Parse(line, &request);
    if (status == LineStatus::kEmpty || status == LineStatus::kTooLong || status == LineStatus::kBinary) continue;
    ++fit.lines;
    if (status == LineStatus::kOk) fit.fields += CountFields(request);
    if (status == LineStatus::kOk) ++fit.requests;
    if (status == LineStatus::kOk || status == LineStatus::kNoRequest) ++fit.fitting;
  }
  return fit;
}

bool IsBetter(const Fit& a, const Fit& b) {
  return a.fitting != b.fitting ? a.fitting > b.fitting : a.fields > b.fields;
}

std::string Refusal(const Fit& best, const std::string& name) {
  if (best.lines == 0) return "no log format recognised: there is no line of text to look at";
  const std::string counts = std::to_string(best.fitting) + " of the first " + std::to_string(best.lines) + " lines";
  const std::string advice = "; name the format or give the string that configures the web server";
  if (best.fitting > 0 && best.requests == 0)
    return "no log format recognised: there is no line with a readable request";
  if (best.fitting == 0) return "no log format recognised: none of the known ones fits" + advice;
  return "no log format recognised: the most likely, " + name + ", fits only " + counts + advice;
}

}  // namespace

Detection DetectFormat(std::string_view sample, std::span<const std::string> extra_fields) {
  Fit best;
  std::shared_ptr<const LogFormat> format;
  for (const Preset& preset : Presets()) {
    if (!preset.detectable) continue;
    auto candidate = std::make_shared<const LogFormat>(LogFormat::Compile(preset.name, extra_fields));
    const Fit fit = Measure(*candidate, sample);
    if (format != nullptr && !IsBetter(fit, best)) continue;
    best = fit;
    format = std::move(candidate);
  }
  Detection detection{.format = nullptr, .lines = best.lines, .fitting = best.fitting, .message = {}};
  if (best.requests == 0 || best.fitting * 10 < best.lines * 9) {
    detection.message = Refusal(best, format->name());
    return detection;
  }
  detection.message = "log format " + format->name() + ": " + std::to_string(best.fitting) + " of the first " +
                      std::to_string(best.lines) + " lines fit";
  detection.format = std::move(format);
  return detection;
}

}  // namespace hushlog
