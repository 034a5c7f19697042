#include "rules/client_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace hushlog {
namespace {

// Nobody sends longer ones, and nobody shall make us read them.
constexpr std::size_t kListLimit = 512;
constexpr std::uint16_t kLargestBrandMajor = 999;
// Chrome OS counts its builds here.
constexpr std::uint16_t kLargestPlatformMajor = 29999;

// Takes a string of a structured header (RFC 8941) from the front of *text: "..." without escapes, which no brand has.
bool TakeString(std::string_view* text, std::string_view* content) noexcept {
  if (!text->starts_with('"')) return false;
  const std::size_t end = text->find('"', 1);
  if (end == std::string_view::npos) return false;
  *content = text->substr(1, end - 1);
  text->remove_prefix(end + 1);
  return true;
}

// "15.0.0" -> 15; kNoMajor if it is none, or larger than `largest`.
std::uint16_t Major(std::string_view version, std::uint16_t largest) noexcept {
  std::uint16_t major = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  const bool ends = end == version.data() + version.size() || *end == '.';
  return error == std::errc() && ends && major <= largest ? major : ClientHints::kNoMajor;
}

// 1 + the position of `name`, 0 if it is not among `names`.
std::uint8_t Number(const std::vector<std::string>& names, std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::uint8_t{0} : static_cast<std::uint8_t>(found - names.begin() + 1);
}

struct LoggedBrand {
  std::string_view name;
  std::string_view version;
};

// Takes `"Chromium";v="129.0", ` from the front of *list.
bool TakeBrand(std::string_view* list, LoggedBrand* brand) noexcept {
  list->remove_prefix(std::min(list->find_first_not_of(", "), list->size()));
  if (!TakeString(list, &brand->name)) return false;
  list->remove_prefix(std::min(list->find_first_not_of("; "), list->size()));
  if (!list->starts_with("v=")) return false;
  list->remove_prefix(2);
  return TakeString(list, &brand->version);
}

// The content of a header that is one string, with or without its quotes.
std::string_view Unquoted(std::string_view text) noexcept {
  std::string_view content = text;
  return TakeString(&text, &content) ? content : text;
}

ClientHints::Mobile ReadMobile(std::string_view text) noexcept {
  if (text == "?1") return ClientHints::Mobile::kYes;
  return text == "?0" ? ClientHints::Mobile::kNo : ClientHints::Mobile::kUnknown;
}

}  // namespace

ClientHints ClientHintRules::Reduce(const Request& request) const noexcept {
  ClientHints hints;
  const bool has_full = !request.sec_ch_ua_full_version_list.empty();
  std::string_view list = (has_full ? request.sec_ch_ua_full_version_list : request.sec_ch_ua).substr(0, kListLimit);
  auto next = hints.brands.begin();
  for (LoggedBrand logged; next != hints.brands.end() && TakeBrand(&list, &logged);) {
    const ClientHints::Brand brand{Number(brands_, logged.name), Major(logged.version, kLargestBrandMajor)};
    if (brand.name != 0 && brand.major != ClientHints::kNoMajor) *next++ = brand;
  }
  hints.mobile = ReadMobile(request.sec_ch_ua_mobile);
  hints.platform = Number(platforms_, Unquoted(request.sec_ch_ua_platform));
  if (hints.platform != 0) {
    hints.platform_major = Major(Unquoted(request.sec_ch_ua_platform_version), kLargestPlatformMajor);
  }
  return hints;
}

std::string ClientHintRules::ToJson(const ClientHints& hints) const {
  std::string json;
  const auto out = std::back_inserter(json);
  for (const ClientHints::Brand& brand : hints.brands) {
    if (brand.name == 0 || brand.name > brands_.size()) continue;
    fmt::format_to(out, R"({}{{"brand":"{}","version":"{}"}})", json.empty() ? R"("fullVersionList":[)" : ",",
                   brands_[brand.name - 1u], brand.major);
  }
  if (!json.empty()) json += ']';
  const auto add = [&](std::string_view name, std::string_view value) {
    fmt::format_to(out, R"({}"{}":{})", json.empty() ? "" : ",", name, value);
  };
  if (hints.mobile != ClientHints::Mobile::kUnknown) {
    add("mobile", hints.mobile == ClientHints::Mobile::kYes ? "true" : "false");
  }
  if (hints.platform != 0 && hints.platform <= platforms_.size()) {
    add("platform", fmt::format("\"{}\"", platforms_[hints.platform - 1u]));
    if (hints.platform_major != ClientHints::kNoMajor) {
      add("platformVersion", fmt::format("\"{}\"", hints.platform_major));
    }
  }
  return json.empty() ? json : "{" + json + "}";
}

}  // namespace hushlog
