// Which addresses may speak for others through X-Forwarded-For.
#pragma once

#include <string_view>
#include <vector>

#include "parsers/ip_address.h"

namespace hushlog {

// Takes the right-most entry, without blanks, off an X-Forwarded-For list. The result points into *list.
std::string_view TakeLastForwarded(std::string_view* list) noexcept;

class TrustedProxies {
 public:
  // Each entry an address or a CIDR range ("10.0.0.0/8", "::1"). Throws FormatError naming the entry.
  explicit TrustedProxies(const std::vector<std::string_view>& ranges);

  // The client of a request that arrived from `remote_addr` with this X-Forwarded-For: the right-most entry that is not
  // a trusted proxy, if remote_addr is one; else remote_addr. Entries may carry a port or brackets. An entry that is no
  // address ends the search: then the address right of it is returned, for what lies left of it may be forged.
  // The result points into one of the arguments.
  std::string_view Client(std::string_view remote_addr, std::string_view forwarded_for) const noexcept;

 private:
  bool Trusts(const IpAddress& address) const noexcept;

  std::vector<IpRange> ranges_;
};

}  // namespace hushlog
