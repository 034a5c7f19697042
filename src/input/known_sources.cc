#include "src/input/known_sources.h"

#include <algorithm>

namespace hushlog {

KnownSources::KnownSources(const std::vector<KnownSource>& sources) {
  for (const KnownSource& source : sources) Set(source.id, source.checkpoint);
}

void KnownSources::Set(std::int64_t id, const Checkpoint& checkpoint) {
  const auto [known, is_new] = checkpoints_.try_emplace(id);
  const Checkpoint before = known->second;
  largest_id_ = std::max(largest_id_, id);
  known->second = checkpoint;
  if (before.head_bytes == checkpoint.head_bytes && before.head_hash == checkpoint.head_hash) return;
  if (!is_new) Unlink(id, before);
  if (checkpoint.head_bytes > 0) heads_[checkpoint.head_bytes].emplace(checkpoint.head_hash, id);
}

const Checkpoint* KnownSources::Find(std::int64_t id) const {
  const auto known = checkpoints_.find(id);
  return known == checkpoints_.end() ? nullptr : &known->second;
}

void KnownSources::Unlink(std::int64_t id, const Checkpoint& checkpoint) {
  const auto ids = heads_.find(checkpoint.head_bytes);
  if (ids == heads_.end()) return;
  const auto [first, last] = ids->second.equal_range(checkpoint.head_hash);
  const auto entry = std::find_if(first, last, [id](const auto& candidate) { return candidate.second == id; });
  if (entry != last) ids->second.erase(entry);
  if (ids->second.empty()) heads_.erase(ids);
}

std::vector<KnownSource> KnownSources::Alike(std::string_view head) const {
  std::vector<KnownSource> alike;
  for (auto ids = heads_.lower_bound(static_cast<std::uint32_t>(head.size())); ids != heads_.end(); ++ids) {
    const auto [first, last] = ids->second.equal_range(IdentityHash(head.substr(0, ids->first)));
    for (auto entry = first; entry != last; ++entry) alike.push_back({entry->second, checkpoints_.at(entry->second)});
    if (!alike.empty()) break;
  }
  std::ranges::sort(alike, std::ranges::greater{}, [](const KnownSource& source) { return source.checkpoint.offset; });
  return alike;
}

}  // namespace hushlog
