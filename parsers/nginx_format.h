// nginx log_format strings. Internal to parsers/.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "parsers/format_items.h"

namespace hushlog {

// What the nginx variable `name` (without '$') holds. Every name is valid: nginx lets anybody define variables, and
// those hushlog has no use for are skipped.
Value NginxValue(std::string_view name);

struct NginxVariable {
  std::string_view name;
  Value value;
};

// The variables that hushlog uses.
std::span<const NginxVariable> NginxVariables();

// Splits a format string, as it is after nginx has undone the quoting of nginx.conf. Throws FormatError.
FormatItems NginxItems(std::string_view format);

// True if `text` holds a $variable.
bool HasNginxVariable(std::string_view text);

struct NginxLogFormat {
  std::string format;
  enum class Escape { kUnknown, kDefault, kJson, kNone } escape = Escape::kUnknown;
};

// Reads a snippet of nginx.conf: `log_format name escape=json '...' '...';`, or only the quoted strings, or a bare
// format string. Throws FormatError.
NginxLogFormat ReadNginxConf(std::string_view snippet);

}  // namespace hushlog
