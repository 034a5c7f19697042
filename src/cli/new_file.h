// Writes a file that is there as a whole or not at all, and never in the place of another.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace hushlog {

// Creates `path`, with its directories, `mode` whatever the umask. False if there is something of that name already.
// Throws std::runtime_error with a sentence if it cannot be written; then nothing of that name is there.
[[nodiscard]] bool WriteNewFile(const std::string& path, std::string_view text, mode_t mode);

}  // namespace hushlog
