#include "parsers/nginx_format.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "parsers/log_format.h"

namespace hushlog {
namespace {

// Order of the addresses: the client as nginx sees it, then what proxies said, then the proxy itself.
constexpr NginxVariable kVariables[] = {
    {"remote_addr", {.field = Field::kRemoteAddr}},
    {"http_x_real_ip", {.field = Field::kRemoteAddr, .rank = 1}},
    {"http_cf_connecting_ip", {.field = Field::kRemoteAddr, .rank = 2}},
    {"proxy_protocol_addr", {.field = Field::kRemoteAddr, .rank = 3}},
    {"realip_remote_addr", {.field = Field::kRemoteAddr, .rank = 4}},
    {"http_x_forwarded_for", {.field = Field::kForwardedFor, .shape = Shape::kList}},
    {"proxy_add_x_forwarded_for", {.field = Field::kForwardedFor, .rank = 1, .shape = Shape::kList}},
    {"remote_user", {.field = Field::kRemoteUser, .shape = Shape::kText}},
    {"host", {.field = Field::kHost}},
    {"http_host", {.field = Field::kHost, .rank = 1}},
    {"server_name", {.field = Field::kHost, .rank = 2}},
    {"request", {.field = Field::kRequestLine, .shape = Shape::kText}},
    {"request_method", {.field = Field::kMethod}},
    {"request_uri", {.field = Field::kTarget}},
    {"uri", {.field = Field::kPath}},
    {"document_uri", {.field = Field::kPath, .rank = 1}},
    {"is_args", {.field = Field::kIsArgs}},
    {"args", {.field = Field::kQuery}},
    {"query_string", {.field = Field::kQuery, .rank = 1}},
    {"server_protocol", {.field = Field::kProtocol}},
    {"http_referer", {.field = Field::kReferer, .shape = Shape::kText}},
    {"http_user_agent", {.field = Field::kUserAgent, .shape = Shape::kText}},
    {"http_accept_language", {.field = Field::kAcceptLanguage, .shape = Shape::kText}},
    {"http_dnt", {.field = Field::kDnt}},
    {"http_sec_gpc", {.field = Field::kSecGpc}},
    {"http_sec_ch_ua", {.field = Field::kSecChUa, .shape = Shape::kText}},
    {"http_sec_ch_ua_mobile", {.field = Field::kSecChUaMobile}},
    {"http_sec_ch_ua_platform", {.field = Field::kSecChUaPlatform, .shape = Shape::kText}},
    {"http_sec_ch_ua_platform_version", {.field = Field::kSecChUaPlatformVersion, .shape = Shape::kText}},
    {"http_sec_ch_ua_full_version_list", {.field = Field::kSecChUaFullVersionList, .shape = Shape::kText}},
    {"time_local", {.field = Field::kTimeClf, .shape = Shape::kFixed, .width = 26}},
    {"time_iso8601", {.field = Field::kTimeIso}},
    {"msec", {.field = Field::kTimeEpoch}},
    {"status", {.field = Field::kStatus}},
    {"body_bytes_sent", {.field = Field::kBytes}},
    {"bytes_sent", {.field = Field::kBytes, .rank = 1}},
    {"request_time", {.field = Field::kRequestTime}},
};

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// nginx does not tell upper from lower case in names.
std::string Lower(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::size_t SkipSpace(std::string_view text, std::size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

// One word of nginx.conf, quoted or not, at *at, which is moved behind it.
std::string ReadWord(std::string_view text, std::size_t* at) {
  const char quote = text[*at] == '\'' || text[*at] == '"' ? text[*at] : '\0';
  std::string word;
  for (std::size_t i = *at + (quote != '\0' ? 1 : 0); i < text.size(); ++i) {
    char c = text[i];
    if (quote != '\0' ? c == quote : IsSpace(c) || c == ';') {
      *at = i + (quote != '\0' ? 1 : 0);
      return word;
    }
    if (c == '\\' && i + 1 < text.size()) {
      const char next = text[i + 1];
      const char known = next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next;
      if (next == '"' || next == '\'' || next == '\\' || known != next) {
        c = known;
        ++i;
      }
    }
    word += c;
  }
  if (quote != '\0') throw FormatError(std::string("a string is not closed by ") + quote);
  *at = text.size();
  return word;
}

// The words up to the ';' or the end, without comments.
std::vector<std::string> ReadWords(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = SkipSpace(text, 0); at < text.size() && text[at] != ';'; at = SkipSpace(text, at)) {
    if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else {
      words.push_back(ReadWord(text, &at));
    }
  }
  return words;
}

NginxLogFormat::Escape EscapeFrom(std::string_view word) {
  if (word == "escape=json") return NginxLogFormat::Escape::kJson;
  if (word == "escape=none") return NginxLogFormat::Escape::kNone;
  if (word == "escape=default") return NginxLogFormat::Escape::kDefault;
  throw FormatError("unknown \"" + std::string(word) + "\" in log_format");
}

}  // namespace

std::span<const NginxVariable> NginxVariables() { return kVariables; }

Value NginxValue(std::string_view name) {
  const auto* known = std::find_if(std::begin(kVariables), std::end(kVariables),
                                   [&](const NginxVariable& variable) { return variable.name == name; });
  if (known != std::end(kVariables)) return known->value;
  return {.shape = name.starts_with("upstream_") ? Shape::kList : Shape::kText};
}

bool HasNginxVariable(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '$' && (text[i + 1] == '{' || IsNameByte(text[i + 1]))) return true;
  }
  return false;
}

FormatItems NginxItems(std::string_view format) {
  FormatItems items;
  for (std::size_t i = 0; i < format.size();) {
    if (format[i] != '$') {
      AddLiteral(format.substr(i, 1), &items);
      ++i;
      continue;
    }
    const bool braced = i + 1 < format.size() && format[i + 1] == '{';
    const std::size_t begin = i + (braced ? 2 : 1);
    std::size_t end = begin;
    while (end < format.size() && IsNameByte(format[end])) ++end;
    const bool closed = !braced || (end < format.size() && format[end] == '}');
    if (end == begin || !closed) throw FormatError("\"$\" without a variable name at byte " + std::to_string(i + 1));
    const std::string_view name = format.substr(begin, end - begin);
    i = end + (braced ? 1 : 0);
    AddValue("$" + std::string(name), Lower(name), NginxValue(name), &items);
  }
  return items;
}

NginxLogFormat ReadNginxConf(std::string_view snippet) {
  NginxLogFormat result;
  const std::size_t begin = SkipSpace(snippet, 0);
  const bool directive = snippet.substr(begin).starts_with("log_format");
  if (!directive && (begin == snippet.size() || snippet[begin] != '\'')) {
    result.format = snippet;
    return result;
  }
  std::vector<std::string> words = ReadWords(snippet);
  if (directive) {
    if (words.size() < 3) throw FormatError("log_format needs a name and a format");
    words.erase(words.begin(), words.begin() + 2);
    result.escape = NginxLogFormat::Escape::kDefault;
  }
  if (words.front().starts_with("escape=")) {
    result.escape = EscapeFrom(words.front());
    words.erase(words.begin());
  }
  for (const std::string& word : words) result.format += word;
  return result;
}

}  // namespace hushlog
