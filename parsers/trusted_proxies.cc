#include "parsers/trusted_proxies.h"

#include <algorithm>
#include <string>

#include "parsers/log_format.h"

namespace hushlog {
namespace {

std::string_view Trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view TakeLastForwarded(std::string_view* list) noexcept {
  const auto comma = list->rfind(',');
  const std::string_view last = comma == std::string_view::npos ? *list : list->substr(comma + 1);
  *list = comma == std::string_view::npos ? std::string_view() : list->substr(0, comma);
  return Trim(last);
}

TrustedProxies::TrustedProxies(const std::vector<std::string_view>& ranges) {
  for (const std::string_view text : ranges) {
    const auto range = ParseIpRange(Trim(text));
    if (!range)
      throw FormatError("trusted proxy \"" + std::string(text) + "\" is neither an IP address nor a CIDR range");
    ranges_.push_back(*range);
  }
}

bool TrustedProxies::Trusts(const IpAddress& address) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const IpRange& range) { return range.Contains(address); });
}

std::string_view TrustedProxies::Client(std::string_view remote_addr, std::string_view forwarded_for) const noexcept {
  std::string_view client = remote_addr;
  for (auto address = ParseIpAddress(client); address && Trusts(*address) && !forwarded_for.empty();) {
    const std::string_view entry = TakeLastForwarded(&forwarded_for);
    address = ParseIpAddress(entry);
    if (address) client = entry;
  }
  return client;
}

}  // namespace hushlog
