// A byte of a raw field that gets into one parameter of what is encoded.
#pragma once

#include <atomic>
#include <string>

namespace hushlog::test {

struct Leak {
  std::string parameter;      // "" for none
  std::string byte;           // as it stands in JSON
  std::atomic<int> times{0};  // how often it did
};
extern Leak leak;

// Puts the byte into the middle of each value that the parameter has in `json`.
std::string WithLeak(std::string json);

}  // namespace hushlog::test
