#include "rules/identified.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "rules/percent.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxUserBytes = 100;
constexpr std::size_t kMaxUrlBytes = 2000;
constexpr std::size_t kMaxPairBytes = 1000;
constexpr int kFewestOfToken = 4;  // digits, and letters

constexpr std::array<std::string_view, 7> kViewParameters = {"idSite", "period",      "date",       "segment",
                                                             "idGoal", "idDashboard", "idDimension"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// As PHP spells the name of a parameter, and in lower case.
std::string SpelledByPhp(std::string_view name) {
  std::string spelled;
  for (const char c : name.substr(0, name.find('['))) {
    if (c == '.' || c == ' ' || c == '-') {
      spelled.push_back('_');
    } else {
      spelled.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
  }
  return spelled;
}

// Bytes that a URL cannot have are percent-encoded.
void AppendUrlText(std::string_view text, std::string* url) {
  for (const char c : text) {
    const bool stays = c > ' ' && c <= '~' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
    if (stays) {
      url->push_back(c);
    } else {
      fmt::format_to(std::back_inserter(*url), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

bool IsHost(std::string_view host) {
  const auto is_host_byte = [](char c) {
    return IsLetter(c) || IsDigit(c) || std::string_view(".-:[]").find(c) != std::string_view::npos;
  };
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), is_host_byte);
}

bool IsUser(std::string_view user) {
  return user.size() <= kMaxUserBytes && std::none_of(user.begin(), user.end(), [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
         });
}

struct Location {
  std::string_view scheme, host, path_and_query;
};

Location Split(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return {};
  Location location{url.substr(0, colon), {}, {}};
  std::string_view rest = url.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  location.host = rest.substr(0, end);
  location.host.remove_prefix(std::min(location.host.rfind('@') + 1, location.host.size()));  // npos + 1 == 0
  location.path_and_query = rest.substr(end);
  return location;
}

// Without the port.
std::string_view NameOf(std::string_view host) { return host.substr(0, host.find(':', host.find(']') + 1)); }

template <typename F>
void ForEachPair(std::string_view query, F take) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    if (end > 0) take(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

}  // namespace

bool HasTokenRun(std::string_view text) {
  std::size_t run = 0;
  int digits = 0;
  int letters = 0;
  for (const char c : text) {
    const bool in_run = IsLetter(c) || IsDigit(c) || c == '-' || c == '_';
    run = in_run ? run + 1 : 0;
    digits = in_run ? digits + (IsDigit(c) ? 1 : 0) : 0;
    letters = in_run ? letters + (IsLetter(c) ? 1 : 0) : 0;
    if (run >= kTokenRun && digits >= kFewestOfToken && letters >= kFewestOfToken) return true;
  }
  return false;
}

IdentifiedFields::IdentifiedFields(RuleFiles* files) {
  for (const RuleFiles::Rule& rule : files->AllRules("parameter")) {
    if ((*rule.table)["value"].value_or(std::string_view()) != "secret") continue;
    files->ForEachText(*rule.table, "names",
                       [&](const toml::node&, std::string_view name) { names_.insert(SpelledByPhp(name)); });
  }
  files->ForEachSection("secrets", [&](const toml::table& section) {
    files->CheckKeys(section, {"words"});
    files->ForEachText(section, "words",
                       [&](const toml::node&, std::string_view word) { words_.push_back(SpelledByPhp(word)); });
  });
}

bool IdentifiedFields::IsSecretName(std::string_view name) const {
  const std::string spelled = SpelledByPhp(name);
  return names_.contains(spelled) ||
         std::ranges::any_of(words_, [&](const std::string& word) { return spelled.find(word) != std::string::npos; });
}

// `text` is decoded. A value may be a query, or hold a URL with one.
bool IdentifiedFields::HoldsSecret(std::string_view text) const {
  bool secret = HasTokenRun(text);
  while (!text.empty() && !secret) {
    const std::size_t end = std::min(text.find_first_of("&;?#,/"), text.size());
    const std::string_view piece = text.substr(0, end);
    const std::size_t equals = piece.find_first_of("=:");
    secret = equals != std::string_view::npos && IsSecretName(piece.substr(0, equals));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return secret;
}

void IdentifiedFields::AppendQuery(std::string_view query, std::string* url) const {
  bool is_first = true;
  ForEachPair(query, [&](std::string_view pair) {
    if (pair.size() > kMaxPairBytes) return;
    std::array<char, kMaxPairBytes> scratch;
    const std::string_view text = DecodeFully(pair, scratch);
    const std::size_t equals = text.find('=');
    if (IsSecretName(text.substr(0, equals))) return;
    if (equals != std::string_view::npos && HoldsSecret(text.substr(equals + 1))) return;
    if (equals == std::string_view::npos && HasTokenRun(text)) return;
    std::string kept(is_first ? "?" : "&");
    AppendUrlText(pair, &kept);
    if (url->size() + kept.size() > kMaxUrlBytes) return;
    url->append(kept);
    is_first = false;
  });
}

void IdentifiedFields::AppendPath(std::string_view path, std::string* url) const {
  for (bool is_first = true; !path.empty() || is_first; is_first = false) {
    if (!path.empty()) path.remove_prefix(1);  // '/'
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, std::min(end, path.find(';')));  // ";jsessionid=..."
    path.remove_prefix(end);
    url->push_back('/');
    std::array<char, kMaxPairBytes> scratch;
    const bool hidden = segment.size() > scratch.size() || HoldsSecret(DecodeFully(segment, scratch));
    AppendUrlText(hidden ? "XYZ" : segment, url);
    if (path.empty() || url->size() > kMaxUrlBytes) return;
  }
}

// `host` is "scheme://host".
std::string IdentifiedFields::UrlOf(std::string_view host, std::string_view path_and_query) const {
  path_and_query = path_and_query.substr(0, path_and_query.find('#'));
  const std::size_t mark = std::min(path_and_query.find('?'), path_and_query.size());
  std::string url(host);
  AppendPath(path_and_query.substr(0, mark), &url);
  if (url.size() > kMaxUrlBytes) return "";
  AppendQuery(path_and_query.substr(std::min(mark + 1, path_and_query.size())), &url);
  return url;
}

std::string IdentifiedFields::PageOf(const Request& request, bool is_document) const {
  const Location from = Split(request.referer);
  const std::string_view host = IsHost(request.host) ? request.host
                                : IsHost(from.host)  ? from.host
                                                     : std::string_view();
  const bool is_foreign = !from.host.empty() && NameOf(from.host) != NameOf(host);
  const std::string origin =
      host.empty() ? "" : fmt::format("{}://{}", from.scheme == "http" && !is_foreign ? "http" : "https", host);
  if (!is_document) return from.host.empty() || is_foreign ? "" : UrlOf(origin, from.path_and_query);
  const bool is_path = request.target.starts_with('/');  // else "http://host/path", as proxies are asked
  const std::string_view target = is_path ? request.target : Split(request.target).path_and_query;
  return target.empty() ? "" : UrlOf(origin, target);
}

IdentifiedFacts IdentifiedFields::Read(const Request& request, bool is_document) const {
  IdentifiedFacts facts;
  if (IsUser(request.remote_user)) facts.user = request.remote_user;
  facts.page = PageOf(request, is_document);
  std::string query;
  ForEachPair(
      request.target.substr(std::min(request.target.find('?'), request.target.size())), [&](std::string_view pair) {
        if (pair.starts_with('?')) pair.remove_prefix(1);
        const std::string_view name = pair.substr(0, pair.find('='));
        const std::string_view value = pair.substr(std::min(name.size() + 1, pair.size()));
        if (is_document && name == "module" && IsIdentifier(value)) facts.plugin = value;
        if (is_document && name == "action" && IsIdentifier(value)) facts.action = value;
        const bool is_of_view = std::ranges::find(kViewParameters, name) != kViewParameters.end() && !value.empty();
        if (!is_document && is_of_view) query.append("&").append(pair);
      });
  AppendQuery(query, &facts.query);
  return facts;
}

}  // namespace hushlog
