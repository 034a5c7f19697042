// Parses lines of one log format.
//
// Thread-safety: a LogFormat is immutable and may be shared; a LineParser belongs to one thread.
// Lifetime: a LineParser refers to its LogFormat and TrustedProxies, which must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "parsers/log_format.h"
#include "parsers/request.h"
#include "parsers/trusted_proxies.h"

namespace hushlog {

// What became of one line. Everything but kOk and kEmpty is a bad line: counted under its name, never fatal.
enum class LineStatus : std::uint8_t {
  kOk,
  kEmpty,           // nothing but white space
  kTooLong,         // longer than kMaxLineBytes
  kBinary,          // holds a NUL byte
  kFormatMismatch,  // does not have the shape of the format
  kNoRequest,       // the server could not read the request either: "-" 400, a TLS handshake, an empty request
  kBadTime,
  kBadStatus,
  kBadJson,
  kMissingField,  // JSON without time, address, request target or status
  kCount          // number of statuses
};

// "too_long", ...: stable words for counters and JSON output.
std::string_view ToString(LineStatus status);

inline constexpr std::size_t kMaxLineBytes = 1 << 20;

// Readable bytes that must follow a line in memory (simdjson reads ahead; their values do not matter).
inline constexpr std::size_t kLinePadding = 64;

class LineParser {
 public:
  // `proxies` may be null: then remote_addr is what the server logged.
  explicit LineParser(const LogFormat& format, const TrustedProxies* proxies = nullptr);
  ~LineParser();
  LineParser(LineParser&&) noexcept;
  LineParser& operator=(LineParser&&) noexcept;

  // Parses one line without its '\n' (a '\r' before it and a leading UTF-8 byte order mark are ignored) into *request.
  // Unless kOk is returned, *request is unspecified.
  [[nodiscard]] LineStatus Parse(std::string_view line, Request* request);

  // The same for all lines of a text, which is faster: Start, then Next until it says false, with one Request that was
  // empty before the first call. `text` must outlive that and be followed by kLinePadding readable bytes.
  void Start(std::string_view text) noexcept;
  [[nodiscard]] bool Next(LineStatus* status, Request* request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
