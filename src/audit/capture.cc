#include "src/audit/capture.h"

#include <algorithm>
#include <charconv>

namespace hushlog {
namespace {

using Kind = Violation::Kind;
using Of = GrammarParameter::Of;

constexpr std::string_view kRequestLine = "POST";
constexpr std::string_view kEscapedQuote = "\\x22";  // of nginx's log
// No body is larger; a larger size is no size.
constexpr std::size_t kMostBody = std::size_t{64} << 20;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Undoes the escapes of nginx's log: \xHH.
std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text.substr(at, 2) == "\\x" && at + 3 < text.size();
    const int high = escape ? HexDigit(text[at + 2]) : -1;
    const int low = escape ? HexDigit(text[at + 3]) : -1;
    if (high < 0 || low < 0) {
      plain.push_back(text[at]);
    } else {
      plain.push_back(static_cast<char>(high * 16 + low));
      at += 3;
    }
  }
  return plain;
}

Violation Malformed(std::size_t offset) { return {Kind::kMalformed, "", 0, offset, 0, 0}; }

}  // namespace

CaptureReader::CaptureReader(const EgressGrammar& grammar, HitChecker& checker, std::istream& bytes)
    : grammar_(grammar), checker_(checker), bytes_(bytes) {}

bool CaptureReader::ReadLine(std::string* text) {
  if (!std::getline(bytes_, *text)) return false;
  ++line_;
  return true;
}

bool CaptureReader::Next() {
  violation_.reset();
  line_ += std::exchange(lines_in_body_, 0);
  std::string text;
  do {
    if (!ReadLine(&text)) return false;
  } while (text.empty() || text == "\r");
  if (text.starts_with(kRequestLine)) {
    CheckRequest(std::move(text));
  } else {
    CheckBodyLine(text);
  }
  return true;
}

void CaptureReader::CheckBodyLine(const std::string& text) {
  // nginx writes "-" for no body, and for one that it put into a file.
  if (text == "-") {
    violation_ = Violation{Kind::kAbsent, "", 0, 0, 0, 0};
  } else if (text.find(kEscapedQuote) < text.find('"')) {
    violation_ = checker_.CheckBody(Unescaped(text), HitChecker::Token::kSent);
  } else {
    violation_ = checker_.CheckBody(text, HitChecker::Token::kSent);
  }
}

void CaptureReader::CheckRequest(std::string text) {
  const std::optional<std::size_t> size = CheckHead(std::move(text));
  if (size) CheckWholeBody(*size);
}

// One line of the head, whose `value` begins at `offset` of it.
bool CaptureReader::CheckHeader(std::string_view name, std::string_view value, std::size_t offset,
                                std::vector<bool>* seen) {
  const GrammarParameter* header = grammar_.FindHeader(name);
  if (header == nullptr) {
    violation_ = Violation{Kind::kForeignName, "", 0, 0, 0, name.size()};
    return false;
  }
  const auto number = static_cast<std::size_t>(header - grammar_.parameters().data());
  if ((*seen)[number]) {
    violation_ = Violation{Kind::kRepeated, header->name, 0, 0, 0, name.size()};
    return false;
  }
  (*seen)[number] = true;
  violation_ = checker_.CheckHeader(*header, value);
  if (violation_) violation_->offset += offset;
  return !violation_;
}

// Returns the size of the body, if nothing is wrong.
std::optional<std::size_t> CaptureReader::CheckHead(std::string text) {
  std::vector<bool> seen(grammar_.parameters().size());
  std::size_t size = 0;
  std::string_view separator = " ";  // of the request line
  do {
    const std::string_view line = std::string_view(text).substr(0, text.size() - (text.ends_with('\r') ? 1 : 0));
    if (line.empty()) break;
    const std::size_t end = line.find(separator);
    if (end == std::string_view::npos) return violation_ = Malformed(0), std::nullopt;
    const std::string_view value = line.substr(end + separator.size());
    if (!CheckHeader(line.substr(0, end), value, end + separator.size(), &seen)) return std::nullopt;
    if (grammar_.FindHeader("Content-Length") == grammar_.FindHeader(line.substr(0, end))) {
      std::from_chars(value.data(), value.data() + value.size(), size);
    }
    separator = ": ";
  } while (ReadLine(&text));
  for (const GrammarParameter& parameter : grammar_.parameters()) {
    const auto number = static_cast<std::size_t>(&parameter - grammar_.parameters().data());
    if (parameter.of != Of::kHeader || seen[number]) continue;
    violation_ = Violation{Kind::kMissing, parameter.name, 0, 0, 0, 0};
    return std::nullopt;
  }
  return size;
}

void CaptureReader::CheckWholeBody(std::size_t size) {
  ++line_;
  std::string body(std::min(size, kMostBody), '\0');
  bytes_.read(body.data(), static_cast<std::streamsize>(body.size()));
  if (static_cast<std::size_t>(bytes_.gcount()) != size) {
    violation_ = Violation{Kind::kAbsent, "", 0, 0, 0, 0};
    return;
  }
  lines_in_body_ = std::ranges::count(body, '\n') - 1;  // what follows begins in its last line
  violation_ = checker_.CheckBody(body, HitChecker::Token::kSent);
}

}  // namespace hushlog
