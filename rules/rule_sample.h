// A request as samples of rules describe it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/request.h"

namespace hushlog {

// Views point into the text of the sample.
struct RuleSample {
  Request request;  // of a browser, sent by a page, unless the sample says otherwise
  std::vector<std::pair<std::string_view, std::string_view>> extra;  // fields that Request has no member for

  // The values of these extra fields, for Request::extra.
  std::vector<std::string_view> ExtraValues(std::span<const std::string> names) const;
};

// "POST /index.php?module=Login 302", followed by any of "no-referer", "program" and "field=value"; the value of
// user_agent, which stands last, may hold blanks. Nothing if the text is written otherwise.
std::optional<RuleSample> ParseRuleSample(std::string_view text);

}  // namespace hushlog
