// Runs the hushlog program as a user would.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace hushlog {

struct ProgramOutcome {
  int status = -1;  // exit status; 128 + signal if a signal ended it
  std::string output;
  std::string errors;
};
using Outcome = ProgramOutcome;  // src/delivery has a struct of this name

// Starts hushlog with these files as standard input, output and error; returns its process. `setting` is added to the
// environment: NAME=VALUE.
pid_t StartHushlog(const std::vector<std::string>& arguments, const std::string& input, const std::string& output,
                   const std::string& errors, const std::string& setting = "");

// Runs hushlog with `arguments` and waits for it. `input` is its standard input.
Outcome RunHushlog(const std::vector<std::string>& arguments, const std::string& input = "");

// Starts hushlog and kills it (SIGKILL) after `milliseconds`, unless it ends earlier.
void RunAndKillHushlog(const std::vector<std::string>& arguments, int milliseconds);

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& text);
// The bytes of all files under a directory, one after the other.
std::string ReadTree(const std::string& path);

// The whole number or the text that `key` has in a JSON document, at its first appearance; "" if it has none.
std::string JsonField(const std::string& json, const std::string& key);

}  // namespace hushlog
