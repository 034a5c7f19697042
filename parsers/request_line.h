// The request line of HTTP (RFC 9112 section 3) as it stands in logs. Internal to parsers/.
#pragma once

#include <string_view>

namespace hushlog {

struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::string_view protocol;  // empty for HTTP/0.9
};

// Splits "GET /x HTTP/1.1" at its first blank and at the blank before the protocol, so that a target with blanks, which
// some servers accept, stays whole. False if it does not begin with letters, a blank and something else.
[[nodiscard]] bool SplitRequestLine(std::string_view text, RequestLine* line) noexcept;

// Letters only.
bool IsMethod(std::string_view text) noexcept;

// Takes scheme and authority off an absolute target ("http://host/x" becomes "/x"). False if what is left is neither a
// path nor "*".
[[nodiscard]] bool ToOriginForm(std::string_view* target) noexcept;

}  // namespace hushlog
