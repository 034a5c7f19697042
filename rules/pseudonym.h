// Pseudonyms of visitors: a keyed hash whose key lives for one log day and is then destroyed.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

namespace hushlog {

using DayKey = std::array<std::uint8_t, 16>;  // SipHash-2-4 key

// Where keys come from. Implementations are thread-safe and give the same key for the same day as long as the day
// lives.
class DayKeys {
 public:
  virtual ~DayKeys() = default;
  // `day` in days since 1970-01-01. Throws if the key can be neither found nor made.
  virtual DayKey KeyFor(std::int32_t day) = 0;
};

// Random keys that live in memory only, for dry runs: every process gives other pseudonyms. A log of bounded age has
// few days, so days are not forgotten before the object is destroyed, which overwrites the keys.
class EphemeralDayKeys final : public DayKeys {
 public:
  EphemeralDayKeys() = default;
  EphemeralDayKeys(const EphemeralDayKeys&) = delete;
  EphemeralDayKeys& operator=(const EphemeralDayKeys&) = delete;
  ~EphemeralDayKeys() override;

  DayKey KeyFor(std::int32_t day) override;

 private:
  std::mutex mutex_;
  std::map<std::int32_t, DayKey> keys_;  // guarded by mutex_
};

// SipHash-2-4 (libsodium) of address, a zero byte and user agent, as they stand in the log. Matomo takes 16 hex digits
// as `cid`. Text beyond kPseudonymInputLimit bytes does not count.
inline constexpr std::size_t kPseudonymInputLimit = 2048;
std::uint64_t Pseudonym(const DayKey& key, std::string_view address, std::string_view user_agent) noexcept;

// SipHash-2-4 of any text, for telling values apart without keeping them.
std::uint64_t KeyedHash(const DayKey& key, std::string_view text) noexcept;

}  // namespace hushlog
