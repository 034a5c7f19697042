// Files that hold the token_auth of a target.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hushlog {

// The token in `path`, without the white space around it. Throws ConfigError; the text never holds a byte of the file.
// Adds a warning if everybody on the machine can read the file.
std::string ReadTokenFile(const std::string& path, std::vector<std::string>* warnings);

// For TargetConfig::new_token: the token whenever the file has changed. One that is missing or holds no token changes
// nothing.
std::function<std::optional<std::string>()> WatchTokenFile(const std::string& path);

}  // namespace hushlog
