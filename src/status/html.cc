#include "src/status/html.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "embedded/hushlog_status.h"
#include "src/usage/report_html.h"

namespace hushlog {

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string SpanText(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400;
  if (seconds < 2 * kMinute) return fmt::format("{} s", seconds);
  if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
  return seconds < 2 * kDay ? fmt::format("{} h", seconds / kHour) : fmt::format("{} days", seconds / kDay);
}

std::string TimeText(std::int64_t time_ms) {
  const std::chrono::sys_seconds time{std::chrono::seconds(time_ms / 1000)};
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", time);
}

std::string PageLinks(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPages{
      {{"/", "Usage"}, {"/status", "Status"}, {"/transparency", "What is sent"}}};
  std::string links = "<nav class=\"pages\" aria-label=\"Pages\">";
  for (const auto& [target, name] : kPages) {
    links += fmt::format("<a href=\"{}\"{}>{}</a> ", target, target == path ? " aria-current=\"page\"" : "", name);
  }
  return links + "</nav>";
}

HttpAnswer HtmlPage(const PageText& page) {
  static const std::string style = std::string(UsagePageStyle()) + std::string(embedded::page_status_css());
  static const std::string policy = "img-src data:; style-src " + HashSource(style);
  auto html = std::make_shared<const std::string>(fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0} – hushlog</title>\n"
      "<link rel=\"icon\" href=\"data:,\">\n<style>{1}</style>\n</head>\n<body>\n<header><div>\n<h1>{0}</h1>\n"
      "<p>{2}</p>\n</div></header>\n{3}\n<main>\n{4}</main>\n</body>\n</html>\n",
      page.title, style, page.lead, PageLinks(page.path), page.body));
  return {200, "text/html; charset=utf-8", std::move(html), policy};
}

}  // namespace hushlog
