// What hushlog is doing, for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hushlog {

// What ToJson(StatusReport) has written, for people, at a time. Throws std::runtime_error if it is something else.
std::string StatusText(std::string_view json, std::int64_t now_ms);
// Whether all adds up in it, and the process that wrote it goes on writing. Throws as above.
bool IsSound(std::string_view json, std::int64_t now_ms);
// Whether it tells of a configured target that does not take hits. Throws as above.
bool TellsTrouble(std::string_view json);

}  // namespace hushlog
