// How a process ends that does not wait for its threads.
#pragma once

#include <string>
#include <vector>

namespace hushlog {

// The same process from its beginning, with these arguments: what does for a restart does for a new configuration. A
// service manager notices nothing. Returns if a signal asks to stop instead; one that comes later finds the handlers of
// the new program.
void StartAnew(const std::vector<std::string>& arguments);

// Without waiting for the threads of requests to targets that do not answer.
[[noreturn]] void EndAtOnce(int status);

}  // namespace hushlog
