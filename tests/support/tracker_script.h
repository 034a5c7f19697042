// The script of a ScriptedTracker (see scripted_tracker.h for its words).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hushlog::test {

struct ScriptStep {
  std::string what = "ok";  // a word, or empty if `status` is given
  int status = 0;
  std::string argument;  // after the colon
  bool committed = false;
};

// Throws std::invalid_argument.
std::vector<ScriptStep> ParseScript(std::string_view script);

}  // namespace hushlog::test
