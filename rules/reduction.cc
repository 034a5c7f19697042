#include "rules/reduction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hushlog {
namespace {

// Keeping more than this of an address would name a household.
constexpr int kFewestBitsV4 = 16;
constexpr int kFewestBitsV6 = 64;

using LanguageForm = Reduction::LanguageForm;

class ReductionLoader {
 public:
  explicit ReductionLoader(RuleFiles* files) : files_(*files) {}

  void Read(const toml::table& table, Reduction* reduction) {
    files_.CheckKeys(table, {"address_bits_v4", "address_bits_v6", "language", "user_agent", "weaker"});
    const toml::node* meant = table.get("weaker");
    if (meant != nullptr && !meant->is_boolean()) files_.Error(*meant, "'weaker' is true or false");
    const bool weaker = table["weaker"].value_or(false) || !files_.IsSite(table);
    const AddressMask fewest = weaker ? AddressMask{kFewestBitsV4, kFewestBitsV6} : shipped_.address;
    ReadBits(table, "address_bits_v4", {kFewestBitsV4, 32}, fewest.bits_v4, &reduction->address.bits_v4);
    ReadBits(table, "address_bits_v6", {kFewestBitsV6, 128}, fewest.bits_v6, &reduction->address.bits_v6);
    ReadLanguage(table, weaker, reduction);
    ReadUserAgent(table, weaker, reduction);
    if (!files_.IsSite(table)) shipped_ = *reduction;
  }

 private:
  void ReadBits(const toml::table& table, std::string_view key, std::pair<int, int> range, int fewest, int* bits) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const auto value = node->is_integer() ? node->value_or(std::int64_t{-1}) : -1;
    if (value < range.first || value > range.second) {
      return files_.Error(
          *node, fmt::format("'{}' is the number of bits set to zero, {} to {}", key, range.first, range.second));
    }
    if (value < fewest) return TooWeak(*node);
    *bits = static_cast<int>(value);
  }

  void ReadLanguage(const toml::table& table, bool weaker, Reduction* reduction) {
    constexpr std::array<std::pair<std::string_view, LanguageForm>, 3> kForms = {
        {{"none", LanguageForm::kNone}, {"tag", LanguageForm::kTag}, {"region", LanguageForm::kRegion}}};
    const toml::node* node = table.get("language");
    if (node == nullptr) return;
    const std::string_view text = node->value_or(std::string_view());
    const auto form =
        std::find_if(kForms.begin(), kForms.end(), [&](const auto& entry) { return entry.first == text; });
    if (form == kForms.end()) return files_.Error(*node, "'language' is \"region\", \"tag\" or \"none\"");
    if (form->second > shipped_.language && !weaker) return TooWeak(*node);
    reduction->language = form->second;
  }

  void ReadUserAgent(const toml::table& table, bool weaker, Reduction* reduction) {
    const toml::node* node = table.get("user_agent");
    if (node == nullptr) return;
    const std::string_view text = node->value_or(std::string_view());
    if (text != "reduced" && text != "none") return files_.Error(*node, "'user_agent' is \"reduced\" or \"none\"");
    const bool shown = text == "reduced";
    if (shown && !shipped_.user_agent && !weaker) return TooWeak(*node);
    reduction->user_agent = shown;
  }

  void TooWeak(const toml::node& node) {
    files_.Error(node, "keeps more than the shipped rules do; if that is meant, add weaker = true");
  }

  RuleFiles& files_;
  Reduction shipped_;  // as the shipped files say
};

}  // namespace

Reduction Reduction::Load(RuleFiles* files) {
  Reduction reduction;
  ReductionLoader loader(files);
  files->ForEachSection("reduce", [&](const toml::table& table) { loader.Read(table, &reduction); });
  return reduction;
}

Language Reduction::Reduce(Language found) const noexcept {
  if (language == LanguageForm::kNone) return {};
  if (language == LanguageForm::kTag) found.region = {};
  return found;
}

}  // namespace hushlog
