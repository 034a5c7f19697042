// The short way from a line in `combined` to a Request. Internal to parsers/.
#pragma once

#include <cstdint>

#include "parsers/format_plan.h"
#include "parsers/marked_lines.h"
#include "parsers/request.h"
#include "parsers/timestamp.h"

namespace hushlog {

// Reads the lines that nearly all lines of such a log are like: no user, no escapes, nothing broken. Belongs to one
// thread.
class CombinedLine {
 public:
  // Whether the lines of `plan` are those of nginx's or Apache's `combined`.
  static bool Suits(const FormatPlan& plan);

  explicit CombinedLine(const FormatPlan& plan) : time_is_start_(plan.time_is_start) {}

  // Fills *request with what SplitText and RequestBuilder would make of `line`; its views point into the line. Fields
  // that the format does not have stay as they are. False, and nothing is said of the line, if it has to go that way.
  // `line` must be followed by kLinePadding readable bytes.
  [[nodiscard]] bool Read(const MarkedLine& line, Request* request) noexcept;

 private:
  static bool ReadRequest(const char* begin, const char* end, Request* request) noexcept;
  static bool ReadStatusAndBytes(const char* begin, const char* end, Request* request) noexcept;
  bool ReadTime(const char* text, Request* request) noexcept;

  bool time_is_start_;
  TimeParser time_parser_;
  LoggedTime time_;          // of time_text_
  char time_text_[26] = {};  // the last that was read
};

}  // namespace hushlog
