// What a Recognizer found out about the values it saw last: few are asked for again and again. Internal to rules/.
//
// Thread-safety: each belongs to one thread. What they are made of must outlive them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "parsers/ip_address.h"
#include "parsers/request.h"
#include "rules/client_hints.h"
#include "rules/masked_address.h"
#include "rules/parameter_rules.h"
#include "rules/pseudonym.h"
#include "rules/query.h"
#include "rules/request_rules.h"
#include "rules/text_hash.h"
#include "rules/ui_action.h"
#include "rules/user_agent.h"

namespace hushlog {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return HashText(text); }
};

// User agents seen, reduced. Few are in use at a time; when too many were seen, it starts over.
class UserAgentCache {
 public:
  struct Entry {
    UserAgent user_agent;
    std::uint32_t number = 0;  // of this text; never given to another one
  };

  explicit UserAgentCache(const UserAgentRules& rules) : rules_(rules) { known_.reserve(kMaxKnown); }

  const Entry& Find(std::string_view text) {
    if (text.size() > kMaxTextBytes) return uncached_ = Entry{rules_.Reduce(text), ++numbers_};
    if (last_ != nullptr && last_->first == text) return last_->second;
    auto known = known_.find(text);
    if (known == known_.end()) {
      if (known_.size() == kMaxKnown) known_.clear();
      known = known_.emplace(std::string(text), Entry{rules_.Reduce(text), ++numbers_}).first;
    }
    last_ = &*known;
    return last_->second;
  }

 private:
  static constexpr std::size_t kMaxKnown = 4096;
  static constexpr std::size_t kMaxTextBytes = 512;  // longer ones are rare, and anybody can send them

  const UserAgentRules& rules_;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> known_;
  const std::pair<const std::string, Entry>* last_ = nullptr;  // lines of one client often follow each other
  std::uint32_t numbers_ = 0;
  Entry uncached_;
};

// Client hints seen, reduced. Most logs have none, and where they are they repeat.
class ClientHintCache {
 public:
  explicit ClientHintCache(const ClientHintRules& rules) : rules_(rules) { known_.reserve(kMaxKnown); }

  ClientHints Find(const Request& request) {
    const std::array<std::string_view, 5> fields = {request.sec_ch_ua, request.sec_ch_ua_full_version_list,
                                                    request.sec_ch_ua_mobile, request.sec_ch_ua_platform,
                                                    request.sec_ch_ua_platform_version};
    if (std::ranges::all_of(fields, [](std::string_view field) { return field.empty(); })) return {};
    key_.clear();
    for (const std::string_view field : fields) key_.append(field).push_back('\n');
    if (key_.size() > kMaxTextBytes) return rules_.Reduce(request);
    if (last_ != nullptr && last_->first == key_) return last_->second;
    auto known = known_.find(key_);
    if (known == known_.end()) {
      if (known_.size() == kMaxKnown) known_.clear();
      known = known_.emplace(key_, rules_.Reduce(request)).first;
    }
    last_ = &*known;
    return last_->second;
  }

 private:
  static constexpr std::size_t kMaxKnown = 1024;
  static constexpr std::size_t kMaxTextBytes = 512;

  const ClientHintRules& rules_;
  std::unordered_map<std::string, ClientHints, TextHash, std::equal_to<>> known_;
  const std::pair<const std::string, ClientHints>* last_ = nullptr;
  std::string key_;
};

// Keys of the days seen last: around midnight, lines of two days are mixed.
class KeyCache {
 public:
  explicit KeyCache(DayKeys& keys) : keys_(keys) {}

  const DayKey& KeyFor(std::int32_t day) {
    Entry& entry = entries_[static_cast<std::uint32_t>(day) % entries_.size()];
    if (!entry.known || entry.day != day) {
      entry.key = keys_.KeyFor(day);
      entry.day = day;
      entry.known = true;
    }
    return entry.key;
  }

 private:
  struct Entry {
    DayKey key{};
    std::int32_t day = 0;
    bool known = false;
  };

  DayKeys& keys_;
  std::array<Entry, 2> entries_;
};

// Pseudonyms and masked addresses of the clients seen last: a page sends its requests in bursts.
class ClientCache {
 public:
  struct Client {
    std::uint64_t visitor = 0;
    MaskedAddress address;
  };

  ClientCache(KeyCache& keys, AddressMask mask) : keys_(keys), mask_(mask) {}

  Client Find(const Request& request, std::uint32_t user_agent_number, std::int32_t day) {
    const std::string_view address = request.remote_addr;
    if (address.size() > kMaxAddressBytes) return Make(request, day);
    Entry& entry = entries_[(HashText(address) + user_agent_number) % entries_.size()];
    const bool known = entry.user_agent_number == user_agent_number && entry.day == day &&
                       EqualTexts({entry.address.data(), entry.address_size}, address);
    if (known) return entry.client;
    entry.client = Make(request, day);
    entry.user_agent_number = user_agent_number;
    entry.day = day;
    entry.address_size = static_cast<std::uint8_t>(address.copy(entry.address.data(), kMaxAddressBytes));
    return entry.client;
  }

 private:
  static constexpr std::size_t kMaxAddressBytes = 46;  // the longest IPv6 address

  struct Entry {
    Client client;
    std::uint32_t user_agent_number = 0;  // 0: nobody yet
    std::int32_t day = 0;
    std::array<char, kMaxAddressBytes> address{};
    std::uint8_t address_size = 0;
  };

  Client Make(const Request& request, std::int32_t day) {
    Client client;
    client.visitor = Pseudonym(keys_.KeyFor(day), request.remote_addr, request.user_agent);
    if (const auto address = ParseIpAddress(request.remote_addr)) client.address = Mask(*address, mask_);
    return client;
  }

  KeyCache& keys_;
  AddressMask mask_;
  std::array<Entry, 256> entries_;
};

// What is shown of the values seen last of parameters whose rules have patterns.
class ValueCache {
 public:
  explicit ValueCache(const ParameterRules& rules) : rules_(rules) {}

  // Sets *failed as ParameterRules::Sanitise does.
  const Parameter& Find(const QueryParameter& parameter, bool* failed) {
    Entry& entry = entries_[HashText(parameter.value) % entries_.size()];
    if (entry.shown.name != parameter.name || entry.value != parameter.value) {
      entry.value = parameter.value.substr(0, kMaxBytes);  // a longer one is never found again, and hidden
      entry.failed = false;
      entry.shown = rules_.Sanitise(parameter, &entry.failed);
    }
    *failed |= entry.failed;
    return entry.shown;
  }

 private:
  static constexpr std::size_t kMaxBytes = 256;

  struct Entry {
    std::string value;
    bool failed = false;
    Parameter shown;
  };

  const ParameterRules& rules_;
  std::array<Entry, 64> entries_;
};

// What the paths seen last decide. Few are asked for again and again: the tracker, the front controller, static files.
class PathCache {
 public:
  explicit PathCache(const RequestRules& rules) : rules_(rules) {}

  DropReason Find(std::string_view path) {
    if (path.size() > kMaxBytes) return rules_.DropByPath(path);
    Entry& entry = entries_[HashText(path) % entries_.size()];
    if (EqualTexts({entry.text.data(), entry.size}, path)) return entry.drop;
    entry.drop = rules_.DropByPath(path);
    entry.size = static_cast<std::uint8_t>(path.copy(entry.text.data(), kMaxBytes));
    return entry.drop;
  }

 private:
  static constexpr std::size_t kMaxBytes = 62;

  struct Entry {
    std::array<char, kMaxBytes> text{};
    std::uint8_t size = kMaxBytes + 1;  // no path yet
    DropReason drop = kKept;
  };

  const RequestRules& rules_;
  std::array<Entry, 256> entries_;
};

}  // namespace hushlog
