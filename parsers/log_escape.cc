#include "parsers/log_escape.h"

#include <cstdint>
#include <cstring>

namespace hushlog {
namespace {

int HexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The `count` hexadecimal digits at p, or -1.
int Hex(const char* p, const char* end, int count) noexcept {
  if (end - p < count) return -1;
  int value = 0;
  for (int i = 0; i < count; ++i) {
    const int digit = HexDigit(p[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

char Letter(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return '\0';
  }
}

char* WriteUtf8(std::uint32_t code, char* out) noexcept {
  const auto tail = [&](int shift) { *out++ = static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xe0 | (code >> 12));
    tail(6), tail(0);
  } else {
    *out++ = static_cast<char>(0xf0 | (code >> 18));
    tail(12), tail(6), tail(0);
  }
  return out;
}

// \uHHHH, or two of them that are a surrogate pair, whose first digit is at *p. False if the digits are none.
bool UnescapeUnicode(const char** p, const char* end, char** out) noexcept {
  int code = Hex(*p, end, 4);
  if (code < 0) return false;
  *p += 4;
  if (code >= 0xd800 && code < 0xe000) {
    const bool pair = code < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u';
    const int low = pair ? Hex(*p + 2, end, 4) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      *p += 6;
    } else {
      code = 0xfffd;
    }
  }
  *out = WriteUtf8(static_cast<std::uint32_t>(code), *out);
  return true;
}

}  // namespace

char* Unescape(std::string_view text, char* out) noexcept {
  const char* p = text.data();
  const char* end = p + text.size();
  while (p < end) {
    const auto rest = static_cast<std::size_t>(end - p);
    const auto* backslash = static_cast<const char*>(std::memchr(p, '\\', rest));
    const auto plain = backslash != nullptr ? static_cast<std::size_t>(backslash - p) : rest;
    std::memcpy(out, p, plain);
    out += plain;
    p += plain;
    if (end - p < 2) break;
    if (const int byte = p[1] == 'x' ? Hex(p + 2, end, 2) : -1; byte >= 0) {
      *out++ = static_cast<char>(byte);
      p += 4;
    } else if (const char* digits = p + 2; p[1] == 'u' && UnescapeUnicode(&digits, end, &out)) {
      p = digits;
    } else if (const char letter = Letter(p[1]); letter != '\0') {
      *out++ = letter;
      p += 2;
    } else {
      *out++ = *p++;
    }
  }
  if (p < end) *out++ = *p;  // a backslash at the very end
  return out;
}

}  // namespace hushlog
