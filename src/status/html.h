// Pages without any script, in the style of the usage page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/status/http_server.h"

namespace hushlog {

// `&`, `<`, `>` and quotes as HTML writes them: for text and for values of attributes.
std::string Escaped(std::string_view text);

// "1,234,567"
std::string Grouped(std::int64_t number);
// "2 s", "5 min", "3 h", "4 days"
std::string SpanText(std::int64_t seconds);
// "2026-11-28 15:04:05 UTC"
std::string TimeText(std::int64_t time_ms);

// Links to all pages, of which `path` is this one.
std::string PageLinks(std::string_view path);

struct PageText {
  std::string_view path;
  std::string_view title;
  std::string lead;  // HTML, below the title
  std::string body;  // HTML
};
HttpAnswer HtmlPage(const PageText& page);

}  // namespace hushlog
