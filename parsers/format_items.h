// A format string on its way to a FormatPlan: literals and values in the order of the line. Internal to parsers/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/format_plan.h"

namespace hushlog {

// What the text of a value may look like where it is not in quotes.
enum class Shape : std::uint8_t {
  kToken,  // holds no blank
  kText,   // may hold blanks
  kList,   // see Stop::kList
  kFixed,  // has a fixed width
};

// What a variable or directive holds.
struct Value {
  Field field = Field::kSkip;
  std::uint8_t rank = 0;  // of several values for one field the one with the lowest rank counts
  Shape shape = Shape::kToken;
  std::uint8_t width = 0;      // of kFixed
  bool time_is_start = false;  // of times
};

struct FormatItem {
  std::string text;  // a literal, or for a value its name as written, for messages
  bool is_literal = true;
  Value value{};
  std::string name;  // of a value: nginx's, in lower case; see IsExtraField
};
using FormatItems = std::vector<FormatItem>;

// Appends to the literal at the end of *items.
void AddLiteral(std::string_view text, FormatItems* items);
void AddValue(std::string_view text, std::string_view name, const Value& value, FormatItems* items);

// Joins values that say one thing in pieces: $uri$is_args$args, %U%q, $host:$server_port, "%m %U%q %H".
void JoinPieces(FormatItems* items);

// The plan for lines of text, with the extra fields asked for. Throws FormatError if a line of this format could not be
// cut safely.
FormatPlan CompileText(FormatItems items, bool has_escapes, std::span<const std::string> extra);

// Throws FormatError unless there is a time, a request target, a status and an address.
void RequireFields(const FormatPlan& plan);

}  // namespace hushlog
