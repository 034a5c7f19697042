// Cuts lines of JSON that look like an earlier one. Internal to parsers/.
//
// A server writes all lines of a log from one template: the keys, their order and what stands between the values stay
// the same, only values differ. So what a JSON parser found out about one line holds for the next one as far as its
// bytes between the values are the same.
//
// Thread-safety: a JsonShape belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/format_plan.h"

namespace hushlog {

// The values of one line of JSON while its keys are read in their order: of two equal keys the first counts, of several
// keys for a field the one of the lowest rank with a value.
class JsonValues {
 public:
  explicit JsonValues(FieldValues* values) noexcept : values_(values) {
    *values_ = FieldValues{};
    rank_.fill(UINT8_MAX);
  }

  bool Wants(const JsonKey& key) const noexcept { return key.rank < rank_[Index(key.field)]; }

  // The text must have data().
  void Take(const JsonKey& key, std::string_view text) noexcept {
    const bool has_value = !text.empty() && text != "-";
    std::string_view& chosen = (*values_)[key.field];
    if (has_value || chosen.data() == nullptr) chosen = text;
    if (has_value) rank_[Index(key.field)] = key.rank;
  }

 private:
  FieldValues* values_;
  std::array<std::uint8_t, kFieldCount> rank_;
};

// The key of that name; null if the plan does not know it.
const JsonKey* FindKey(const FormatPlan& plan, std::string_view name) noexcept;

// Whether every byte is printable ASCII: nothing that JSON wants escaped in strings, and no UTF-8 to check.
bool IsPrintableAscii(std::string_view line) noexcept;

class JsonShape {
 public:
  // `plan` must outlive the shape; lines have up to `max_line_bytes`.
  JsonShape(const FormatPlan& plan, std::size_t max_line_bytes);

  // Takes the shape of this line, which must be printable ASCII and one JSON object, as a JSON parser has found. A line
  // with nested objects or lists has none.
  void Learn(std::string_view line);

  // Fills *values exactly as JsonSplitter does. False if the line, which must be printable ASCII, has another shape or
  // needs a JSON parser: then *values is unspecified. `line` must be followed by kLinePadding readable bytes; the views
  // die with the next call.
  [[nodiscard]] bool Split(std::string_view line, FieldValues* values) noexcept;

 private:
  struct Value {
    std::string before;            // from the end of the value before this one, with the quote that opens a string
    const JsonKey* key = nullptr;  // null: nobody asks for it
    bool is_string = false;
  };

  const char* StringEnd(const Value& value, const char* p, const char* end, JsonValues* values) noexcept;
  const char* ScalarEnd(const Value& value, const char* p, const char* end, JsonValues* values) noexcept;

  const FormatPlan& plan_;
  std::vector<Value> values_;  // empty: no shape
  std::string after_;          // behind the last value
  std::unique_ptr<char[]> unescaped_;
  char* unescaped_end_ = nullptr;
};

}  // namespace hushlog
