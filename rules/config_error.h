// An error in a configuration or rule file, found at start.
#pragma once

#include <stdexcept>
#include <string>

namespace hushlog {

// what() is "file:line: what is wrong and what to do", one line for each error, all errors of the file at once.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hushlog
