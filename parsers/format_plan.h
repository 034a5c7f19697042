// What a LogFormat is compiled to. Internal to parsers/.
//
// Parsing a line has two phases. First a splitter (text_splitter.h, json_splitter.h) cuts the line into one piece of
// text for each Field; it looks only at the shape of the line. Then the RequestBuilder turns the pieces into a
// Request; it is the same for all formats.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/log_format.h"

namespace hushlog {

// Where a piece of text comes from and how it is written. A format has each of them at most once; everything a log may
// hold and hushlog has no use for is kSkip.
enum class Field : std::uint8_t {
  kSkip,
  kRemoteAddr,
  kForwardedFor,
  kRemoteUser,
  kHost,
  kRequestLine,  // "GET /x HTTP/1.1"
  kMethod,
  kTarget,  // path and query, as sent by the client
  kPath,    // decoded path without query
  kQuery,   // with or without the '?'
  kProtocol,
  kReferer,
  kUserAgent,
  kAcceptLanguage,
  kDnt,
  kSecGpc,
  kSecChUa,
  kSecChUaMobile,
  kSecChUaPlatform,
  kSecChUaPlatformVersion,
  kSecChUaFullVersionList,
  kTimeClf,         // 23/Nov/2026:05:19:28 +0000
  kTimeIso,         // 2026-11-23T05:19:28+00:00
  kTimeEpoch,       // seconds since 1970, perhaps with a fraction
  kTimeEpochMs,     // milliseconds since 1970
  kTimeEpochUs,     // microseconds since 1970
  kTimeAny,         // any of the above, told apart by its look
  kTimeZone,        // +0000
  kTimeFractionMs,  // three digits
  kTimeFractionUs,  // six digits
  kStatus,
  kBytes,
  kRequestTime,  // nginx: seconds, always with a fraction, so that it cannot be mistaken for Apache's %D
  kDurationS,    // seconds, perhaps with a fraction
  kDurationMs,
  kDurationUs,
  kIsArgs,  // nginx's $is_args; only while a format is compiled
  kExtra,   // the first of kMaxExtraFields
  kCount = kExtra + kMaxExtraFields
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::kCount);

constexpr std::size_t Index(Field field) { return static_cast<std::size_t>(field); }
constexpr std::uint64_t Bit(Field field) { return std::uint64_t{1} << Index(field); }
static_assert(kFieldCount <= 64);
constexpr Field ExtraField(std::size_t index) { return static_cast<Field>(Index(Field::kExtra) + index); }

// The text of each field in one line, as split, but without quotes. A field that the line does not have has a null
// data(). All views point into the line or into memory of the splitter.
struct FieldValues {
  std::array<std::string_view, kFieldCount> text{};
  std::uint64_t escaped = 0;  // Bit()s of the fields whose text holds a backslash escape

  std::string_view& operator[](Field field) { return text[Index(field)]; }
  const std::string_view& operator[](Field field) const { return text[Index(field)]; }
};

// How the end of a value is found in a line of text.
enum class Stop : std::uint8_t {
  kToken,   // at the first blank, tab, quote or first byte of the literal that follows
  kList,    // tokens joined by ", " or " : ", as nginx writes $upstream_* and clients X-Forwarded-For
  kText,    // at the first place where the literal that follows stands
  kQuoted,  // like kText, but a quote that is not part of the literal ends the hope
  kQuote,   // kQuoted by a literal that begins with the quote: at the first quote, if anywhere
  kFixed,   // after `width` bytes
};

// Fixed text in a line.
struct Literal {
  Literal() = default;
  explicit Literal(std::string_view bytes) : text(bytes) {
    const std::size_t size = std::min(text.size(), sizeof(head));
    std::memcpy(&head, text.data(), size);
    std::memset(&head_mask, 0xff, size);
  }

  std::string text;
  std::uint64_t head = 0;       // the first eight bytes as they lie in memory
  std::uint64_t head_mask = 0;  // the bits of `head` that count
};

// One value and the literal after it.
struct Step {
  Field field = Field::kSkip;
  Stop stop = Stop::kToken;
  bool look_for_escapes = false;
  std::uint8_t width = 0;
  std::uint8_t consumed = 0;  // bytes of the literal that belong to this step; the rest begins the next value
  Literal literal;            // empty: the value reaches to the end of the line
};

struct JsonKey {
  std::string name;
  Field field = Field::kSkip;
  std::uint8_t rank = 0;  // of several keys for one field the one with the lowest rank and a value counts
};

struct FormatPlan {
  bool is_json = false;
  bool time_is_start = false;
  char escape = '\\';                   // '"' if values are written without escapes (escape=none)
  std::uint64_t fields = 0;             // Bit()s
  Literal prefix;                       // text: literal before the first value
  std::vector<Step> steps;              // text
  std::vector<JsonKey> keys;            // JSON
  std::vector<std::uint8_t> key_table;  // JSON: hash -> 1 + index into keys, 0 = none; see json_splitter.h
  std::vector<std::string> extra;       // names of ExtraField(0), ...; see log_format.h

  // The field that was asked for under this name; kSkip if nobody did.
  Field ExtraNamed(std::string_view name) const {
    const auto found = std::find(extra.begin(), extra.end(), name);
    return found == extra.end() ? Field::kSkip : ExtraField(static_cast<std::size_t>(found - extra.begin()));
  }

  bool Has(Field field) const { return (fields & Bit(field)) != 0; }
  bool HasAny(std::uint64_t bits) const { return (fields & bits) != 0; }
};

inline constexpr std::uint64_t kEpochBits =
    Bit(Field::kTimeEpoch) | Bit(Field::kTimeEpochMs) | Bit(Field::kTimeEpochUs);
inline constexpr std::uint64_t kTimeFractionBits = Bit(Field::kTimeFractionMs) | Bit(Field::kTimeFractionUs);
inline constexpr std::uint64_t kTimeBits =
    Bit(Field::kTimeClf) | Bit(Field::kTimeIso) | Bit(Field::kTimeAny) | kEpochBits;
inline constexpr std::uint64_t kTargetBits = Bit(Field::kRequestLine) | Bit(Field::kTarget) | Bit(Field::kPath);
inline constexpr std::uint64_t kDurationBits =
    Bit(Field::kRequestTime) | Bit(Field::kDurationS) | Bit(Field::kDurationMs) | Bit(Field::kDurationUs);
inline constexpr std::uint64_t kExtraBits = ((std::uint64_t{1} << kMaxExtraFields) - 1) << Index(Field::kExtra);
inline constexpr std::uint64_t kAddressBits = Bit(Field::kRemoteAddr) | Bit(Field::kForwardedFor);

}  // namespace hushlog
