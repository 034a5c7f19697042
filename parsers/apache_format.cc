#include "parsers/apache_format.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "parsers/log_format.h"
#include "parsers/nginx_format.h"

namespace hushlog {
namespace {

// One %directive taken apart: %!200,304{argument}letters.
struct Directive {
  std::string text;  // as written
  std::string argument;
  bool has_argument = false;
  std::string letters;
};

[[noreturn]] void Refuse(const Directive& directive, const std::string& why) {
  throw FormatError("Apache directive \"" + directive.text + "\": " + why);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// What nginx calls the same; "" if it has no such thing.
std::string NginxName(const Directive& directive) {
  constexpr std::pair<char, std::string_view> kPrefixes[] = {{'i', "http_"}, {'C', "cookie_"}, {'o', "sent_http_"},
                                                             {'e', "env_"},  {'n', "note_"},   {'x', ""}};
  if (!directive.has_argument) return directive.letters == "p" ? "server_port" : "";
  for (const auto& [letter, prefix] : kPrefixes) {
    if (directive.letters[0] != letter) continue;
    std::string name = std::string(prefix) + Lower(directive.argument);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }
  return "";
}

Value Fixed(Field field, std::uint8_t width) { return {.field = field, .shape = Shape::kFixed, .width = width}; }

std::string ExpandTimeShorthands(std::string pattern) {
  constexpr std::pair<std::string_view, std::string_view> kShorthands[] = {
      {"%F", "%Y-%m-%d"}, {"%T", "%H:%M:%S"}, {"%h", "%b"}, {"%R", "%H:%M"}};
  for (const auto& [from, to] : kShorthands) {
    for (auto at = pattern.find(from); at != std::string::npos; at = pattern.find(from, at + to.size())) {
      pattern.replace(at, from.size(), to);
    }
  }
  return pattern;
}

// The text between the braces of %{...}t without begin: or end:. Only what can be read back is accepted.
Value TimeValue(const Directive& directive, const std::string& pattern) {
  if (pattern == "sec" || pattern == "%s") return {.field = Field::kTimeEpoch};
  if (pattern == "msec") return {.field = Field::kTimeEpochMs};
  if (pattern == "usec") return {.field = Field::kTimeEpochUs};
  if (pattern == "msec_frac") return Fixed(Field::kTimeFractionMs, 3);
  if (pattern == "usec_frac") return Fixed(Field::kTimeFractionUs, 6);
  const std::string expanded = ExpandTimeShorthands(pattern);
  if (expanded == "%z") return Fixed(Field::kTimeZone, 5);
  if (expanded == "%d/%b/%Y:%H:%M:%S") return Fixed(Field::kTimeClf, 20);
  if (expanded == "%d/%b/%Y:%H:%M:%S %z") return Fixed(Field::kTimeClf, 26);
  if (expanded == "%Y-%m-%dT%H:%M:%SZ") return Fixed(Field::kTimeIso, 20);
  if (expanded == "%Y-%m-%dT%H:%M:%S" || expanded == "%Y-%m-%d %H:%M:%S") return Fixed(Field::kTimeIso, 19);
  if (expanded == "%Y-%m-%dT%H:%M:%S%z" || expanded == "%Y-%m-%d %H:%M:%S%z") return Fixed(Field::kTimeIso, 24);
  if (expanded == "%Y-%m-%dT%H:%M:%S %z" || expanded == "%Y-%m-%d %H:%M:%S %z") return Fixed(Field::kTimeIso, 25);
  Refuse(directive, "this time cannot be read back; use %t, %{%Y-%m-%dT%H:%M:%S%z}t, %{sec}t or %{msec}t");
}

void AddTime(const Directive& directive, FormatItems* items) {
  const bool is_end = directive.argument.starts_with("end:");
  std::string pattern = directive.argument;
  if (is_end || pattern.starts_with("begin:")) pattern.erase(0, pattern.find(':') + 1);
  if (pattern.empty()) AddLiteral("[", items);
  Value value = pattern.empty() ? Fixed(Field::kTimeClf, 26) : TimeValue(directive, pattern);
  value.time_is_start = !is_end;
  AddValue(directive.text, {}, value, items);
  if (pattern.empty()) AddLiteral("]", items);
}

Value DurationValue(const Directive& directive) {
  if (directive.argument.empty() || directive.argument == "s") return {.field = Field::kDurationS};
  if (directive.argument == "ms") return {.field = Field::kDurationMs};
  if (directive.argument == "us") return {.field = Field::kDurationUs};
  Refuse(directive, "the unit must be s, ms or us");
}

Value AddressValue(const Directive& directive) {
  if (directive.letters == "h") return {.field = Field::kRemoteAddr, .rank = 1};
  return {.field = Field::kRemoteAddr, .rank = static_cast<std::uint8_t>(directive.has_argument ? 3 : 0)};
}

Value LetterValue(const Directive& directive) {
  switch (directive.letters[0]) {
    case 'a':
    case 'h':
      return AddressValue(directive);
    case 'u':
      return {.field = Field::kRemoteUser, .shape = Shape::kText};
    case 'r':
      return {.field = Field::kRequestLine, .shape = Shape::kText};
    case 's':
      return {.field = Field::kStatus};
    case 'b':
    case 'B':
      return {.field = Field::kBytes};
    case 'O':
      return {.field = Field::kBytes, .rank = 1};
    case 'V':
      return {.field = Field::kHost};
    case 'v':
      return {.field = Field::kHost, .rank = 2};
    case 'm':
      return {.field = Field::kMethod};
    case 'U':
      return {.field = Field::kPath};
    case 'q':
      return {.field = Field::kQuery};
    case 'H':
      return {.field = Field::kProtocol};
    case 'D':
      return {.field = Field::kDurationUs};
    case 'T':
      return DurationValue(directive);
    case 'i':
      if (!directive.has_argument) Refuse(directive, "the name of a header is missing");
      return NginxValue(NginxName(directive));
    case 'C':
    case 'e':
    case 'f':
    case 'n':
    case 'o':
    case 'x':
    case 'c':
      return {.shape = Shape::kText};
    case 'A':
    case 'I':
    case 'k':
    case 'l':
    case 'L':
    case 'p':
    case 'P':
    case 'R':
    case 'S':
    case 'X':
      return {};
    default:
      Refuse(directive, "unknown");
  }
}

// Reads the directive whose '%' is at `at`.
Directive ReadDirective(std::string_view format, std::size_t at) {
  Directive directive;
  std::size_t i = at + 1;
  const auto fail = [&] { throw FormatError("\"%\" without a directive at byte " + std::to_string(at + 1)); };
  const auto skip = [&](std::string_view bytes) {
    while (i < format.size() && bytes.find(format[i]) != std::string_view::npos) ++i;
  };
  skip("!0123456789,<>");  // only for some status codes, of the first or last request: does not change the text
  if (i < format.size() && format[i] == '{') {
    const auto close = format.find('}', i);
    if (close == std::string_view::npos) fail();
    directive.argument = format.substr(i + 1, close - i - 1);
    directive.has_argument = true;
    i = close + 1;
  }
  skip("<>");
  if (i >= format.size()) fail();
  // %^FB, %^ti, %^to are the only ones of more than one letter.
  const std::size_t size = format[i] == '^' ? std::min<std::size_t>(3, format.size() - i) : 1;
  directive.letters = format.substr(i, size);
  directive.text = format.substr(at, i + size - at);
  return directive;
}

void AddDirective(const Directive& directive, FormatItems* items) {
  if (directive.letters == "%") {
    AddLiteral("%", items);
  } else if (directive.letters == "t") {
    AddTime(directive, items);
  } else if (directive.letters == "^FB") {
    AddValue(directive.text, {}, {}, items);
  } else if (directive.letters == "^ti" || directive.letters == "^to") {
    AddValue(directive.text, {}, {.shape = Shape::kText}, items);
  } else {
    AddValue(directive.text, NginxName(directive), LetterValue(directive), items);
  }
}

// The string in `LogFormat "..." name`.
std::string_view Unwrap(std::string_view format) {
  if (!Lower(format.substr(0, 9)).starts_with("logformat")) return format;
  const auto open = format.find_first_not_of(" \t", 9);
  if (open == std::string_view::npos || (format[open] != '"' && format[open] != '\'')) {
    throw FormatError("LogFormat needs a format in quotes");
  }
  for (std::size_t i = open + 1; i < format.size(); ++i) {
    if (format[i] == '\\') {
      ++i;
    } else if (format[i] == format[open]) {
      return format.substr(open + 1, i - open - 1);
    }
  }
  throw FormatError("the format of LogFormat is not closed by a quote");
}

// What stands for the byte after a backslash, in the format string of Apache.
char EscapedByte(char c) { return c == 't' ? '\t' : c == 'n' ? '\n' : c; }

}  // namespace

FormatItems ApacheItems(std::string_view text) {
  const std::string_view format = Unwrap(text);
  FormatItems items;
  for (std::size_t i = 0; i < format.size();) {
    if (format[i] == '%') {
      const Directive directive = ReadDirective(format, i);
      AddDirective(directive, &items);
      i += directive.text.size();
    } else if (format[i] == '\\' && i + 1 < format.size()) {
      const char byte = EscapedByte(format[i + 1]);
      AddLiteral({&byte, 1}, &items);
      i += 2;
    } else {
      AddLiteral(format.substr(i, 1), &items);
      ++i;
    }
  }
  return items;
}

}  // namespace hushlog
