// What earlier runs have read, found again by the beginning of its content.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/input/checkpoint.h"

namespace hushlog {

// The checkpoint of an earlier run, with the id under which the caller keeps it (not 0).
struct KnownSource {
  std::int64_t id = 0;
  Checkpoint checkpoint;
};

// Thread-safety: none, but const functions may run at the same time.
class KnownSources {
 public:
  KnownSources() = default;
  KnownSources(const std::vector<KnownSource>& sources);  // NOLINT(google-explicit-constructor): it is such a list

  // Adds a source, or replaces its checkpoint.
  void Set(std::int64_t id, const Checkpoint& checkpoint);

  // Null if there is no such source. Valid until the next change.
  const Checkpoint* Find(std::int64_t id) const;
  // 0 if there is none.
  std::int64_t largest_id() const noexcept { return largest_id_; }
  bool empty() const noexcept { return checkpoints_.empty(); }

  // Of the sources whose beginning `head` (the first kIdentityBytes, or all content if it is less) has, those with the
  // longest beginning, the one that was read furthest first. A shorter beginning tells less.
  std::vector<KnownSource> Alike(std::string_view head) const;

 private:
  using IdsByHeadHash = std::unordered_multimap<std::uint64_t, std::int64_t>;

  void Unlink(std::int64_t id, const Checkpoint& checkpoint);

  std::unordered_map<std::int64_t, Checkpoint> checkpoints_;  // by id
  std::int64_t largest_id_ = 0;
  // By head_bytes: a length has to be hashed only once, however many sources have it.
  std::map<std::uint32_t, IdsByHeadHash, std::greater<>> heads_;
};

}  // namespace hushlog
