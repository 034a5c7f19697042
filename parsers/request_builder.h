// Turns the split values of a line into a Request. Internal to parsers/.
//
// Thread-safety: a RequestBuilder belongs to one thread.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "parsers/format_plan.h"
#include "parsers/line_parser.h"
#include "parsers/request.h"
#include "parsers/timestamp.h"
#include "parsers/trusted_proxies.h"

namespace hushlog {

class RequestBuilder {
 public:
  // A field whose text goes into a Request as it is.
  struct TextField {
    Field field;
    std::string_view Request::*member;
  };

  // Both must outlive the builder; `proxies` may be null.
  RequestBuilder(const FormatPlan& plan, const TrustedProxies* proxies);

  // The views in *request point into `values` or into memory of the builder, and die with the next call.
  [[nodiscard]] LineStatus Build(const FieldValues& values, Request* request) noexcept;

 private:
  std::string_view Text(const FieldValues& values, Field field) noexcept;
  std::string_view Unescaped(std::string_view text) noexcept;
  LineStatus SetTime(const FieldValues& values, Request* request) noexcept;
  LineStatus SetRequest(const FieldValues& values, Request* request) noexcept;
  LineStatus SetSeparateRequest(const FieldValues& values, Request* request) noexcept;
  LineStatus SetNumbers(const FieldValues& values, Request* request) const noexcept;
  LineStatus SetClient(const FieldValues& values, Request* request) noexcept;
  void SetTexts(const FieldValues& values, Request* request) noexcept;
  void SetExtra(const FieldValues& values, Request* request) noexcept;
  std::string_view JoinTarget(std::string_view path, std::string_view query) noexcept;

  const FormatPlan& plan_;
  const TrustedProxies* proxies_;
  TimeParser time_parser_;
  std::unique_ptr<char[]> scratch_;
  char* scratch_end_;
  std::vector<TextField> texts_;  // that the format has
  std::array<std::string_view, kMaxExtraFields> extra_;
};

}  // namespace hushlog
