// Writes JSON strings that every reader accepts.
#pragma once

#include <string>
#include <string_view>

namespace hushlog {

// Appends `utf8` to *out as a JSON string with its quotes. Quotes, backslashes and control characters are escaped;
// bytes that are not valid UTF-8 are replaced by U+FFFD, because PHP's json_decode (and so Matomo) drops a whole
// document for one invalid byte. Thread-safe.
void AppendJsonString(std::string* out, std::string_view utf8);

}  // namespace hushlog
