// Captures of what went over the wire: a file with one request after the other, each as
// - a line with its body as JSON, or as nginx's log writes $request_body (`\x22` for a quote), or
// - an HTTP/1.1 request as it was sent, head and body: the side of the client as tcpflow stores it, or a raw request
//   exported from mitmproxy.
#pragma once

#include <istream>
#include <optional>
#include <string>

#include "src/audit/hit_checker.h"

namespace hushlog {

// Reads a capture and checks it. Thread-safety: none.
class CaptureReader {
 public:
  // All must outlive the object.
  CaptureReader(const EgressGrammar& grammar, HitChecker& checker, std::istream& bytes);

  // Reads and checks the next request; false at the end of the capture.
  bool Next();
  // Of the request that was read last: what is wrong with it, and the number of the line where its body begins (or of
  // the wrong line in its head); offsets count from there.
  const std::optional<Violation>& violation() const { return violation_; }
  std::int64_t line() const { return line_; }

 private:
  bool ReadLine(std::string* text);
  void CheckBodyLine(const std::string& text);
  void CheckRequest(std::string text);
  bool CheckHeader(std::string_view name, std::string_view value, std::size_t offset, std::vector<bool>* seen);
  std::optional<std::size_t> CheckHead(std::string text);
  void CheckWholeBody(std::size_t size);

  const EgressGrammar& grammar_;
  HitChecker& checker_;
  std::istream& bytes_;
  std::optional<Violation> violation_;
  std::int64_t line_ = 0;
  std::int64_t lines_in_body_ = 0;
};

}  // namespace hushlog
