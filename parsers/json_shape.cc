// PERF NOTES
// - A line costs a comparison for the bytes before each value and a search for its end, 16 bytes at a time: a fifth of
//   what it costs to find the structure of a line of JSON anew.
// - Nothing is copied but strings with escapes, and nothing is allocated.
#include "parsers/json_shape.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parsers/scan.h"

namespace hushlog {
namespace {

bool IsNumberByte(char c) noexcept {
  return (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+' || c == 'e' || c == 'E';
}

// What JsonSplitter takes for a number, and no more.
bool IsNumber(std::string_view text) noexcept {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
         std::all_of(text.begin(), text.end(), IsNumberByte);
}

// The end of the string that begins at p, behind its quote; `end` if it has none.
const char* QuoteAfter(const char* p, const char* end) noexcept {
  while ((p = FindAny(p, end, '"', '\\')) != end && *p == '\\') {
    if (end - p < 2) return end;
    p += 2;
  }
  return p;
}

const char* ScalarAfter(const char* p, const char* end) noexcept { return FindAny(p, end, ',', '}', ' '); }

const char* SkipBlanks(const char* p, const char* end) noexcept {
  while (p != end && *p == ' ') ++p;
  return p;
}

// Writes the text without its escapes to `out`, and returns the end of it; null if that takes a JSON parser, as for
// control characters, which are rare. Texts with escapes are short and have many of them.
char* WithoutEscapes(std::string_view text, char* out) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || (text[i] != '"' && text[i] != '\\' && text[i] != '/')) return nullptr;
    }
    *out++ = text[i];
  }
  return out;
}

}  // namespace

bool IsPrintableAscii(std::string_view line) noexcept {
  unsigned char other = 0;
  for (const char c : line) other |= static_cast<signed char>(c) < ' ';
  return other == 0;
}

JsonShape::JsonShape(const FormatPlan& plan, std::size_t max_line_bytes)
    : plan_(plan), unescaped_(std::make_unique_for_overwrite<char[]>(max_line_bytes)) {}

void JsonShape::Learn(std::string_view line) {
  values_.clear();
  std::vector<Value> values;
  const char* const end = line.data() + line.size();
  const char* p = line.data();
  const char* piece = p;  // behind the last value
  while (true) {
    const char* const name = FindAny(p, end, '"', '}');
    if (name == end || *name == '}') break;
    const char* const name_end = QuoteAfter(name + 1, end);
    const char* const colon = std::find(name_end, end, ':');
    if (colon == end) return;
    p = SkipBlanks(colon + 1, end);
    if (p == end || *p == '{' || *p == '[') return;
    const bool is_string = *p == '"';
    p += is_string;
    const std::string_view key{name + 1, static_cast<std::size_t>(name_end - name - 1)};
    values.push_back({std::string(piece, p), FindKey(plan_, key), is_string});
    piece = p = is_string ? QuoteAfter(p, end) : ScalarAfter(p, end);
    p += is_string && p != end;
  }
  values_ = std::move(values);
  after_.assign(piece, end);
}

// Takes the value if somebody asks for it. Null if that takes a JSON parser.
const char* JsonShape::StringEnd(const Value& value, const char* p, const char* end, JsonValues* values) noexcept {
  const char* const first_mark = FindAny(p, end, '"', '\\');
  const bool escaped = first_mark != end && *first_mark == '\\';
  const char* const value_end = escaped ? QuoteAfter(first_mark, end) : first_mark;
  if (value.key == nullptr || !values->Wants(*value.key)) return value_end;
  std::string_view text{p, static_cast<std::size_t>(value_end - p)};
  if (escaped) {
    char* const unescaped_end = WithoutEscapes(text, unescaped_end_);
    if (unescaped_end == nullptr) return nullptr;
    text = {unescaped_end_, static_cast<std::size_t>(unescaped_end - unescaped_end_)};
    unescaped_end_ = unescaped_end;
  }
  values->Take(*value.key, text);
  return value_end;
}

const char* JsonShape::ScalarEnd(const Value& value, const char* p, const char* end, JsonValues* values) noexcept {
  const char* const value_end = ScalarAfter(p, end);
  const std::string_view text{p, static_cast<std::size_t>(value_end - p)};
  if (text == "null") return value_end;
  if (!IsNumber(text)) return nullptr;
  if (value.key != nullptr && values->Wants(*value.key)) values->Take(*value.key, text);
  return value_end;
}

bool JsonShape::Split(std::string_view line, FieldValues* values) noexcept {
  if (values_.empty()) return false;
  JsonValues taken(values);
  unescaped_end_ = unescaped_.get();
  const char* p = line.data();
  const char* const end = p + line.size();
  for (const Value& value : values_) {
    const std::size_t size = value.before.size();
    if (static_cast<std::size_t>(end - p) < size || std::memcmp(p, value.before.data(), size) != 0) return false;
    p += size;
    p = value.is_string ? StringEnd(value, p, end, &taken) : ScalarEnd(value, p, end, &taken);
    if (p == nullptr) return false;
  }
  return std::string_view(p, static_cast<std::size_t>(end - p)) == after_;
}

}  // namespace hushlog
