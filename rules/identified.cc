#include "rules/identified.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "rules/percent.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxUserBytes = 100;
constexpr std::size_t kMaxUrlBytes = 2000;
constexpr std::size_t kMaxPairBytes = 1000;
constexpr int kFewestDigitsOfToken = 2;
constexpr int kFewestLettersOfToken = 4;
constexpr std::size_t kFewestLettersOfWord = 3;  // shorter ones are part of too many names

constexpr std::array<std::string_view, 7> kViewParameters = {"idSite", "period",      "date",       "segment",
                                                             "idGoal", "idDashboard", "idDimension"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// In lower case, and as PHP spells the names of parameters.
std::string Spelled(std::string_view name) {
  std::string spelled(name);
  for (char& c : spelled) {
    if (c == '.' || c == '-') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return spelled;
}

bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_' || c == '.' || c == '-'; }

// All encodings undone, also that of popovers, which have '$' in the place of '%'. Nothing if something is left that
// could be decoded.
std::optional<std::string> Decoded(std::string_view text) {
  std::string decoded(text);
  std::string scratch(text.size(), '\0');
  constexpr int kRounds = 3;  // of three rounds each
  for (int round = 0; round < kRounds; ++round) {
    std::ranges::replace(decoded, '$', '%');
    decoded = DecodeFully(decoded, scratch);
  }
  std::string again(decoded.size(), '\0');
  if (DecodePercent(decoded, false, again) != decoded || decoded.find('$') != std::string::npos) return std::nullopt;
  return decoded;
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

bool IsTitleWord(std::string_view text) { return IsIdentifier(text) && !HasTokenRun(text); }

bool IsUser(std::string_view user) {
  return user.size() <= kMaxUserBytes && !HasTokenRun(user) && std::none_of(user.begin(), user.end(), [](char c) {
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

// "/matomo/index.php?a=b" -> "/matomo/"
std::string_view DirectoryOf(std::string_view path_and_query) {
  const std::string_view path = path_and_query.substr(0, path_and_query.find_first_of("?#"));
  return path.substr(0, path.rfind('/') + 1);
}

template <typename F>
void ForEachPair(std::string_view query, F take) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
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
    if (run >= kTokenRun && digits >= kFewestDigitsOfToken && letters >= kFewestLettersOfToken) return true;
  }
  return false;
}

IdentifiedFields::IdentifiedFields(RuleFiles* files) {
  for (const RuleFiles::Rule& rule : files->AllRules("parameter")) {
    if ((*rule.table)["value"].value_or(std::string_view()) != "secret") continue;
    files->ForEachText(*rule.table, "names",
                       [&](const toml::node&, std::string_view name) { names_.insert(Spelled(name)); });
  }
  files->ForEachSection("secrets", [&](const toml::table& section) {
    files->CheckKeys(section, {"words"});
    files->ForEachText(section, "words", [&](const toml::node& node, std::string_view word) {
      if (word.size() < kFewestLettersOfWord) files->Error(node, "a word of [secrets] has at least three bytes");
      words_.push_back(Spelled(word));
    });
  });
}

bool IdentifiedFields::IsSecretName(std::string_view name) const {
  const std::string spelled = Spelled(name);
  return names_.contains(spelled) ||
         std::ranges::any_of(words_, [&](const std::string& word) { return spelled.find(word) != std::string::npos; });
}

// Names are all words before the first '=', and any that has a '=' or ':' behind it: values may be queries, URLs or
// JSON.
bool IdentifiedFields::HoldsSecret(std::string_view text) const {
  if (HasTokenRun(text)) return true;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos && text.find('@', scheme) != std::string_view::npos) return true;
  const std::size_t equals = std::min(text.find('='), text.size());
  for (std::size_t begin = 0; begin < text.size();) {
    const auto* const end_of_word = std::find_if_not(text.begin() + begin, text.end(), IsWordByte);
    const auto end = static_cast<std::size_t>(end_of_word - text.begin());
    const std::size_t next = std::min(text.find_first_not_of("\"'])} \t", end), text.size());
    const bool is_name = begin < equals || (next < text.size() && (text[next] == '=' || text[next] == ':'));
    if (end > begin && is_name && IsSecretName(text.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

void IdentifiedFields::AppendQuery(std::string_view query, std::string* url) const {
  bool is_first = true;
  ForEachPair(query, [&](std::string_view pair) {
    if (pair.size() > kMaxPairBytes) return;
    const std::optional<std::string> text = Decoded(pair);
    if (!text || HoldsSecret(*text)) return;
    std::string kept(is_first ? "?" : "&");
    AppendUrlText(pair, &kept);
    if (url->size() + kept.size() > kMaxUrlBytes) return;
    url->append(kept);
    is_first = false;
  });
}

// A part with the name of a secret hides all behind it.
void IdentifiedFields::AppendPath(std::string_view path, std::string* url) const {
  while (url->size() <= kMaxUrlBytes) {
    if (!path.empty()) path.remove_prefix(1);  // '/'
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, std::min(end, path.find(';')));  // ";jsessionid=..."
    path.remove_prefix(end);
    url->push_back('/');
    const std::optional<std::string> text = part.size() > kMaxPairBytes ? std::nullopt : Decoded(part);
    const std::string spelled = text ? Spelled(*text) : "";
    const bool names_secret = names_.contains(spelled) || std::ranges::find(words_, spelled) != words_.end();
    const bool hidden = !text || names_secret || HasTokenRun(*text) || text->find_first_of("=:@") != std::string::npos;
    AppendUrlText(hidden ? "XYZ" : part, url);
    if (path.empty() || names_secret) return;
  }
}

std::string IdentifiedFields::UrlOf(std::string_view origin, std::string_view path_and_query) const {
  path_and_query = path_and_query.substr(0, path_and_query.find('#'));
  const std::size_t mark = std::min(path_and_query.find('?'), path_and_query.size());
  std::string url(origin);
  AppendPath(path_and_query.substr(0, mark), &url);
  if (url.size() > kMaxUrlBytes) return "";
  AppendQuery(path_and_query.substr(std::min(mark + 1, path_and_query.size())), &url);
  return url;
}

// The host is only ever the one that the request was sent to: a Referer may be anybody's.
std::string IdentifiedFields::PageOf(const Request& request, bool is_document) const {
  const Location from = Split(request.referer);
  const bool has_host = IsHost(request.host);
  const bool is_same_host = has_host && NameOf(from.host) == NameOf(request.host);
  const std::string origin =
      has_host ? fmt::format("{}://{}", is_same_host && from.scheme == "http" ? "http" : "https", request.host) : "";
  const bool is_path = request.target.starts_with('/');  // else "http://host/path", as proxies are asked
  const std::string_view target = is_path ? request.target : Split(request.target).path_and_query;
  if (is_document) return target.empty() ? "" : UrlOf(origin, target);
  // Without a host: a page at the place from which it was asked for.
  const bool is_own = has_host ? is_same_host : DirectoryOf(from.path_and_query) == DirectoryOf(target);
  return from.host.empty() || !is_own ? "" : UrlOf(origin, from.path_and_query);
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
        if (is_document && name == "module" && IsTitleWord(value)) facts.plugin = value;
        if (is_document && name == "action" && IsTitleWord(value)) facts.action = value;
        const bool is_of_view = std::ranges::find(kViewParameters, name) != kViewParameters.end() && !value.empty();
        if (!is_document && is_of_view) query.append("&").append(pair);
      });
  AppendQuery(query, &facts.query);
  return facts;
}

}  // namespace hushlog
