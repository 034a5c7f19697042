// User agent client hints (headers Sec-CH-UA*), reduced to brands and a platform of closed lists, with major versions.
//
// The lists stand in rules/user_agents.toml; brands that are not in it, such as the changing one that browsers add to
// keep servers from relying on the list, are dropped, and so are models and all else that the headers can tell.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/request.h"

namespace hushlog {

struct ClientHints {
  static constexpr std::uint16_t kNoMajor = 0xffff;
  enum class Mobile : std::uint8_t { kUnknown, kNo, kYes };

  struct Brand {
    std::uint8_t name = 0;  // number in ClientHintRules; 0 = none
    std::uint16_t major = 0;

    bool operator==(const Brand&) const = default;
  };

  std::array<Brand, 3> brands{};  // the first ones that are known, in their order
  Mobile mobile = Mobile::kUnknown;
  std::uint8_t platform = 0;  // number in ClientHintRules; 0 = none
  std::uint16_t platform_major = kNoMajor;

  bool operator==(const ClientHints&) const = default;
};

// Immutable; may be shared by threads.
class ClientHintRules {
 public:
  static constexpr std::size_t kMaxNames = 255;

  // At most kMaxNames of each, in printable ASCII without quotes and backslashes.
  ClientHintRules(std::vector<std::string> brands, std::vector<std::string> platforms)
      : brands_(std::move(brands)), platforms_(std::move(platforms)) {}

  // The Sec-CH-UA* fields of `request`. Of the two lists of brands the one with full versions counts, if it is there.
  ClientHints Reduce(const Request& request) const noexcept;

  // Matomo's tracking parameter `uadata`: {"fullVersionList":[{"brand":"Chromium","version":"129"}],"mobile":false,
  // "platform":"Windows","platformVersion":"15"} with the parts that are known; "" if none is. From platform version 13
  // on Windows is Windows 11.
  std::string ToJson(const ClientHints& hints) const;

 private:
  std::vector<std::string> brands_;
  std::vector<std::string> platforms_;
};

}  // namespace hushlog
