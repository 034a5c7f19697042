// PERF NOTES
// - Values in quotes, which are most of a line, end at a mark that was found before (marked_lines.h). Others are found
// with
//   one pass of 16 bytes at a time (scan.h), which also sees their escapes; only a value of step.look_for_escapes is
//   looked at twice. Literals are one to ten bytes long and compared eight bytes at a time.
// - Nothing is copied and nothing is allocated.
#include "parsers/text_splitter.h"

#include <cstring>

#include "parsers/scan.h"

namespace hushlog {
namespace {

// Whether [p, end) begins with `literal`. Reads up to eight bytes past `end`.
[[gnu::always_inline]] inline bool StartsWith(const char* p, const char* end, const Literal& literal) noexcept {
  if (static_cast<std::size_t>(end - p) < literal.text.size()) return false;
  std::uint64_t head;
  std::memcpy(&head, p, sizeof(head));
  if (((head ^ literal.head) & literal.head_mask) != 0) return false;
  return literal.text.size() <= sizeof(head) ||
         std::memcmp(p + sizeof(head), literal.text.data() + sizeof(head), literal.text.size() - sizeof(head)) == 0;
}

// Each of these returns the end of the value that begins at p, or null if it has none.

const char* TokenEnd(const Step& step, const char* p, const char* end) noexcept {
  const char first = step.literal.text.empty() ? ' ' : step.literal.text.front();
  return FindAny(p, end, ' ', '\t', '"', first);
}

const char* ListEnd(const Step& step, const char* p, const char* end) noexcept {
  const char* begin = p;
  while (true) {
    p = TokenEnd(step, p, end);
    if (p == end || *p != ' ') return p;
    if (p > begin && p[-1] == ',') {
      ++p;
    } else if (end - p >= 3 && p[1] == ':' && p[2] == ' ') {
      p += 3;
    } else {
      return p;
    }
  }
}

const char* TextEnd(const Step& step, char escape, const char* p, const char* end, bool* escaped) noexcept {
  if (step.literal.text.empty()) {
    *escaped = escape == '\\' && std::memchr(p, '\\', static_cast<std::size_t>(end - p)) != nullptr;
    return end;
  }
  const char first = step.literal.text.front();
  const char quote = step.stop == Stop::kQuoted ? '"' : first;
  const char backslash = escape == '\\' ? '\\' : first;
  while ((p = FindAny(p, end, first, quote, backslash)) != end) {
    if (*p == '\\' && escape == '\\') {
      *escaped = true;
      p += 2;  // whatever stands behind a backslash ends nothing
      if (p > end) return nullptr;
    } else if (StartsWith(p, end, step.literal)) {
      return p;
    } else if (*p++ == '"' && step.stop == Stop::kQuoted) {
      return nullptr;
    }
  }
  return nullptr;
}

// Looks only at marks.
inline const char* QuoteEnd(const Step& step, char escape, const char* p, const char* end, Marks* marks,
                            bool* escaped) noexcept {
  while (true) {
    p = marks->From(p);
    if (p >= end) return nullptr;
    if (*p == '"') return StartsWith(p, end, step.literal) ? p : nullptr;
    if (*p == '\\' && escape == '\\') {
      *escaped = true;
      ++p;
    }
    if (++p > end) return nullptr;
  }
}

[[gnu::always_inline]] inline const char* ValueEnd(const Step& step, char escape, const char* p, const char* end,
                                                   Marks* marks, bool* escaped) noexcept {
  const char* value_end = nullptr;
  switch (step.stop) {
    case Stop::kQuote:
      return QuoteEnd(step, escape, p, end, marks, escaped);
    case Stop::kText:
    case Stop::kQuoted:
      return TextEnd(step, escape, p, end, escaped);
    case Stop::kToken:
      value_end = TokenEnd(step, p, end);
      break;
    case Stop::kList:
      value_end = ListEnd(step, p, end);
      break;
    case Stop::kFixed:
      if (end - p < step.width) return nullptr;
      value_end = p + step.width;
      break;
  }
  return StartsWith(value_end, end, step.literal) ? value_end : nullptr;
}

}  // namespace

bool SplitText(const FormatPlan& plan, const MarkedLine& line, FieldValues* values) noexcept {
  const char* p = line.text.data();
  const char* end = p + line.text.size();
  Marks marks = line.marks;
  if (!StartsWith(p, end, plan.prefix)) return false;
  p += plan.prefix.text.size();
  values->escaped = 0;
  for (const Step& step : plan.steps) {
    bool escaped = false;
    const char* value_end = ValueEnd(step, plan.escape, p, end, &marks, &escaped);
    if (value_end == nullptr) return false;
    const auto size = static_cast<std::size_t>(value_end - p);
    if (step.look_for_escapes) escaped = std::memchr(p, '\\', size) != nullptr;
    (*values)[step.field] = {p, size};
    if (escaped) values->escaped |= Bit(step.field);
    p = value_end + step.consumed;
  }
  return p == end;
}

}  // namespace hushlog
