// Field maps for lines of JSON. Internal to parsers/.
#pragma once

#include <string_view>

#include "parsers/format_plan.h"

namespace hushlog {

// Keys named like nginx's variables or like the fields of Request.
FormatPlan DefaultJsonPlan();

// From "time=ts,remote_addr=client_ip,target=uri": on the left a name of DefaultJsonPlan, on the right the key. Throws
// FormatError.
FormatPlan JsonPlanFromMap(std::string_view map);

// From the template of an nginx log_format with escape=json: {"ts":"$msec","status":$status}. Keys in nested objects
// are not used. Throws FormatError.
FormatPlan JsonPlanFromTemplate(std::string_view format);

// True if a log_format string looks like such a template.
bool IsJsonTemplate(std::string_view format);

}  // namespace hushlog
