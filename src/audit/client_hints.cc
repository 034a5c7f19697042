#include "src/audit/client_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace hushlog {
namespace {

constexpr std::uint64_t kLargestBrandMajor = 999;
constexpr std::uint64_t kLargestPlatformMajor = 29999;  // builds of Chrome OS
constexpr int kMostBrands = 3;

std::vector<std::string> NamesAt(const RuleFiles& files, std::string_view key) {
  std::vector<std::string> names;
  files.ForEachSection("client_hints", [&](const toml::table& section) {
    const toml::array* list = section[key].as_array();
    if (list == nullptr) return;
    for (const toml::node& name : *list) names.push_back(name.value_or(std::string()));
  });
  return names;
}

// A name of the list in quotes.
bool TakeName(const Enumeration& names, Scanner* scanner) {
  if (!scanner->Take("\"")) return false;
  const std::string_view rest = scanner->rest();
  const std::string_view name = rest.substr(0, rest.find('"'));
  const std::optional<std::size_t> foreign = names.FirstForeign(name);
  return scanner->Take(name.substr(0, foreign.value_or(name.size()))) && !foreign && scanner->Take("\"");
}

// A number in quotes.
bool TakeMajor(std::uint64_t largest, Scanner* scanner) {
  return scanner->Take("\"") && scanner->TakeNumber(largest) && scanner->Take("\"");
}

}  // namespace

ClientHintValues::ClientHintValues(const RuleFiles& files)
    : brands_("brands of browsers", NamesAt(files, "brands")), platforms_("platforms", NamesAt(files, "platforms")) {}

bool ClientHintValues::TakeBrands(Scanner* scanner) const {
  if (!scanner->Take("[")) return false;
  for (int count = 1;; ++count) {
    if (!scanner->Take("{\"brand\":") || !TakeName(brands_, scanner)) return false;
    if (!scanner->Take(",\"version\":") || !TakeMajor(kLargestBrandMajor, scanner) || !scanner->Take("}")) return false;
    if (count == kMostBrands || scanner->next() != ',') return scanner->Take("]");
    if (!scanner->Take(",")) return false;
  }
}

// Every part may be missing, but not all of them.
std::optional<std::size_t> ClientHintValues::FirstForeign(std::string_view value) const {
  Scanner scanner(value);
  bool fits = scanner.Take("{");
  bool is_first = true;
  // Whether this part comes next, which its first letter tells.
  const auto comes = [&](std::string_view key) {
    const std::string head = fmt::format("{}\"{}\":", is_first ? "" : ",", key);
    if (!fits || !scanner.rest().starts_with(std::string_view(head).substr(0, is_first ? 2 : 3))) return false;
    is_first = false;
    return fits = scanner.Take(head);
  };
  if (comes("fullVersionList")) fits = TakeBrands(&scanner);
  if (comes("mobile")) fits = scanner.Take(scanner.next() == 't' ? "true" : "false");
  if (comes("platform")) {
    fits = TakeName(platforms_, &scanner);
    if (comes("platformVersion")) fits = TakeMajor(kLargestPlatformMajor, &scanner);
  }
  return scanner.Verdict(fits && !is_first && scanner.Take("}"));
}

SetDescription ClientHintValues::Describe() const {
  return {
      fmt::format("JSON of one or more of: \"fullVersionList\", up to {} times a {{brand}} with a \"version\" of up "
                  "to {}; \"mobile\", true or false; a {{platform}}, alone or with a \"platformVersion\" of up to {}",
                  kMostBrands, kLargestBrandMajor, kLargestPlatformMajor),
      {},
      {{"{brand}", brands_.Describe()}, {"{platform}", platforms_.Describe()}}};
}

}  // namespace hushlog
