// Help for tests that parse lines.
#pragma once

#include <fstream>
#include <iterator>
#include <ostream>
#include <random>
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

// `line` after one to three small changes, mostly at bytes that give a line its shape.
inline std::string Mutated(std::string line, std::mt19937* random) {
  static constexpr std::string_view kBytes = "\"\\ [],:-x0/\t?.\xff@";
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(*random);
  };
  for (std::size_t edits = 1 + below(3); edits > 0 && !line.empty(); --edits) {
    const std::size_t at = below(line.size());
    switch (below(6)) {
      case 0:
        line[at] = static_cast<char>(line[at] ^ (1 << below(8)));
        break;
      case 1:
        line.insert(at, 1, kBytes[below(kBytes.size())]);
        break;
      case 2:
        line[at] = kBytes[below(kBytes.size())];
        break;
      case 3:
        line.erase(at, 1 + below(4));
        break;
      case 4:
        line.insert(at, line.substr(below(line.size()), below(30)));
        break;
      default:
        if (below(4) == 0) line.resize(at);
    }
  }
  return line;
}

}  // namespace hushlog
