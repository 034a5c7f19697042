// The `date` parameter of Matomo.
#pragma once

#include <optional>
#include <string_view>

#include "rules/ui_action.h"

namespace hushlog {

// Accepts "2026-11-22", "2026-11-01,2026-11-22", "2026-11-01,today", "2026-11-01,yesterday", "today", "yesterday",
// "now", "last7" and "previous30". Days are those of 1990 to 2099, N is 1 to 1000, a range does not end before it
// begins.
std::optional<DateValue> ParseDateValue(std::string_view text) noexcept;

}  // namespace hushlog
