// Places at which the tests of faults end the process, as kill -9 or a power failure would.
//
// In the program as it is shipped Failpoint does nothing, and there is no switch to make it do something: the tests
// link another one in its place (tests/faults/). Its file must hold nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace hushlog {

// All of them. The tests try each, and fail if one is never passed.
inline constexpr std::array<std::string_view, 21> kFailpoints = {
    // start
    "new-database",     // a state database or side checkpoint is written, but not named yet
    "named-database",   // named, but its directory is not synced yet
    "opened",           // the state database is opened, but what was added to its schema since is not made yet
    "added",            // that is made
    "first-look",       // the files to follow were looked for, and nothing read
    "before-followed",  // before the commit that says that sources are followed
    // reading
    "read",           // lines were read, and not kept
    "before-ingest",  // before the commit of lines that were read, their hits and the positions
    "ingested",       // after it
    "before-report",  // before the commit of the system report of a day
    "reported",       // after it
    // delivery
    "in-flight",           // it is committed that a slice is about to be sent
    "body-out",            // the last byte of a request was handed to the system; maybe more than once a request
    "answered",            // the answer was received, or the request has failed
    "before-acknowledge",  // before the commit of what became of a slice
    "pruned",              // within it: batches that nobody waits for are deleted
    "acknowledged",        // after it
    "put-aside",           // after the commit that parks or buries a slice
    "not-processed",       // after the commit that a slice was certainly not processed
    "answer-lost",         // after the commit that it may have been
    // side checkpoint
    "side-checkpoint",  // its tables are filled, and not committed
};

// One of kFailpoints; anything else does not compile.
class FailpointName {
 public:
  consteval FailpointName(const char* name)
      : index_(static_cast<std::size_t>(std::ranges::find(kFailpoints, std::string_view(name)) - kFailpoints.begin())) {
    if (index_ == kFailpoints.size()) throw "not one of kFailpoints";
  }
  std::size_t index() const { return index_; }

 private:
  std::size_t index_;
};

// Thread-safe. Never called for each line.
void Failpoint(FailpointName name) noexcept;

}  // namespace hushlog
