// Cuts a line of JSON into the values of a field map. Internal to parsers/.
//
// Thread-safety: a JsonSplitter belongs to one thread.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "parsers/format_plan.h"

namespace hushlog {

// Fills plan->key_table from plan->keys.
void IndexKeys(FormatPlan* plan);

class JsonSplitter {
 public:
  // Allocates all it needs for lines of up to `max_line_bytes`.
  explicit JsonSplitter(std::size_t max_line_bytes);

  // Fills *values with strings (escapes undone), numbers (as written) and nothing for null. Of two equal keys the first
  // counts. False if the line is not one JSON object, or a mapped key holds an object, an array or a truth value.
  // Bytes that are not UTF-8, which nginx does not escape, come out as '?'.
  // `line` must be followed by kLinePadding readable bytes; the views die with the next call.
  [[nodiscard]] bool Split(const FormatPlan& plan, std::string_view line, FieldValues* values) noexcept;

 private:
  simdjson::error_code Read(const FormatPlan& plan, std::string_view line, FieldValues* values) noexcept;
  std::string_view WithoutHighBytes(std::string_view line) noexcept;

  simdjson::ondemand::parser parser_;
  std::unique_ptr<char[]> ascii_;
};

}  // namespace hushlog
