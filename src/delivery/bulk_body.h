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

// What stands for the token in a copy of a body.
inline constexpr std::string_view kRemovedToken = "removed";

// A body of the two above with kRemovedToken in the place of its token, byte for byte the same before it.
std::string WithoutToken(std::string_view body);

}  // namespace hushlog
