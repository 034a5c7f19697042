// What the exit status of hushlog says. Scripts rely on it: never change a meaning.
#pragma once

#include <string_view>
#include <utility>

namespace hushlog {

enum ExitStatus : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitRejected = 3,
  kExitUnreadable = 4,
  kExitTarget = 5,
  kExitForeign = 6,
  kExitSignal = 128,  // + number of the signal, after a clean checkpoint
};

// For the documentation. Of several the status is the first that holds, in this order: that of a signal, 2, 1, 5, 4, 3.
inline constexpr std::pair<std::string_view, std::string_view> kExitMeanings[] = {
    {"0", "Done"},
    {"1", "Failed, for instance because the state directory cannot be written to"},
    {"2", "A mistake in the command line, the configuration or the rules"},
    {"3", "Done, but a target refused hits, or it is not known whether it took them: hushlog targets"},
    {"4", "Some input cannot be read, or its format is not known; the rest was read"},
    {"5", "A target is unreachable or refuses hits; they are kept for the next run"},
    {"6", "audit: something is not in the egress grammar, or a chain of copies is broken"},
    {"130, 143", "Ended by SIGINT or SIGTERM; what was read is kept. tail ends with 0"},
};

}  // namespace hushlog
