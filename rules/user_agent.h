// User agents, reduced to browser and operating system families with their major versions and a device type.
//
// The families are a closed list (rules/user_agents.toml); what is not in it becomes Unknown. ToString() renders a user
// agent string from the list alone, such that Matomo's device detection recognises the same browser, system and device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rules/client_hints.h"

namespace hushlog {

class RuleFiles;

struct UserAgent {
  enum class Device : std::uint8_t { kUnknown, kDesktop, kMobile, kTablet, kTv, kConsole, kOther };
  static constexpr std::uint16_t kNoMajor = 0xffff;  // none given, or larger than the rules allow

  std::uint16_t browser = 0;  // index in UserAgentRules; 0 = unknown
  std::uint16_t browser_major = kNoMajor;
  std::uint16_t system = 0;  // index in UserAgentRules; 0 = unknown
  std::uint16_t system_major = kNoMajor;
  Device device = Device::kUnknown;
  bool is_bot = false;      // crawlers, monitors, feed fetchers, link previews; all else is then unset
  bool is_browser = false;  // a person may browse with it, in-app browsers included; false for API clients such as curl

  bool operator==(const UserAgent&) const = default;
};

// One [[bot]], [[system]], [[browser]] or [[device]].
struct UserAgentRule {
  std::string id;     // "" if there is none
  std::string place;  // "file:line"

  bool operator==(const UserAgentRule&) const = default;
};

// Immutable; may be shared by threads.
class UserAgentRules {
 public:
  // Whether the samples in the rules must be recognised as their rule says, and what a browser is rendered as must be
  // recognised as that browser.
  enum class Samples : std::uint8_t { kCheck, kTrust };

  // The rules embedded in this program, made at the first call. Their samples are trusted: the text cannot change after
  // the build, and the unit tests check them all. Throws ConfigError if the data is broken.
  static std::shared_ptr<const UserAgentRules> Shipped();
  // From [[bot]], [[system]], [[browser]], [[device]], [marks] and bot_text of `files`, those of the site first.
  // `samples` is for shipped ones; those of the site are checked. Throws ConfigError with all that was noted so far if
  // the rules are broken; notes samples that fail.
  static std::shared_ptr<const UserAgentRules> Load(RuleFiles* files, Samples samples);
  // The text of these rules: rules/user_agents.toml.
  static std::string_view ShippedText() noexcept;
  // Rules from TOML text, in the grammar that rules/user_agents.toml explains; `file` names it in errors. Text that can
  // change after the build must have its samples checked. Throws ConfigError if it is broken or a sample fails.
  static std::shared_ptr<const UserAgentRules> Parse(std::string_view toml, std::string_view file,
                                                     Samples samples = Samples::kCheck);

  ~UserAgentRules();
  UserAgentRules(const UserAgentRules&) = delete;
  UserAgentRules& operator=(const UserAgentRules&) = delete;

  // Not cheap (pattern matching, in time linear to at most 1 KiB of text): callers keep the result per distinct string.
  // "" and "-" give UserAgent{}.
  UserAgent Reduce(std::string_view user_agent) const noexcept;
  // Which rules Reduce() follows: one for a bot, those of the other kinds else. Takes as long.
  struct Decision {
    UserAgentRule bot, browser, system, device;
  };
  Decision Decide(std::string_view user_agent) const;

  // Never empty, since Matomo takes the sender's own user agent if a hit has none: UserAgent{} gives "-".
  // Reduce() of the result gives the same UserAgent again, if Reduce() made that.
  std::string ToString(const UserAgent& user_agent) const;

  // What client hints are reduced to.
  const ClientHintRules& client_hints() const noexcept;

  // Number of families, unknown included: valid indices are 0 to count - 1.
  std::size_t browser_count() const noexcept;
  std::size_t system_count() const noexcept;
  // "Chrome", "Windows 7", "Unknown". Live as long as the rules.
  std::string_view BrowserName(std::uint16_t browser) const noexcept;
  std::string_view SystemName(std::uint16_t system) const noexcept;
  // With major version: "Chrome 128", "macOS 10.15", "Windows 7", "Unknown".
  std::string BrowserLabel(const UserAgent& user_agent) const;
  std::string SystemLabel(const UserAgent& user_agent) const;

 private:
  struct Tables;
  friend class UserAgentLoader;
  explicit UserAgentRules(std::unique_ptr<const Tables> tables);

  std::unique_ptr<const Tables> tables_;
};

// "unknown", "desktop", "mobile", "tablet", "tv", "console", "other".
std::string_view ToString(UserAgent::Device device) noexcept;

}  // namespace hushlog
