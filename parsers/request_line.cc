#include "parsers/request_line.h"

#include <algorithm>
#include <cstring>

namespace hushlog {

namespace {

constexpr std::string_view kHttp = "HTTP/";

bool IsLetter(char c) noexcept {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}

}  // namespace

bool IsMethod(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsLetter);
}

bool SplitRequestLine(std::string_view text, RequestLine* line) noexcept {
  const auto method_end = std::find_if_not(text.begin(), text.end(), IsLetter);
  if (method_end == text.begin() || method_end == text.end() || *method_end != ' ') return false;
  const auto method_size = static_cast<std::size_t>(method_end - text.begin());
  line->method = text.substr(0, method_size);
  line->target = text.substr(method_size + 1);
  line->protocol = {};
  const auto last = line->target.rfind(' ');
  if (last != std::string_view::npos && line->target.size() - last > kHttp.size() &&
      std::memcmp(line->target.data() + last + 1, kHttp.data(), kHttp.size()) == 0) {
    line->protocol = line->target.substr(last + 1);
    line->target = line->target.substr(0, last);
  }
  return !line->target.empty();
}

bool ToOriginForm(std::string_view* target) noexcept {
  if (target->starts_with('/') || *target == "*") return true;
  const auto scheme_end = target->find("://");
  if (scheme_end == std::string_view::npos || !IsMethod(target->substr(0, scheme_end))) return false;
  const auto path = target->find('/', scheme_end + 3);
  const auto query = target->find('?', scheme_end + 3);
  if (path == std::string_view::npos || query < path) {
    // "http://host?query": there is no path to point at, and no Matomo link looks like this.
    if (query != std::string_view::npos) return false;
    *target = "/";
    return true;
  }
  target->remove_prefix(path);
  return true;
}

}  // namespace hushlog
