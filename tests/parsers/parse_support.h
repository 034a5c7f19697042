// Help for tests that parse lines.
#pragma once

#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "parsers/log_format.h"
#include "parsers/request.h"

namespace hushlog {

inline std::ostream& operator<<(std::ostream& out, LineStatus status) { return out << ToString(status); }

// Text followed by the bytes a parser may read behind it. These look like the rest of a good line, so that a parser
// which takes them for a part of the line is caught.
class Padded {
 public:
  explicit Padded(std::string_view text) : bytes_(text), size_(text.size()) {
    while (bytes_.size() < size_ + kLinePadding) bytes_ += "\" 200 5 \"-\" \"-\"}";
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::string bytes_;
  std::size_t size_;
};

// One line parsed in a format. Owns all that the views of `request` point to.
class Parsed {
 public:
  Parsed(std::string_view spec, std::string_view line, const TrustedProxies* proxies = nullptr)
      : format_(LogFormat::Compile(spec)), parser_(format_, proxies), line_(line) {
    status = parser_.Parse(line_.text(), &request);
  }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;

  Request request;
  LineStatus status;

 private:
  LogFormat format_;
  LineParser parser_;
  Padded line_;
};

inline std::string ReadData(std::string_view name) {
  std::ifstream file(std::string(HUSHLOG_TEST_DATA "/parsers/") + std::string(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  LineSplitter splitter(text);
  for (std::string_view line; splitter.Next(&line);) lines.emplace_back(line);
  return lines;
}

}  // namespace hushlog
