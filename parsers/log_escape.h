// Undoes the escapes that web servers write into access logs. Internal to parsers/.
#pragma once

#include <string_view>

namespace hushlog {

// Writes `text` without its escapes to `out`, which must hold text.size() bytes, and returns the end of what was
// written. Known are \xHH (nginx and Apache), \" \\ \/ \b \f \n \r \t \v (Apache and JSON) and \uHHHH (JSON), the last
// as UTF-8. A backslash before anything else stays, and so does half of a surrogate pair, as U+FFFD.
char* Unescape(std::string_view text, char* out) noexcept;

}  // namespace hushlog
