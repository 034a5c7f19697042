// The audit of captures: whatever a file holds, its reader comes to its end, and what it names is in the file.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "src/audit/capture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const hushlog::EgressGrammar grammar;
  const std::string text(reinterpret_cast<const char*>(data), size);
  hushlog::HitChecker checker(grammar);
  std::istringstream bytes(text);
  hushlog::CaptureReader reader(grammar, checker, bytes);
  std::int64_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  for (std::size_t requests = 0; reader.Next(); ++requests) {
    if (requests > size || reader.line() < 1 || reader.line() > lines) std::abort();
    if (reader.violation() && reader.violation()->offset > size) std::abort();
  }
  std::istringstream again(text);
  std::int64_t number = 0;
  for (std::string line; std::getline(again, line);) {
    if (checker.CheckShown(line)) ++number;
    if (checker.CheckStored(line, number)) ++number;
  }
  return 0;
}
