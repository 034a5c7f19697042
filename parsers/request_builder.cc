#include "parsers/request_builder.h"

#include <cstring>
#include <utility>

#include "parsers/log_escape.h"
#include "parsers/request_line.h"

namespace hushlog {
namespace {

// Unescaping never makes text longer; JoinTarget triples a path at most and adds one byte.
constexpr std::size_t kScratchBytes = 4 * kMaxLineBytes + 1;

// Fields that are taken as they are.
constexpr RequestBuilder::TextField kTexts[] = {
    {Field::kRemoteUser, &Request::remote_user},
    {Field::kHost, &Request::host},
    {Field::kReferer, &Request::referer},
    {Field::kUserAgent, &Request::user_agent},
    {Field::kAcceptLanguage, &Request::accept_language},
    {Field::kDnt, &Request::dnt},
    {Field::kSecGpc, &Request::sec_gpc},
    {Field::kSecChUa, &Request::sec_ch_ua},
    {Field::kSecChUaMobile, &Request::sec_ch_ua_mobile},
    {Field::kSecChUaPlatform, &Request::sec_ch_ua_platform},
    {Field::kSecChUaPlatformVersion, &Request::sec_ch_ua_platform_version},
    {Field::kSecChUaFullVersionList, &Request::sec_ch_ua_full_version_list},
};

bool IsAbsent(std::string_view text) noexcept { return text.empty() || (text.size() == 1 && text[0] == '-'); }

bool ParseStatus(std::string_view text, int* status) noexcept {
  if (text.size() != 3) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  *status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  return *status >= 100 && *status <= 599;
}

// "example.org:8443" -> "example.org", "[::1]:80" -> "[::1]"; an IPv6 address without brackets has no port, and a
// bracket that is not closed makes no host.
std::string_view WithoutPort(std::string_view host) noexcept {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  const auto colon = host.rfind(':');
  return colon != std::string_view::npos && host.find(':') == colon ? host.substr(0, colon) : host;
}

// A duration in a unit of 10^digits microseconds. A negative one (the clock was set back) is unknown.
bool ParseDuration(std::string_view text, int digits, std::int64_t* us) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (!ParseDecimal(text, digits, us)) return false;
  if (negative) *us = -1;
  return true;
}

enum class TimeResult { kNone, kGood, kBad };

TimeResult GoodIf(bool good) noexcept { return good ? TimeResult::kGood : TimeResult::kBad; }

// The time as a calendar date.
TimeResult ReadCalendar(const FieldValues& values, TimeParser* parser, LoggedTime* time) noexcept {
  if (const auto text = values[Field::kTimeIso]; !IsAbsent(text)) {
    if (!parser->ParseIso(text, time)) return TimeResult::kBad;
  } else if (const auto clf = values[Field::kTimeClf]; !IsAbsent(clf)) {
    if (!parser->ParseClf(clf, time)) return TimeResult::kBad;
  } else if (const auto any = values[Field::kTimeAny]; !IsAbsent(any)) {
    return GoodIf(parser->ParseAny(any, time));
  } else {
    return TimeResult::kNone;
  }
  const auto zone = values[Field::kTimeZone];
  if (time->has_zone || IsAbsent(zone)) return TimeResult::kGood;
  if (!ParseZone(zone, &time->utc_offset_s)) return TimeResult::kBad;
  time->ms -= std::int64_t{time->utc_offset_s} * 1000;
  time->has_zone = true;
  return TimeResult::kGood;
}

// The time as a number, which is finer than the calendar's: sets ms and leaves the offset.
TimeResult ReadEpoch(const FieldValues& values, const FormatPlan& plan, LoggedTime* time) noexcept {
  if (!plan.HasAny(kEpochBits)) return TimeResult::kNone;
  TimeResult result = TimeResult::kNone;
  const auto read = [&](Field field, int digits, std::int64_t divisor) {
    const auto text = values[field];
    std::int64_t value = 0;
    if (IsAbsent(text) || result != TimeResult::kNone) return;
    result = GoodIf(ParseDecimal(text, digits, &value));
    time->ms = value / divisor;
    time->has_zone = true;
  };
  read(Field::kTimeEpochUs, 0, 1000);
  read(Field::kTimeEpochMs, 0, 1);
  read(Field::kTimeEpoch, 3, 1);
  return result;
}

// Apache's %{msec_frac}t or %{usec_frac}t, which completes a time of whole seconds.
bool AddFraction(const FieldValues& values, const FormatPlan& plan, LoggedTime* time) noexcept {
  if (!plan.HasAny(kTimeFractionBits) || time->ms % 1000 != 0) return true;
  const auto us = values[Field::kTimeFractionUs];
  const auto text = IsAbsent(us) ? values[Field::kTimeFractionMs] : us;
  std::int64_t fraction = 0;
  if (text.size() != (IsAbsent(us) ? 3u : 6u) || !ParseDecimal(text, 0, &fraction)) return false;
  time->ms += IsAbsent(us) ? fraction : fraction / 1000;
  return true;
}

}  // namespace

RequestBuilder::RequestBuilder(const FormatPlan& plan, const TrustedProxies* proxies)
    : plan_(plan),
      proxies_(proxies),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratchBytes)),
      scratch_end_(scratch_.get()) {
  for (const TextField& text : kTexts) {
    if (plan.Has(text.field)) texts_.push_back(text);
  }
}

// The value without escapes; empty if the line does not have it.
[[gnu::always_inline]] inline std::string_view RequestBuilder::Text(const FieldValues& values, Field field) noexcept {
  const std::string_view text = values[field];
  if (IsAbsent(text)) return {};
  return (values.escaped & Bit(field)) == 0 ? text : Unescaped(text);
}

std::string_view RequestBuilder::Unescaped(std::string_view text) noexcept {
  char* begin = scratch_end_;
  scratch_end_ = Unescape(text, begin);
  return {begin, static_cast<std::size_t>(scratch_end_ - begin)};
}

LineStatus RequestBuilder::Build(const FieldValues& values, Request* request) noexcept {
  scratch_end_ = scratch_.get();
  *request = Request{};
  if (const auto status = SetTime(values, request); status != LineStatus::kOk) return status;
  if (IsAbsent(values[Field::kStatus])) return LineStatus::kMissingField;
  if (!ParseStatus(values[Field::kStatus], &request->status)) return LineStatus::kBadStatus;
  if (const auto status = SetRequest(values, request); status != LineStatus::kOk) return status;
  if (const auto status = SetNumbers(values, request); status != LineStatus::kOk) return status;
  SetTexts(values, request);
  return SetClient(values, request);
}

LineStatus RequestBuilder::SetTime(const FieldValues& values, Request* request) noexcept {
  LoggedTime time;
  const TimeResult calendar = ReadCalendar(values, &time_parser_, &time);
  const TimeResult epoch = ReadEpoch(values, plan_, &time);
  if (calendar == TimeResult::kBad || epoch == TimeResult::kBad) return LineStatus::kBadTime;
  if (calendar == TimeResult::kNone && epoch == TimeResult::kNone) return LineStatus::kMissingField;
  if (!AddFraction(values, plan_, &time) || !time.has_zone) return LineStatus::kBadTime;
  if (time.ms < kMinTimeMs || time.ms >= kMaxTimeMs) return LineStatus::kBadTime;
  request->time_ms = time.ms;
  request->utc_offset_s = time.utc_offset_s;
  request->time_is_start = plan_.time_is_start;
  return LineStatus::kOk;
}

LineStatus RequestBuilder::SetRequest(const FieldValues& values, Request* request) noexcept {
  if (values[Field::kRequestLine].data() == nullptr) return SetSeparateRequest(values, request);
  RequestLine line;
  if (!SplitRequestLine(Text(values, Field::kRequestLine), &line) || !ToOriginForm(&line.target)) {
    return LineStatus::kNoRequest;
  }
  request->method = line.method;
  request->target = line.target;
  request->protocol = line.protocol;
  return LineStatus::kOk;
}

LineStatus RequestBuilder::SetSeparateRequest(const FieldValues& values, Request* request) noexcept {
  request->method = Text(values, Field::kMethod);
  request->protocol = Text(values, Field::kProtocol);
  const bool has_method = values[Field::kMethod].data() != nullptr;
  const bool has_target = values[Field::kTarget].data() != nullptr;
  if (!has_target && values[Field::kPath].data() == nullptr) return LineStatus::kMissingField;
  if (has_method && !IsMethod(request->method)) return LineStatus::kNoRequest;
  request->target =
      has_target ? Text(values, Field::kTarget) : JoinTarget(Text(values, Field::kPath), Text(values, Field::kQuery));
  return ToOriginForm(&request->target) ? LineStatus::kOk : LineStatus::kNoRequest;
}

// Servers log a path decoded. What would be taken for syntax is encoded again.
std::string_view RequestBuilder::JoinTarget(std::string_view path, std::string_view query) noexcept {
  static constexpr char kHex[] = "0123456789ABCDEF";
  char* begin = scratch_end_;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7f && c != '?' && c != '#' && c != '%') {
      *scratch_end_++ = c;
    } else {
      *scratch_end_++ = '%';
      *scratch_end_++ = kHex[byte >> 4];
      *scratch_end_++ = kHex[byte & 15];
    }
  }
  if (query.starts_with('?')) query.remove_prefix(1);
  if (!query.empty()) {
    *scratch_end_++ = '?';
    std::memcpy(scratch_end_, query.data(), query.size());
    scratch_end_ += query.size();
  }
  return {begin, static_cast<std::size_t>(scratch_end_ - begin)};
}

LineStatus RequestBuilder::SetNumbers(const FieldValues& values, Request* request) const noexcept {
  if (const auto bytes = values[Field::kBytes]; !IsAbsent(bytes)) {
    if (!ParseWhole(bytes, &request->body_bytes_sent)) return LineStatus::kFormatMismatch;
  }
  if (!plan_.HasAny(kDurationBits)) return LineStatus::kOk;
  // The finest unit comes last and wins.
  for (const auto& [field, digits] : {std::pair(Field::kDurationS, 6), std::pair(Field::kRequestTime, 6),
                                      std::pair(Field::kDurationMs, 3), std::pair(Field::kDurationUs, 0)}) {
    const auto text = values[field];
    if (IsAbsent(text)) continue;
    const bool has_point = text.find('.') != std::string_view::npos;
    if (field == Field::kRequestTime && !has_point) return LineStatus::kFormatMismatch;
    if (!ParseDuration(text, digits, &request->request_time_us)) return LineStatus::kFormatMismatch;
  }
  return LineStatus::kOk;
}

LineStatus RequestBuilder::SetClient(const FieldValues& values, Request* request) noexcept {
  request->remote_addr = Text(values, Field::kRemoteAddr);
  if (!plan_.Has(Field::kForwardedFor))
    return request->remote_addr.empty() ? LineStatus::kMissingField : LineStatus::kOk;
  std::string_view forwarded_for = Text(values, Field::kForwardedFor);
  // A format without an address of its own logs the proxy's word instead, and so trusts it.
  if (!plan_.Has(Field::kRemoteAddr)) request->remote_addr = TakeLastForwarded(&forwarded_for);
  if (request->remote_addr.empty()) return LineStatus::kMissingField;
  if (proxies_ != nullptr) request->remote_addr = proxies_->Client(request->remote_addr, forwarded_for);
  return LineStatus::kOk;
}

void RequestBuilder::SetTexts(const FieldValues& values, Request* request) noexcept {
  for (const auto& [field, member] : texts_) request->*member = Text(values, field);
  if (request->remote_user.size() == 2 && request->remote_user == "\"\"")
    request->remote_user = {};  // Apache's way to write an empty user
  if (!request->host.empty()) request->host = WithoutPort(request->host);
  if (plan_.HasAny(kExtraBits)) SetExtra(values, request);
}

void RequestBuilder::SetExtra(const FieldValues& values, Request* request) noexcept {
  for (std::size_t i = 0; i < plan_.extra.size(); ++i) extra_[i] = Text(values, ExtraField(i));
  request->extra = {extra_.data(), plan_.extra.size()};
}

}  // namespace hushlog
