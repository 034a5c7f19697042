#include "rules/opt_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parsers/log_format.h"

namespace hushlog {
namespace {

// A cookie or header says yes with any value but these: none, and 0.
constexpr std::string_view kYes = "[^0].*|0.+";

Conditions Only(std::size_t bit) { return Conditions().set(bit); }

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
  const auto flag = [&](const toml::table& table, std::string_view key, bool* value) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) files->Error(*node, fmt::format("'{}' is true or false", key));
    *value = node->value_or(*value);
  };
  files->ForEachSection("opt_out", [&](const toml::table& table) {
    files->CheckKeys(table, {"dnt", "gpc", "users", "hosts", "addresses", "cookie", "header"});
    flag(table, "dnt", &dnt);
    flag(table, "gpc", &gpc);
    ReadLists(table, files);
  });
  if (dnt) fields_.AddText("dnt", "1", Only(kDoNotTrack));
  if (gpc) fields_.AddText("sec_gpc", "1", Only(kDoNotTrack));
  if (!fields_.Compile()) files->Error(files->last(), "the patterns of [opt_out] need too much memory");
}

void OptOut::ReadLists(const toml::table& table, RuleFiles* files) {
  constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"users", "remote_user"}, {"hosts", "host"}, {"addresses", "remote_addr"}};
  for (const auto& [key, field] : kFields) {
    if (table.contains(key) && files->IsSite(table)) fields_.AskedBySite(field);
  }
  files->ForEachText(table, "users",
                     [&](const auto&, auto text) { fields_.AddText("remote_user", text, Only(kListed)); });
  files->ForEachText(table, "hosts", [&](const auto&, auto text) { fields_.AddText("host", text, Only(kListed)); });
  files->ForEachText(table, "addresses", [&](const toml::node& node, std::string_view text) {
    const auto range = ParseIpRange(text);
    if (!range)
      return files->Error(node, fmt::format("'{}' is neither an address nor a range like 192.0.2.0/24", text));
    fields_.AddRange(*range, Only(kListed));
  });
  AddMark(table, "cookie", "cookie_", files);
  AddMark(table, "header", "http_", files);
}

void OptOut::AddMark(const toml::table& table, std::string_view key, std::string_view prefix, RuleFiles* files) {
  if (!table.contains(key)) return;
  const std::string field = FieldName(prefix, files->Text(table, key));
  if (!FieldConditions::IsField(field)) {
    return files->Error(*table.get(key), fmt::format("'{}' is a name of letters, digits, _ and -", key));
  }
  (void)fields_.AddPattern(field, kYes, Only(kListed));
  if (files->IsSite(table)) fields_.AskedBySite(field);
}

}  // namespace hushlog
