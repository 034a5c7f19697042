#include "src/base/tell.h"

#include <cstdio>
#include <string>

namespace hushlog {

void Tell(std::string_view sentence) noexcept {
  std::string line("hushlog: ");
  line.append(sentence).push_back('\n');
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace hushlog
