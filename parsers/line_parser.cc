#include "parsers/line_parser.h"

#include <cstring>
#include <optional>

#include "parsers/format_plan.h"
#include "parsers/json_splitter.h"
#include "parsers/request_builder.h"
#include "parsers/text_splitter.h"

namespace hushlog {
namespace {

// The line without byte order mark, '\r' and blanks at its end.
std::string_view Trim(std::string_view line) noexcept {
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

}  // namespace

struct LineParser::Impl {
  Impl(const FormatPlan& format_plan, const TrustedProxies* proxies) : plan(format_plan), builder(plan, proxies) {
    if (plan.is_json) json.emplace(kMaxLineBytes);
  }

  const FormatPlan& plan;
  RequestBuilder builder;
  std::optional<JsonSplitter> json;
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

LineStatus LineParser::Parse(std::string_view line, Request* request) noexcept {
  if (line.size() > kMaxLineBytes) return LineStatus::kTooLong;
  line = Trim(line);
  if (line.empty()) return LineStatus::kEmpty;
  if (std::memchr(line.data(), '\0', line.size()) != nullptr) return LineStatus::kBinary;
  if (impl_->json) {
    if (!impl_->json->Split(impl_->plan, line, &impl_->values)) return LineStatus::kBadJson;
  } else if (!SplitText(impl_->plan, line, &impl_->values)) {
    return LineStatus::kFormatMismatch;
  }
  return impl_->builder.Build(impl_->values, request);
}

}  // namespace hushlog
