#include "src/cli/new_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "src/base/unique_fd.h"

namespace hushlog {
namespace {

// Next to the file, so that a link can give it its name.
class Unfinished {
 public:
  explicit Unfinished(const std::string& path) : path_(path + ".XXXXXX"), fd_(mkostemp(path_.data(), 0)) {}
  ~Unfinished() {
    if (fd_) (void)unlink(path_.c_str());
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  // False, and errno says why, if it cannot be.
  bool Write(std::string_view text, mode_t mode) const {
    if (!fd_ || fchmod(fd_.get(), mode) != 0) return false;
    while (!text.empty()) {
      const ssize_t n = ::write(fd_.get(), text.data(), text.size());
      if (n < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return fsync(fd_.get()) == 0;
  }
  bool Name(const std::string& path) const { return link(path_.c_str(), path.c_str()) == 0; }

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace

bool WriteNewFile(const std::string& path, std::string_view text, mode_t mode) {
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  if (error) {
    throw std::runtime_error(fmt::format("cannot create the directory {}: {}", directory.string(), error.message()));
  }
  const Unfinished file(path);
  if (file.Write(text, mode) && file.Name(path)) return true;
  if (errno == EEXIST) return false;
  throw std::runtime_error(fmt::format("{} cannot be written: {}; nothing was written", path, std::strerror(errno)));
}

}  // namespace hushlog
