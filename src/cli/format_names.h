// Log formats as users name them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "parsers/log_format.h"

namespace hushlog {

// What to do if no format is known.
inline constexpr std::string_view kGiveFormat = " (--format; to try one: hushlog explain --all)";

// LogFormat::Compile. For a name that nothing has, the FormatError says which was probably meant, or that it is the
// name of a format of other programs which no server in front of a Matomo writes.
LogFormat CompileFormat(std::string_view spec, std::span<const std::string> extra_fields = {});

}  // namespace hushlog
