// Field maps for lines of JSON. Internal to parsers/.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "parsers/format_plan.h"

namespace hushlog {

using ExtraFields = std::span<const std::string>;  // see LogFormat::Compile

// Keys named like nginx's variables or like the fields of Request.
FormatPlan DefaultJsonPlan(ExtraFields extra);

// From "time=ts,remote_addr=client_ip,target=uri": on the left a name of DefaultJsonPlan or of a header or cookie,
// on the right the key. Throws FormatError.
FormatPlan JsonPlanFromMap(std::string_view map, ExtraFields extra);

// From the template of an nginx log_format with escape=json: {"ts":"$msec","status":$status}. Keys in nested objects
// are not used. Throws FormatError.
FormatPlan JsonPlanFromTemplate(std::string_view format, ExtraFields extra);

// True if a log_format string looks like such a template.
bool IsJsonTemplate(std::string_view format);

}  // namespace hushlog
