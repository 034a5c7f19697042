// How far a source was read, and how the content of a source is recognised again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hushlog {

// How much of the beginning, and of what lies before a position, identifies it.
inline constexpr std::size_t kIdentityBytes = 4096;

// How far a source was read. Survives renaming and compression of the file: it identifies content, not a path. All
// positions count decompressed bytes. A value; safe to copy between threads.
struct Checkpoint {
  std::uint32_t head_bytes = 0;  // how much of the beginning identifies the source; 0: it cannot be found again
  std::uint64_t head_hash = 0;
  std::uint64_t offset = 0;      // bytes consumed, >= head_bytes
  std::uint32_t tail_bytes = 0;  // how much before `offset` was hashed
  std::uint64_t tail_hash = 0;
  bool mid_line = false;  // the rest of a line that was taken follows, if anything: skip to after the next '\n'

  std::string Encode() const;  // compact binary, versioned
  // False, and *out unspecified, if the bytes are broken or of a newer version.
  [[nodiscard]] static bool Decode(std::string_view bytes, Checkpoint* out);

  bool operator==(const Checkpoint&) const = default;
};

// A fast 64-bit hash (SipHash with a fixed key), the same in every run and on every machine.
std::uint64_t IdentityHash(std::string_view bytes) noexcept;

// Remembers of what was consumed just what a Checkpoint needs. Thread-safety: none.
class Trail {
 public:
  Trail();
  // Starts at `checkpoint`; `head` is the beginning of the content and `tail` what lies before the position.
  void Restart(const Checkpoint& checkpoint, std::string_view head, std::string_view tail);
  void Advance(std::string_view consumed) noexcept;
  Checkpoint At(bool mid_line) noexcept;
  std::uint64_t offset() const noexcept { return offset_; }
  std::string_view head() const noexcept { return head_; }
  std::string_view tail() const noexcept { return tail_; }

 private:
  std::string head_, tail_;  // at most kIdentityBytes each
  std::uint64_t offset_ = 0;
  std::uint64_t head_hash_ = 0;
  std::size_t head_hashed_ = 0;  // how much of head_ head_hash_ is for
};

}  // namespace hushlog
