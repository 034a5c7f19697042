#include "rules/opt_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/log_format.h"

namespace hushlog {
namespace {

// A cookie or header says yes with any value but these: none, and 0.
constexpr std::string_view kYes = "[^0].*|0.+";

// nginx's name of a header or cookie.
std::string FieldName(std::string_view prefix, std::string_view name) {
  std::string field = fmt::format("{}{}", prefix, name);
  std::transform(field.begin(), field.end(), field.begin(), [](char c) {
    return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return field;
}

}  // namespace

OptOut::OptOut(RuleFiles* files) {
  bool dnt = true;
  bool gpc = true;
  const auto flag = [&](const toml::table& table, KeyIndex key, bool* value) {
    const toml::node* node = table.get(keys_[key].name);
    if (node == nullptr) return;
    if (!node->is_boolean()) files->Error(*node, fmt::format("'{}' is true or false", keys_[key].name));
    *value = node->value_or(*value);
    keys_[key].places.assign({RuleFiles::Place(*node)});
  };
  files->ForEachSection("opt_out", [&](const toml::table& table) {
    files->CheckKeys(table, {"dnt", "gpc", "users", "hosts", "addresses", "cookie", "header"});
    flag(table, kDnt, &dnt);
    flag(table, kGpc, &gpc);
    ReadLists(table, files);
  });
  if (dnt) fields_.AddText("dnt", "1", Asked(kDnt));
  if (gpc) fields_.AddText("sec_gpc", "1", Asked(kGpc));
  if (!fields_.Compile()) files->Error(files->last(), "the patterns of [opt_out] need too much memory");
}

Conditions OptOut::Asked(KeyIndex key) const {
  return Conditions().set(key >= kDnt ? kDoNotTrack : kListed).set(kFirstKey + key);
}

void OptOut::ReadLists(const toml::table& table, RuleFiles* files) {
  const auto each = [&](KeyIndex key, auto add) {
    const toml::node* list = table.get(keys_[key].name);
    if (list == nullptr) return;
    if (files->IsSite(table)) fields_.AskedBySite(keys_[key].fields.front());
    if (list->is_array() && !list->as_array()->empty()) keys_[key].places.push_back(RuleFiles::Place(*list));
    files->ForEachText(table, keys_[key].name, add);
  };
  each(kUsers, [&](const toml::node&, std::string_view text) { fields_.AddText("remote_user", text, Asked(kUsers)); });
  each(kHosts, [&](const toml::node&, std::string_view text) { fields_.AddText("host", text, Asked(kHosts)); });
  each(kAddresses, [&](const toml::node& node, std::string_view text) {
    const auto range = ParseIpRange(text);
    if (!range)
      return files->Error(node, fmt::format("'{}' is neither an address nor a range like 192.0.2.0/24", text));
    fields_.AddRange(*range, Asked(kAddresses));
  });
  AddMark(table, kCookie, "cookie_", files);
  AddMark(table, kHeader, "http_", files);
}

void OptOut::AddMark(const toml::table& table, KeyIndex key, std::string_view prefix, RuleFiles* files) {
  const toml::node* node = table.get(keys_[key].name);
  if (node == nullptr) return;
  const std::string field = FieldName(prefix, files->Text(table, keys_[key].name));
  if (!FieldConditions::IsField(field)) {
    return files->Error(*node, fmt::format("'{}' is a name of letters, digits, _ and -", keys_[key].name));
  }
  (void)fields_.AddPattern(field, kYes, Asked(key));
  keys_[key].fields.push_back(field);
  keys_[key].places.push_back(RuleFiles::Place(*node));
  if (files->IsSite(table)) fields_.AskedBySite(field);
}

std::string OptOut::Key::Text() const {
  return fmt::format("[opt_out] {}{}{}", name, places.empty() ? "" : ", ", fmt::join(places, " or "));
}

const OptOut::Key* OptOut::KeyOf(const Conditions& conditions) const noexcept {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (conditions[kFirstKey + i]) return &keys_[i];
  }
  return nullptr;
}

const OptOut::Key* OptOut::KeyAsking(std::string_view field) const noexcept {
  const auto* key = std::ranges::find_if(
      keys_, [&](const Key& asks) { return std::ranges::find(asks.fields, field) != asks.fields.end(); });
  return key == keys_.end() ? nullptr : key;
}

}  // namespace hushlog
