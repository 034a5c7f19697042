// Text of others that goes to a terminal.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace hushlog {

// Control characters, also those of C1 in UTF-8, become "\x1b": a file may have any name.
inline std::string Printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      result += fmt::format("\\xc2\\x{:02x}", next);
      ++i;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace hushlog
