#include "rules/pseudonym.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace hushlog {

static_assert(sizeof(DayKey) == crypto_shorthash_KEYBYTES);
static_assert(sizeof(std::uint64_t) == crypto_shorthash_BYTES);

EphemeralDayKeys::~EphemeralDayKeys() {
  for (auto& [day, key] : keys_) sodium_memzero(key.data(), key.size());
}

DayKey EphemeralDayKeys::KeyFor(std::int32_t day) {
  std::scoped_lock lock(mutex_);
  const auto [entry, is_new] = keys_.try_emplace(day);
  if (is_new) {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised: no source of random numbers");
    randombytes_buf(entry->second.data(), entry->second.size());
  }
  return entry->second;
}

std::uint64_t Pseudonym(const DayKey& key, std::string_view address, std::string_view user_agent) noexcept {
  std::array<unsigned char, kPseudonymInputLimit> input;
  const std::size_t address_size = std::min(address.size(), input.size() - 1);
  const std::size_t agent_size = std::min(user_agent.size(), input.size() - 1 - address_size);
  unsigned char* end = std::copy_n(address.data(), address_size, input.data());
  *end++ = 0;
  end = std::copy_n(user_agent.data(), agent_size, end);

  return KeyedHash(key, {reinterpret_cast<const char*>(input.data()), static_cast<std::size_t>(end - input.data())});
}

std::uint64_t KeyedHash(const DayKey& key, std::string_view text) noexcept {
  std::array<unsigned char, crypto_shorthash_BYTES> digest;
  crypto_shorthash(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data());
  std::uint64_t hash = 0;  // little-endian, so that all machines agree
  for (std::size_t i = digest.size(); i-- > 0;) hash = hash << 8 | digest[i];
  return hash;
}

}  // namespace hushlog
