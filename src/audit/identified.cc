#include "src/audit/identified.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "src/audit/scanner.h"

namespace hushlog {
namespace {

constexpr std::size_t kMostUserBytes = 300;  // 100 bytes of the log, each perhaps U+FFFD
constexpr std::size_t kMostNameBytes = 64;
constexpr int kMostDecodings = 9;
// docs/configuration.md, anonymize = false.
constexpr std::size_t kTokenBytes = 20;
constexpr std::ptrdiff_t kFewestDigits = 2;
constexpr std::ptrdiff_t kFewestLetters = 4;
constexpr std::string_view kIdentifierBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view kHostBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]";

bool IsAlpha(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

std::string DecodedOnce(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_code = text[at] == '%' && at + 2 < text.size() &&
                         std::isxdigit(static_cast<unsigned char>(text[at + 1])) != 0 &&
                         std::isxdigit(static_cast<unsigned char>(text[at + 2])) != 0;
    if (is_code) {
      decoded.push_back(static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16)));
      at += 2;
    } else {
      decoded.push_back(text[at]);
    }
  }
  return decoded;
}

// Nothing if it never ends. '$' is the '%' of popovers.
std::optional<std::string> Decoded(std::string_view text) {
  std::string decoded(text);
  for (int round = 0; round < kMostDecodings; ++round) {
    std::ranges::replace(decoded, '$', '%');
    std::string next = DecodedOnce(decoded);
    if (next == decoded) return decoded;
    decoded = std::move(next);
  }
  return std::nullopt;
}

bool LooksLikeToken(std::string_view text) {
  while (!text.empty()) {
    const auto in_run = [](char c) { return IsAlpha(c) || IsDigit(c) || c == '-' || c == '_'; };
    const auto end = std::find_if_not(text.begin(), text.end(), in_run);
    const std::string_view run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    if (run.size() >= kTokenBytes && std::ranges::count_if(run, IsDigit) >= kFewestDigits &&
        std::ranges::count_if(run, IsAlpha) >= kFewestLetters) {
      return true;
    }
    text.remove_prefix(std::min(run.size() + 1, text.size()));
  }
  return false;
}

std::string Spelled(std::string name) {
  for (char& c : name) {
    c = c == '.' || c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace

IdentifiedUrls::IdentifiedUrls(RuleFiles& files) {
  for (const RuleFiles::Rule& rule : files.AllRules("parameter")) {
    if ((*rule.table)["value"].value_or(std::string()) != "secret") continue;
    files.ForEachText(*rule.table, "names",
                      [&](const auto&, std::string_view name) { names_.insert(Spelled(std::string(name))); });
  }
  files.ForEachSection("secrets", [&](const toml::table& section) {
    files.ForEachText(section, "words",
                      [&](const auto&, std::string_view word) { words_.push_back(Spelled(std::string(word))); });
  });
}

bool IdentifiedUrls::IsSecretName(std::string name) const {
  const std::string spelled = Spelled(std::move(name));
  return names_.contains(spelled) ||
         std::ranges::any_of(words_, [&](const std::string& word) { return spelled.find(word) != std::string::npos; });
}

bool IdentifiedUrls::HoldsSecretName(const std::string& text, const RE2& name) const {
  re2::StringPiece rest(text);
  std::string found;
  while (RE2::FindAndConsume(&rest, name, &found)) {
    if (IsSecretName(found)) return true;
  }
  return false;
}

bool IdentifiedUrls::IsForeignPart(std::string_view part) const {
  const std::optional<std::string> decoded = Decoded(part);
  if (!decoded || LooksLikeToken(*decoded)) return true;
  const std::string spelled = Spelled(*decoded);
  return names_.contains(spelled) || std::ranges::find(words_, spelled) != words_.end();
}

bool IdentifiedUrls::IsForeignPair(std::string_view pair) const {
  static const RE2 kWord("([A-Za-z0-9_.\\-]+)");
  static const RE2 kWordOfValue("([A-Za-z0-9_.\\-]+)[\"'\\])} \t]*[=:]");
  static const RE2 kUser("(?s)://.*@");
  const std::optional<std::string> decoded = Decoded(pair);
  if (!decoded || LooksLikeToken(*decoded)) return true;
  const std::size_t equals = std::min(decoded->find('='), decoded->size());
  const std::string value = decoded->substr(std::min(equals + 1, decoded->size()));
  if (value == "XYZ") return false;  // hidden
  return HoldsSecretName(decoded->substr(0, equals), kWord) || HoldsSecretName(value, kWordOfValue) ||
         RE2::PartialMatch(*decoded, kUser);
}

std::optional<std::size_t> IdentifiedUrls::FirstForeign(std::string_view value) const {
  const auto is_url_byte = [](char c) {
    return c > ' ' && c <= '~' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  };
  const auto foreign = std::find_if_not(value.begin(), value.end(), is_url_byte);
  if (foreign != value.end()) return static_cast<std::size_t>(foreign - value.begin());
  Scanner scanner(value);
  if (!scanner.Take("http")) return scanner.at();
  if (scanner.next() == 's') scanner.Take("s");
  if (!scanner.Take("://") || scanner.TakeAnyOf(kHostBytes, 255) == 0) return scanner.at();
  std::size_t at = scanner.at();
  if (at < value.size() && value[at] != '/') return at;
  // What is between '/' is part of the path, until a '?'; then come parameters, and of the fragment too.
  bool in_path = true;
  while (at < value.size()) {
    in_path &= value[at] == '/';
    const std::size_t end = std::min(value.find_first_of(in_path ? "/?#" : "&?#", at + 1), value.size());
    const std::string_view piece = value.substr(at + 1, end - at - 1);
    if (in_path ? IsForeignPart(piece) : IsForeignPair(piece)) return at + 1;
    at = end;
  }
  return std::nullopt;
}

SetDescription IdentifiedUrls::Describe() const {
  std::vector<std::string> names(names_.begin(), names_.end());
  return {
      fmt::format(
          "a URL; no parameter and no part of its path holds {} letters, digits, - and _ in a row with {} digits "
          "and {} letters among them, and none has or holds the {{name of a secret}}, but with XYZ",
          kTokenBytes, kFewestDigits, kFewestLetters),
      {},
      {{"{name of a secret}",
        {"names, and all that hold one of the {words}, in any case", names, {{"{words}", {"words", words_, {}}}}}}}};
}

std::optional<std::size_t> CallTitles::FirstForeign(std::string_view value) const {
  Scanner scanner(value);
  bool fits = scanner.TakeAnyOf(kIdentifierBytes, kMostNameBytes) > 0;
  if (fits && scanner.next() == ' ')
    fits = scanner.Take(" ") && scanner.TakeAnyOf(kIdentifierBytes, kMostNameBytes) > 0;
  if (LooksLikeToken(value)) return 0;
  return scanner.Verdict(fits);
}

SetDescription CallTitles::Describe() const { return {"one or two identifiers, with a blank between them", {}, {}}; }

std::optional<std::size_t> UserNames::FirstForeign(std::string_view value) const {
  const auto control =
      std::ranges::find_if(value, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; });
  if (control != value.end()) return static_cast<std::size_t>(control - value.begin());
  if (LooksLikeToken(value)) return 0;
  return value.size() > kMostUserBytes ? std::optional<std::size_t>(kMostUserBytes) : std::nullopt;
}

SetDescription UserNames::Describe() const {
  return {fmt::format("the name of a user, up to {} bytes without control characters", kMostUserBytes), {}, {}};
}

}  // namespace hushlog
