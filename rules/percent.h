// Percent-decoding as PHP does it, repeated: values in Matomo's URLs are encoded up to three times.
#pragma once

#include <span>
#include <string_view>

namespace hushlog {

// One round: %XX and, if `plus_is_space`, '+'. A '%' that two hexadecimal digits do not follow stays. Returns a view of
// `scratch`, or `text` itself if there is nothing to decode. What does not fit in `scratch` is cut off.
std::string_view DecodePercent(std::string_view text, bool plus_is_space, std::span<char> scratch) noexcept;

// At most three rounds, until nothing changes. '+' is a space in the first round only.
std::string_view DecodeFully(std::string_view text, std::span<char> scratch) noexcept;

}  // namespace hushlog
