// The body of a bulk tracking request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/spool/store.h"

namespace hushlog {

// What of a body depends on its target.
struct Receiver {
  std::uint32_t site_id = 0;
  std::string_view token_auth;  // empty if none
  TargetKey key{};
};

// `{"requests":[{"idsite":1,<params>,"cid":"0123456789abcdef","cip":"192.0.2.0"},...],"token_auth":"..."}`
//
// Entries are objects: Matomo drops strings it cannot parse as a URL before it counts. Without a token the
// addresses are left out: Matomo refuses `cip` without one.
std::string BulkBody(const std::vector<HitRow>& rows, const Receiver& receiver);

// One request that Matomo processes and counts, but records nowhere, as its `rec` is not 1: tells whether the tracker
// works and may be repeated at will.
std::string HealthCheckBody(const Receiver& receiver);

// One request that Matomo records nowhere, as it only prolongs a visit and `visitor` has none, but refuses as invalid
// unless its token may set the time of hits, which is here `time_s`, seconds since 1970, and their address.
std::string TokenCheckBody(const Receiver& receiver, std::uint64_t visitor, std::int64_t time_s);

// What stands for the token in a copy of a body.
inline constexpr std::string_view kRemovedToken = "removed";

// A body of those above with kRemovedToken in the place of its token, byte for byte the same before it.
std::string WithoutToken(std::string_view body);

}  // namespace hushlog
