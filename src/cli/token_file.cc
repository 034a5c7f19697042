#include "src/cli/token_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <tuple>

#include "rules/config_error.h"
#include "src/base/tell.h"

namespace hushlog {
namespace {

// Changes whenever the file is replaced or written to, or may be read by others.
using Stamp = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

Stamp StampOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev,          status.st_ino,         status.st_size,        status.st_mtim.tv_sec,
          status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

}  // namespace

std::string ReadTokenFile(const std::string& path, std::vector<std::string>* warnings) {
  constexpr const char* kNext = "write the token_auth into it, and nothing else";
  const auto unreadable = [&](int error) {
    return ConfigError(fmt::format("{}: the token file cannot be read: {}; {}", path, std::strerror(error),
                                   error == EACCES ? "let the user of hushlog read it" : kNext));
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw unreadable(errno);
  if (S_ISDIR(status.st_mode)) throw unreadable(EISDIR);
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) throw unreadable(errno);
  if ((status.st_mode & S_IROTH) != 0) {
    warnings->push_back(fmt::format("{}: everybody on this machine can read the token; run: chmod 600 {}", path, path));
  }
  std::ifstream file(path);
  std::string token, more;
  file >> token;
  if (file >> more) throw ConfigError(fmt::format("{}: the token file holds more than a token; {}", path, kNext));
  if (token.empty()) throw ConfigError(fmt::format("{}: the token file is empty; {}", path, kNext));
  return token;
}

std::function<std::optional<std::string>()> WatchTokenFile(const std::string& path) {
  return [path, seen = StampOf(path)]() mutable -> std::optional<std::string> {
    const Stamp stamp = StampOf(path);
    if (stamp == seen) return std::nullopt;
    seen = stamp;
    try {
      std::vector<std::string> ignored;
      return ReadTokenFile(path, &ignored);
    } catch (const ConfigError& error) {
      Tell(fmt::format("warning: {}; the old token stays in use", error.what()));
      return std::nullopt;
    }
  };
}

}  // namespace hushlog
