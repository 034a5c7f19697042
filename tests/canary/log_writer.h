// Writes lines as nginx and Apache would: the opposite of parsers/, for any of its formats.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace hushlog::test {

// Raw values by nginx's names of variables ("remote_addr", "request_uri", "http_referer"), `time` apart.
struct LogEntry {
  std::int64_t time_s = 0;  // UTC
  std::map<std::string, std::string, std::less<>> values;
  std::string escaped;  // to be written with an escape for each byte, wherever it stands; "" for nothing
};

// `spec` as Preset::spec has it: an nginx or Apache format, "json" or a field map. A variable that the entry lacks gets
// the value of "unknown". Without line end.
std::string WriteLine(std::string_view spec, const LogEntry& entry);

}  // namespace hushlog::test
