// Marked secrets, the disguises in which a log may hold them, and a search that finds any piece of one in any of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace hushlog::test {

// 24 letters and digits: "Zq7J" and two digits of `number` (base 36), four times. So any eight bytes of it in a row are
// like nothing else.
std::string Secret(std::uint64_t number);

enum class Disguise : std::uint8_t {
  kPlain,
  kOtherCase,        // upper case for lower, and the reverse
  kPercent,          // %5A
  kPercentTwice,     // %255A
  kPercentThrice,    // %25255A
  kDollar,           // $5A, as Matomo writes percent-encoding into a popover
  kPercentOfDollar,  // %245A
  kBase64,           // with up to two bytes before it, so that it begins at any bit
  kBase64Url,
  kHex,
  kUpperHex,
  kOverlong,         // each byte as two of UTF-8
  kPercentOverlong,  // %C1%9A
  kNginxEscape,      // \x5A
  kJsonEscape,       // \u005A
  kCount
};
inline constexpr std::size_t kDisguises = static_cast<std::size_t>(Disguise::kCount);

std::string Disguised(std::string_view secret, Disguise disguise);

// Addresses of clients that are secrets, too, but for their first bytes.
std::string SecretAddress(std::uint64_t number);

// Finds eight bytes of any secret in any disguise (of base64 eleven digits), whatever the case, escapes mixed and
// nested at will; and the network of SecretAddress.
//
// Thread-safety: may be shared by threads.
class SecretFinder {
 public:
  SecretFinder();
  ~SecretFinder();

  // The first piece of a secret and some bytes around it; nullopt if there is none.
  std::optional<std::string> Find(std::string_view bytes) const;

 private:
  std::unique_ptr<const re2::RE2> pattern_;
};

}  // namespace hushlog::test
