#include "parsers/line_parser.h"

#include <cstring>
#include <optional>

#include "parsers/combined_line.h"
#include "parsers/format_plan.h"
#include "parsers/json_shape.h"
#include "parsers/json_splitter.h"
#include "parsers/line_splitter.h"
#include "parsers/marked_lines.h"
#include "parsers/request_builder.h"
#include "parsers/text_splitter.h"

namespace hushlog {
namespace {

// The line without byte order mark, '\r' and blanks at its end.
std::string_view Trim(std::string_view line) noexcept {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (!line.empty() && line.front() == kMark.front() && line.starts_with(kMark)) line.remove_prefix(kMark.size());
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

}  // namespace

struct LineParser::Impl {
  Impl(const FormatPlan& format_plan, const TrustedProxies* proxies) : plan(format_plan), builder(plan, proxies) {
    if (plan.is_json) json.emplace(plan);
    if (CombinedLine::Suits(plan)) combined.emplace(plan);
  }

  // Lines that do not look like the one before are parsed; of those that come in a row, one in so many is learnt.
  struct Json {
    explicit Json(const FormatPlan& plan) : shape(plan, kMaxLineBytes), splitter(kMaxLineBytes) {}

    static constexpr std::uint32_t kLearnEvery = 64;
    JsonShape shape;
    JsonSplitter splitter;
    std::uint32_t others = 0;  // lines of another shape in a row
  };

  bool SplitJson(std::string_view line, bool printable);
  LineStatus ParseJson(std::string_view line, Request* request);
  LineStatus ParseText(MarkedLine line, Request* request) noexcept;

  const FormatPlan& plan;
  RequestBuilder builder;
  std::optional<Json> json;
  std::optional<CombinedLine> combined;
  MarkedLines text_lines;
  LineSplitter json_lines{{}};
  FieldValues values;
};

std::string_view ToString(LineStatus status) {
  switch (status) {
    case LineStatus::kOk:
      return "ok";
    case LineStatus::kEmpty:
      return "empty";
    case LineStatus::kTooLong:
      return "too_long";
    case LineStatus::kBinary:
      return "binary";
    case LineStatus::kFormatMismatch:
      return "format_mismatch";
    case LineStatus::kNoRequest:
      return "no_request";
    case LineStatus::kBadTime:
      return "bad_time";
    case LineStatus::kBadStatus:
      return "bad_status";
    case LineStatus::kBadJson:
      return "bad_json";
    case LineStatus::kMissingField:
      return "missing_field";
    case LineStatus::kCount:
      break;
  }
  return "unknown";
}

LineParser::LineParser(const LogFormat& format, const TrustedProxies* proxies)
    : impl_(std::make_unique<Impl>(format.plan(), proxies)) {}
LineParser::~LineParser() = default;
LineParser::LineParser(LineParser&&) noexcept = default;
LineParser& LineParser::operator=(LineParser&&) noexcept = default;

bool LineParser::Impl::SplitJson(std::string_view line, bool printable) {
  if (printable && json->shape.Split(line, &values)) {
    json->others = 0;
    return true;
  }
  if (!json->splitter.Split(plan, line, &values)) return false;
  if (printable && json->others++ % Json::kLearnEvery == 0) json->shape.Learn(line);
  return true;
}

LineStatus LineParser::Impl::ParseJson(std::string_view line, Request* request) {
  if (line.size() > kMaxLineBytes) return LineStatus::kTooLong;
  line = Trim(line);
  if (line.empty()) return LineStatus::kEmpty;
  const bool printable = IsPrintableAscii(line);
  if (!printable && std::memchr(line.data(), '\0', line.size()) != nullptr) return LineStatus::kBinary;
  if (!SplitJson(line, printable)) return LineStatus::kBadJson;
  return builder.Build(values, request);
}

inline LineStatus LineParser::Impl::ParseText(MarkedLine line, Request* request) noexcept {
  if (combined && combined->Read(line, request)) return LineStatus::kOk;
  if (line.text.size() > kMaxLineBytes) return LineStatus::kTooLong;
  line.text = Trim(line.text);
  if (line.text.empty()) return LineStatus::kEmpty;
  if (line.has_nul) return LineStatus::kBinary;
  if (!SplitText(plan, line, &values)) return LineStatus::kFormatMismatch;
  return builder.Build(values, request);
}

LineStatus LineParser::Parse(std::string_view line, Request* request) {
  *request = Request{};
  return impl_->json ? impl_->ParseJson(line, request) : impl_->ParseText(impl_->text_lines.Only(line), request);
}

void LineParser::Start(std::string_view text) noexcept {
  impl_->text_lines.Start(text);
  impl_->json_lines = LineSplitter(text);
}

bool LineParser::Next(LineStatus* status, Request* request) {
  if (impl_->json) {
    std::string_view line;
    if (!impl_->json_lines.Next(&line)) return false;
    *status = impl_->ParseJson(line, request);
    return true;
  }
  MarkedLine line;
  if (!impl_->text_lines.Next(&line)) return false;
  *status = impl_->ParseText(line, request);
  return true;
}

}  // namespace hushlog
