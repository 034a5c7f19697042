// PERF NOTES
// - The six quotes of a line are known before it is looked at (marked_lines.h), and all other bytes that give it its
//   shape stand at fixed distances from them. So nothing is searched but the end of the address and of the method, and
//   only the bytes between values, the time, the status and the size are looked at.
// - Lines of one second follow each other: a time is compared with the one before, and parsed only if it differs.
// - This costs a sixth of the long way. It must never say more than that would (tests/parsers/combined_line_test.cc).
#include "parsers/combined_line.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "parsers/line_parser.h"
#include "parsers/scan.h"

namespace hushlog {
namespace {

constexpr std::size_t kQuotes = 6;
constexpr std::size_t kTimeBytes = 26;  // 23/Nov/2026:05:19:28 +0000
constexpr std::string_view kNobody = " - - [";

// Reads as many bytes as `text` has.
[[gnu::always_inline]] inline bool StandsAt(const char* p, std::string_view text) noexcept {
  return std::memcmp(p, text.data(), text.size()) == 0;
}

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view Between(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view UnlessAbsent(std::string_view text) noexcept {
  return text.size() == 1 && text[0] == '-' ? std::string_view() : text;
}

}  // namespace

bool CombinedLine::Suits(const FormatPlan& plan) {
  struct Piece {  // a value and what stands behind it
    Field field;
    std::string_view literal;
  };
  constexpr Piece kPieces[] = {{Field::kTimeClf, "] \""}, {Field::kRequestLine, "\" "}, {Field::kStatus, " "},
                               {Field::kBytes, " \""},    {Field::kReferer, "\" \""},   {Field::kUserAgent, "\""}};
  constexpr Piece kNginxClient[] = {{Field::kRemoteAddr, " - "}, {Field::kRemoteUser, " ["}};
  constexpr Piece kApacheClient[] = {{Field::kRemoteAddr, " "}, {Field::kSkip, " "}, {Field::kRemoteUser, " ["}};
  const auto are = [](std::span<const Step> steps, std::span<const Piece> pieces) {
    return std::equal(steps.begin(), steps.end(), pieces.begin(), pieces.end(),
                      [](const Step& step, const Piece& piece) {
                        return step.field == piece.field && step.literal.text == piece.literal &&
                               step.consumed == piece.literal.size();
                      });
  };
  const std::span<const Step> steps = plan.steps;
  if (steps.size() < std::size(kPieces) || !plan.prefix.text.empty()) return false;
  const auto client = steps.first(steps.size() - std::size(kPieces));
  return are(steps.last(std::size(kPieces)), kPieces) && (are(client, kNginxClient) || are(client, kApacheClient));
}

bool CombinedLine::Read(const MarkedLine& line, Request* request) noexcept {
  const char* const begin = line.text.data();
  const char* const end = begin + line.text.size();
  if (line.mark_count != kQuotes || !line.only_quotes || line.text.size() > kMaxLineBytes) return false;
  const auto quote = [&](std::size_t i) { return line.marks.base + line.marks.next[i]; };
  const char* const address_end = FindAny(begin, quote(0), ' ', '\t');
  const char* const time = address_end + kNobody.size();
  if (time + kTimeBytes + 2 != quote(0) || quote(2) - quote(1) < 8 || quote(4) - quote(3) != 2) return false;
  if (quote(5) + 1 != end || quote(3)[1] != ' ') return false;
  // A byte order mark, a dash and nothing are no addresses.
  if (address_end - begin < 2 || *begin == '\xEF') return false;
  if (!StandsAt(address_end, kNobody) || !StandsAt(time + kTimeBytes, "] ")) return false;
  if (!ReadTime(time, request) || !ReadRequest(quote(0) + 1, quote(1), request)) return false;
  if (!ReadStatusAndBytes(quote(1) + 1, quote(2), request)) return false;
  request->remote_addr = Between(begin, address_end);
  request->remote_user = {};
  request->referer = UnlessAbsent(Between(quote(2) + 1, quote(3)));
  request->user_agent = UnlessAbsent(Between(quote(4) + 1, quote(5)));
  return true;
}

[[gnu::always_inline]] inline bool CombinedLine::ReadTime(const char* text, Request* request) noexcept {
  if (std::memcmp(text, time_text_, kTimeBytes) != 0) {
    LoggedTime time;
    if (!time_parser_.ParseClf({text, kTimeBytes}, &time)) return false;
    if (!time.has_zone || time.ms < kMinTimeMs || time.ms >= kMaxTimeMs) return false;
    time_ = time;
    std::memcpy(time_text_, text, kTimeBytes);
  }
  request->time_ms = time_.ms;
  request->utc_offset_s = time_.utc_offset_s;
  request->time_is_start = time_is_start_;
  return true;
}

// "GET /x HTTP/1.1"
[[gnu::always_inline]] inline bool CombinedLine::ReadRequest(const char* begin, const char* end,
                                                             Request* request) noexcept {
  constexpr std::string_view kBeforeVersion = " HTTP/";
  constexpr std::size_t kProtocolBytes = 8;
  const std::size_t method = StandsAt(begin, "GET ")    ? 3
                             : StandsAt(begin, "POST ") ? 4
                             : StandsAt(begin, "HEAD ") ? 4
                                                        : 0;
  const char* const target = begin + method + 1;
  const char* const protocol = end - kProtocolBytes;
  if (method == 0 || protocol - target < 2 || *target != '/') return false;
  if (!StandsAt(protocol - 1, kBeforeVersion)) return false;
  if (!IsDigit(protocol[5]) || protocol[6] != '.' || !IsDigit(protocol[7])) return false;
  request->method = {begin, method};
  request->target = Between(target, protocol - 1);
  request->protocol = {protocol, kProtocolBytes};
  return true;
}

// " 200 5120 ": the dash for no bytes is Apache's.
[[gnu::always_inline]] inline bool CombinedLine::ReadStatusAndBytes(const char* begin, const char* end,
                                                                    Request* request) noexcept {
  constexpr std::ptrdiff_t kMaxDigits = 18;  // no number of so many is too large
  const char* const bytes = begin + 5;
  const std::ptrdiff_t size = end - 1 - bytes;
  if (begin[0] != ' ' || begin[4] != ' ' || end[-1] != ' ' || size < 1 || size > kMaxDigits) return false;
  if (begin[1] < '1' || begin[1] > '5' || !IsDigit(begin[2]) || !IsDigit(begin[3])) return false;
  request->body_bytes_sent = -1;
  request->status = (begin[1] - '0') * 100 + (begin[2] - '0') * 10 + (begin[3] - '0');
  if (size == 1 && *bytes == '-') return true;
  std::int64_t number = 0;
  for (const char c : Between(bytes, end - 1)) {
    if (!IsDigit(c)) return false;
    number = number * 10 + (c - '0');
  }
  request->body_bytes_sent = number;
  return true;
}

}  // namespace hushlog
