#include "src/input/checkpoint.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace hushlog {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kEncodedBytes = 1 + 1 + 4 + 8 + 8 + 4 + 8;

template <typename Integer>
void Put(Integer value, std::string* out) {
  for (std::size_t i = 0; i < sizeof(value); ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

template <typename Integer>
Integer Take(std::string_view* bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>((*bytes)[i])) << (8 * i);
  }
  bytes->remove_prefix(sizeof(value));
  return value;
}

}  // namespace

std::string Checkpoint::Encode() const {
  std::string out;
  out.reserve(kEncodedBytes);
  out.push_back(kVersion);
  out.push_back(mid_line ? 1 : 0);
  Put(head_bytes, &out);
  Put(head_hash, &out);
  Put(offset, &out);
  Put(tail_bytes, &out);
  Put(tail_hash, &out);
  return out;
}

bool Checkpoint::Decode(std::string_view bytes, Checkpoint* out) {
  if (bytes.size() != kEncodedBytes || bytes[0] != kVersion) return false;
  if (bytes[1] != 0 && bytes[1] != 1) return false;
  out->mid_line = bytes[1] == 1;
  bytes.remove_prefix(2);
  out->head_bytes = Take<std::uint32_t>(&bytes);
  out->head_hash = Take<std::uint64_t>(&bytes);
  out->offset = Take<std::uint64_t>(&bytes);
  out->tail_bytes = Take<std::uint32_t>(&bytes);
  out->tail_hash = Take<std::uint64_t>(&bytes);
  return std::max(out->head_bytes, out->tail_bytes) <= kIdentityBytes &&
         std::max(out->head_bytes, out->tail_bytes) <= out->offset;
}

std::uint64_t IdentityHash(std::string_view bytes) noexcept {
  static constexpr unsigned char kKey[crypto_shorthash_KEYBYTES] = {'h', 'u', 's', 'h', 'l', 'o', 'g', ' ',
                                                                    's', 'o', 'u', 'r', 'c', 'e', ' ', '1'};
  unsigned char hash[crypto_shorthash_BYTES];
  crypto_shorthash(hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kKey);
  std::string_view view(reinterpret_cast<const char*>(hash), sizeof(hash));
  return Take<std::uint64_t>(&view);
}

Trail::Trail() {
  head_.reserve(kIdentityBytes);
  tail_.reserve(2 * kIdentityBytes);
}

void Trail::Restart(const Checkpoint& checkpoint, std::string_view head, std::string_view tail) {
  offset_ = checkpoint.offset;
  head_.assign(head.substr(0, std::min<std::uint64_t>(kIdentityBytes, offset_)));
  tail_.assign(tail);
  head_hashed_ = 0;
}

void Trail::Advance(std::string_view consumed) noexcept {
  offset_ += consumed.size();
  head_.append(consumed.substr(0, kIdentityBytes - head_.size()));
  tail_.append(consumed.substr(consumed.size() - std::min(consumed.size(), kIdentityBytes)));
  if (tail_.size() > kIdentityBytes) tail_.erase(0, tail_.size() - kIdentityBytes);
}

Checkpoint Trail::At(bool mid_line) noexcept {
  if (head_hashed_ != head_.size()) {
    head_hash_ = IdentityHash(head_);
    head_hashed_ = head_.size();
  }
  return {.head_bytes = static_cast<std::uint32_t>(head_.size()),
          .head_hash = head_hash_,
          .offset = offset_,
          .tail_bytes = static_cast<std::uint32_t>(tail_.size()),
          .tail_hash = IdentityHash(tail_),
          .mid_line = mid_line};
}

}  // namespace hushlog
