// PERF NOTES
// - Every value is found with one pass of 16 bytes at a time (scan.h), which also sees its escapes; only a value of
//   step.look_for_escapes is looked at twice. Literals are one to ten bytes long and compared eight bytes at a time.
// - Nothing is copied and nothing is allocated.
#include "parsers/text_splitter.h"

#include <cstring>

#include "parsers/scan.h"

namespace hushlog {
namespace {

// Whether [p, end) begins with `literal`. Reads up to eight bytes past `end`.
bool StartsWith(const char* p, const char* end, const Literal& literal) noexcept {
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

const char* ValueEnd(const Step& step, char escape, const char* p, const char* end, bool* escaped) noexcept {
  switch (step.stop) {
    case Stop::kToken:
      return TokenEnd(step, p, end);
    case Stop::kList:
      return ListEnd(step, p, end);
    case Stop::kText:
    case Stop::kQuoted:
      return TextEnd(step, escape, p, end, escaped);
    case Stop::kFixed:
      return end - p >= step.width ? p + step.width : nullptr;
  }
  return nullptr;
}

}  // namespace

bool SplitText(const FormatPlan& plan, std::string_view line, FieldValues* values) noexcept {
  const char* p = line.data();
  const char* end = p + line.size();
  if (!StartsWith(p, end, plan.prefix)) return false;
  p += plan.prefix.text.size();
  values->escaped = 0;
  for (const Step& step : plan.steps) {
    bool escaped = false;
    const char* value_end = ValueEnd(step, plan.escape, p, end, &escaped);
    if (value_end == nullptr || !StartsWith(value_end, end, step.literal)) return false;
    const auto size = static_cast<std::size_t>(value_end - p);
    if (step.look_for_escapes) escaped = std::memchr(p, '\\', size) != nullptr;
    (*values)[step.field] = {p, size};
    if (escaped) values->escaped |= Bit(step.field);
    p = value_end + step.consumed;
  }
  return p == end;
}

}  // namespace hushlog
