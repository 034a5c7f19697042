#include "rules/catalogue.h"

#include <fmt/format.h>

#include <bit>
#include <deque>
#include <functional>
#include <set>
#include <unordered_map>

#include "rules/rule_files.h"
#include "rules/shipped_rules.h"
#include "rules/text_hash.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxNames = 0xffff;

std::uint32_t MemberKey(Name plugin, Name name) noexcept {
  return static_cast<std::uint32_t>(plugin) << 16 | static_cast<std::uint32_t>(name);
}

std::size_t MemberHash(std::uint32_t key) noexcept { return (key * 0x9e3779b97f4a7c15U) >> 32; }

// "getPageUrls" -> "menuGetPageUrls"
std::string MenuAction(std::string_view report) {
  std::string action = fmt::format("menu{}", report);
  if (action[4] >= 'a' && action[4] <= 'z') action[4] = static_cast<char>(action[4] - 'a' + 'A');
  return action;
}

}  // namespace

// Collects names, then builds the hash tables. Parameters come first, so that their numbers are small.
class CatalogueLoader {
 public:
  CatalogueLoader() {
    Append("");
    Append("XYZ");
  }

  void Load(RuleFiles* files) {
    // Parameters first, see above.
    ForEachNames(files, [&](const toml::table& table) { AddList(files, table, "parameters", Catalogue::kParameter); });
    files->ForEachRule("parameter", [&](const RuleFiles::Rule& rule) { AddParameters(files, *rule.table); });
    catalogue_->parameters_end_ = catalogue_->texts_.size();
    ForEachNames(files, [&](const toml::table& table) {
      files->CheckKeys(table, {"parameters", "categories", "subcategories", "popovers", "words"});
      AddList(files, table, "categories", Catalogue::kCategory);
      AddList(files, table, "subcategories", Catalogue::kSubcategory);
      AddList(files, table, "popovers", Catalogue::kPopover);
      AddList(files, table, "words", Catalogue::kWord);
    });
    files->ForEachRule("parameter", [&](const RuleFiles::Rule& rule) { AddValues(files, *rule.table); });
    files->ForEachNamed("plugins", [&](const RuleFiles::Rule& rule) { AddPlugin(files, rule.id, *rule.table); });
    if (catalogue_->texts_.size() > kMaxNames) files->Error(files->last(), "more names than a Name can count");
  }

  std::shared_ptr<const Catalogue> Finish() {
    PackTexts();
    catalogue_->names_ = BuildNames(catalogue_->texts_.size());
    catalogue_->parameters_ = BuildNames(catalogue_->parameters_end_);
    BuildMembers();
    return std::move(catalogue_);
  }

 private:
  Name Append(std::string_view text) {
    catalogue_->texts_.push_back(texts_.emplace_back(text));
    catalogue_->roles_.push_back(0);
    return static_cast<Name>(catalogue_->texts_.size() - 1);
  }

  Name Add(std::string_view text, std::uint8_t role) {
    auto known = numbers_.find(text);
    if (known == numbers_.end()) {
      const Name name = Append(text);
      known = numbers_.emplace(catalogue_->Text(name), name).first;
    }
    catalogue_->roles_[static_cast<std::size_t>(known->second)] |= role;
    return known->second;
  }

  void ForEachNames(RuleFiles* files, const std::function<void(const toml::table&)>& take) {
    files->ForEachSection("names", take);
  }

  void AddList(RuleFiles* files, const toml::table& table, std::string_view key, std::uint8_t role) {
    std::set<std::string, std::less<>> seen;
    files->ForEachText(table, key, [&](const toml::node& node, std::string_view text) {
      if (!seen.emplace(text).second) return files->Error(node, fmt::format("'{}' is listed twice", text));
      AddText(files, node, text, role);
    });
  }

  void AddText(RuleFiles* files, const toml::node& node, std::string_view text, std::uint8_t role) {
    const bool good = role == Catalogue::kParameter ? IsIdentifier(text) : IsPlainText(text);
    if (!good) return files->Error(node, "a name is made of at most 64 letters, digits and _; menu ids also of .:,!-");
    Add(text, role);
  }

  void AddParameters(RuleFiles* files, const toml::table& table) {
    files->ForEachText(table, "names", [&](const toml::node& node, std::string_view text) {
      AddText(files, node, text, Catalogue::kParameter);
    });
  }

  // Names without a role: only the rule that they stand in lets them pass.
  void AddValues(RuleFiles* files, const toml::table& table) {
    files->ForEachText(table, "values",
                       [&](const toml::node& node, std::string_view text) { AddText(files, node, text, 0); });
  }

  void AddPlugin(RuleFiles* files, std::string_view name, const toml::table& table) {
    if (!IsIdentifier(name)) return files->Error(table, "the name of a plugin is made of letters, digits and _");
    files->CheckKeys(table, {"reason", "reports", "actions", "methods"});
    const Name plugin = Add(name, Catalogue::kPlugin);
    AddMembers(files, table, "reports", plugin, Catalogue::kAction, true);
    files->ForEachText(table, "reports", [&](const toml::node&, std::string_view text) {
      catalogue_->reports_.push_back({plugin, Add(text, 0)});
    });
    AddMembers(files, table, "actions", plugin, Catalogue::kAction, false);
    AddMembers(files, table, "methods", plugin, Catalogue::kMethod, false);
  }

  void AddMembers(RuleFiles* files, const toml::table& table, std::string_view key, Name plugin, std::uint8_t role,
                  bool in_menu) {
    files->ForEachText(table, key, [&](const toml::node& node, std::string_view text) {
      if (!IsIdentifier(text)) return files->Error(node, "a name is made of at most 64 letters, digits and _");
      members_[MemberKey(plugin, Add(text, 0))] |= role;
      if (in_menu) members_[MemberKey(plugin, Add(MenuAction(text), 0))] |= role;
    });
  }

  void PackTexts() {
    for (const std::string& text : texts_) catalogue_->storage_ += text;
    std::string_view rest = catalogue_->storage_;
    for (std::string_view& text : catalogue_->texts_) {
      text = rest.substr(0, text.size());
      rest.remove_prefix(text.size());
    }
  }

  // A hash table of the names below `end`.
  Catalogue::NameTable BuildNames(std::size_t end) const {
    std::vector<Catalogue::NameSlot> slots(std::bit_ceil(end * 2));
    for (std::size_t name = 2; name < end; ++name) {
      const TextKey key(catalogue_->texts_[name]);
      std::size_t at = key.Hash() & (slots.size() - 1);
      while (slots[at].name != Name::kNone) at = (at + 1) & (slots.size() - 1);
      slots[at] = {key, static_cast<Name>(name)};
    }
    const std::size_t mask = slots.size() - 1;
    return {std::move(slots), mask};
  }

  void BuildMembers() {
    auto& slots = catalogue_->members_;
    slots.resize(std::bit_ceil(members_.size() * 2 + 1));
    for (const auto& [key, roles] : members_) {
      std::size_t at = MemberHash(key) & (slots.size() - 1);
      while (slots[at].roles != 0) at = (at + 1) & (slots.size() - 1);
      slots[at] = {key, roles};
    }
  }

  std::shared_ptr<Catalogue> catalogue_{new Catalogue};
  std::deque<std::string> texts_;  // until PackTexts
  std::unordered_map<std::string_view, Name> numbers_;
  std::unordered_map<std::uint32_t, std::uint8_t> members_;
};

std::shared_ptr<const Catalogue> Catalogue::Load(RuleFiles* files) {
  CatalogueLoader loader;
  loader.Load(files);
  return loader.Finish();
}

std::shared_ptr<const Catalogue> Catalogue::Shipped() {
  static const std::shared_ptr<const Catalogue> shipped = [] {
    RuleFiles files(ShippedRules());
    auto catalogue = Load(&files);
    files.Check();
    return catalogue;
  }();
  return shipped;
}

Name Catalogue::FindAs(std::string_view text, Role role) const noexcept {
  if (text.empty()) return Name::kNone;
  const Name name = Find(text);
  return (roles_[static_cast<std::size_t>(name)] & role) != 0 ? name : Name::kPlaceholder;
}

Name Catalogue::FindOf(Name plugin, std::string_view text, Role role) const noexcept {
  if (text.empty()) return Name::kNone;
  const Name name = Find(text);
  const std::uint32_t key = MemberKey(plugin, name);
  const std::size_t mask = members_.size() - 1;
  for (std::size_t at = MemberHash(key) & mask; members_[at].roles != 0; at = (at + 1) & mask) {
    if (members_[at].key == key) return (members_[at].roles & role) != 0 ? name : Name::kPlaceholder;
  }
  return Name::kPlaceholder;
}

}  // namespace hushlog
