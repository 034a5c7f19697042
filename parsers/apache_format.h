// Apache LogFormat strings (mod_log_config). Internal to parsers/.
#pragma once

#include <string_view>

#include "parsers/format_items.h"

namespace hushlog {

// Splits a format string, with or without `LogFormat "..." name` around it. Throws FormatError for a directive that is
// unknown or whose text could not be used.
FormatItems ApacheItems(std::string_view format);

}  // namespace hushlog
