#include "rules/language.h"

namespace hushlog {
namespace {

using Code = std::array<char, 2>;

static_assert(kLanguageCodes.size() == 183 * 3);
static_assert(kRegionCodes.size() == 249 * 3);

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `subtag` in lower case if `list` has it, otherwise zero bytes.
Code Find(std::string_view list, std::string_view subtag) noexcept {
  if (subtag.size() != 2) return {};
  const Code code = {Lower(subtag[0]), Lower(subtag[1])};
  for (std::size_t i = 0; i < list.size(); i += 3) {
    if (list[i] == code[0] && list[i + 1] == code[1]) return code;
  }
  return {};
}

// Cuts `*text` after the first subtag and returns that.
std::string_view NextSubtag(std::string_view* text) noexcept {
  const std::size_t end = text->find_first_of("-_");
  const std::string_view subtag = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return subtag;
}

// The region is the first subtag of two characters before any extension, which a single character starts (RFC 5646).
Code FindRegion(std::string_view subtags) noexcept {
  while (!subtags.empty()) {
    const std::string_view subtag = NextSubtag(&subtags);
    if (subtag.size() < 2) break;
    if (subtag.size() == 2) return Find(kRegionCodes, subtag);
  }
  return {};
}

// Codes that browsers sent before ISO 639 replaced them.
Code Modern(Code code) noexcept {
  if (code == Code{'i', 'w'}) return {'h', 'e'};
  if (code == Code{'i', 'n'}) return {'i', 'd'};
  if (code == Code{'j', 'i'}) return {'y', 'i'};
  return code;
}

std::string_view FirstTag(std::string_view header) noexcept {
  const std::size_t begin = header.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  header.remove_prefix(begin);
  return header.substr(0, header.find_first_of(",; \t"));
}

}  // namespace

std::string Language::ToString() const {
  if (language[0] == 0) return "";
  std::string text(language.data(), language.size());
  if (region[0] != 0) text.append(1, '-').append(region.data(), region.size());
  return text;
}

Language ReduceLanguage(std::string_view accept_language) noexcept {
  std::string_view tag = FirstTag(accept_language);
  Language result;
  const std::string_view first = NextSubtag(&tag);
  if (first.size() == 2) {
    const Code modern = Modern({Lower(first[0]), Lower(first[1])});
    result.language = Find(kLanguageCodes, {modern.data(), modern.size()});
  }
  if (result.language[0] != 0) result.region = FindRegion(tag);
  return result;
}

}  // namespace hushlog
