// Copies of the bodies that were sent, as a chain of hashes for each target.
//
// Each copy holds the hash of the one before it: whoever changes, removes or adds one must change all that follow, and
// the hash of the last one, which `hushlog audit` prints for safe keeping elsewhere. Copies are deleted from the oldest
// on; the hash of the last one deleted stays as the anchor that the rest hangs on.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "src/spool/store.h"

namespace hushlog {

// BLAKE2b, 256 bits. Of no copy: zeros.
using CopyHash = std::array<unsigned char, 32>;

struct SentCopy {
  std::int64_t number = 0;  // counts from 1
  std::int64_t sent_ms = 0;
  std::string_view previous;  // hash of the copy before it
  std::string_view body;
};

// Of everything that the copy holds, and its target.
CopyHash HashOf(std::int64_t target, const SentCopy& copy);

struct SentChain {
  std::int64_t target = 0;
  std::string target_name;
  std::int64_t copies = 0;
  std::int64_t first_ms = 0;  // when the first and the last copy were sent, UTC; 0 if there is none
  std::int64_t last_ms = 0;
  CopyHash head{};             // of the last copy
  std::int64_t broken_at = 0;  // number of the first copy that is missing, or is not the one that was added; 0: none
};

// Walks over the chains of all targets that have one, and calls take(chain, copy) for each copy, in order, up to the
// first break. `take` returns false to end it. Thread-safety: excludes all other use of the store.
using TakeCopy = std::function<bool(const SentChain& chain, const SentCopy& copy)>;
std::vector<SentChain> WalkSentCopies(Store& store, const TakeCopy& take);

}  // namespace hushlog
