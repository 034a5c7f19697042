// Makes archives in memory.
#pragma once

#include <string>
#include <string_view>

namespace hushlog {

std::string Gzip(std::string_view text);
std::string Bzip2(std::string_view text);
std::string Xz(std::string_view text);
std::string Zstd(std::string_view text);

}  // namespace hushlog
