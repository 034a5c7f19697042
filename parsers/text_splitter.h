// Cuts a line of text into the values of a format. Internal to parsers/.
#pragma once

#include "parsers/format_plan.h"
#include "parsers/marked_lines.h"

namespace hushlog {

// Fills values->text of the fields of `plan` and values->escaped. False if `line` does not have the shape of the
// format from its first to its last byte. There is no backtracking: a value ends at the first place where it can end,
// so that text which looks like a separator makes a line fail instead of shifting the fields after it.
// `line` must be followed by kLinePadding readable bytes.
[[nodiscard]] bool SplitText(const FormatPlan& plan, const MarkedLine& line, FieldValues* values) noexcept;

}  // namespace hushlog
