#include "rules/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rules/identified.h"
#include "rules/percent.h"
#include "rules/rule_files.h"
#include "rules/text_hash.h"

namespace hushlog {
namespace {

using CatalogueName = hushlog::Name;

constexpr std::size_t kMaxInnerBytes = 8192;
// So many hexadecimal digits are rather a key than a name.
constexpr std::size_t kKeyBytes = 16;

bool LooksLikeKey(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return HasTokenRun(text) || (text.size() >= kKeyBytes && std::all_of(text.begin(), text.end(), is_hex));
}

// "Plugin", "action" or "Plugin.action".
bool IsShowable(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::string_view first = text.substr(0, dot);
  const std::string_view second = dot == std::string_view::npos ? first : text.substr(dot + 1);
  return text.size() <= 64 && IsIdentifier(first) && IsIdentifier(second) && !LooksLikeKey(first) &&
         !LooksLikeKey(second);
}

}  // namespace

Coverage::Coverage(const RuleSet& rules)
    : rules_(rules),
      query_(rules.catalogue()),
      inner_text_(kMaxInnerBytes),
      module_(rules.catalogue().Find("module")),
      action_(rules.catalogue().Find("action")),
      method_(rules.catalogue().Find("method")),
      urls_(rules.catalogue().Find("urls")),
      api_(rules.catalogue().Plugin("API")) {}

void Coverage::Look(const Request& request) {
  ++requests_;
  const std::string_view query = SplitTarget(request.target).query;
  if (!query_.Parse(query)) return;
  LookAtNames();
  ForEachPair(query, [&](const QueryPair& pair) {
    LookAtParameter(pair);
    return true;
  });
}

// The value of a parameter in query_, decoded; it is cut where no name of the catalogue would be as long.
std::string_view Coverage::ValueOf(CatalogueName name, std::span<char> scratch) const {
  const QueryParameter* parameter = query_.Find(name);
  if (parameter == nullptr) return {};
  return DecodeFully(parameter->value.substr(0, scratch.size()), scratch);
}

void Coverage::LookAtNames() {
  const Catalogue& catalogue = rules_.catalogue();
  std::array<char, 256> module_text;
  std::array<char, 256> action_text;
  const std::string_view module = ValueOf(module_, module_text);
  const CatalogueName plugin = catalogue.Plugin(module);
  const std::string_view method = ValueOf(method_, action_text);
  if (plugin == api_ && !method.empty()) return LookAtMethod(method);
  if (plugin == CatalogueName::kPlaceholder) Count(kPlugin, module);
  const std::string_view action = ValueOf(action_, action_text);
  if (catalogue.Action(plugin, action) == CatalogueName::kPlaceholder) {
    Count(kAction, fmt::format("{}.{}", module, action));
  }
}

void Coverage::LookAtMethod(std::string_view method) {
  const std::size_t dot = std::min(method.find('.'), method.size());
  const std::string_view name = method.substr(std::min(dot + 1, method.size()));
  const CatalogueName plugin = rules_.catalogue().Plugin(method.substr(0, dot));
  if (plugin == CatalogueName::kPlaceholder) Count(kPlugin, method.substr(0, dot));
  if (rules_.catalogue().ApiMethod(plugin, name) == CatalogueName::kPlaceholder) Count(kMethod, method);
}

void Coverage::LookAtParameter(const QueryPair& pair) {
  if (pair.name.empty()) return;
  bool is_array = false;
  const CatalogueName name = ParameterName(rules_.catalogue(), pair.name, &is_array);
  if (name == CatalogueName::kPlaceholder) {
    std::array<char, kMaxNameBytes> scratch;
    return Count(kParameter, NormaliseName(pair.name, scratch, &is_array));
  }
  if (name <= CatalogueName::kPlaceholder || !rules_.parameters().IsShown(name)) return;
  if (rules_.parameters().Sanitise({name, is_array, pair.escaped, pair.value}).kind == Parameter::Kind::kHidden) {
    Count(kValue, rules_.catalogue().Text(name));
  }
  if (name == urls_ && query_.Parse(DecodeInnerQuery(pair.value, inner_text_))) {
    std::array<char, 256> scratch;
    if (const std::string_view method = ValueOf(method_, scratch); !method.empty()) LookAtMethod(method);
  }
}

void Coverage::Count(Kind kind, std::string_view name) {
  Seen& seen = seen_[kind];
  auto known = seen.names.find(name);
  if (known == seen.names.end()) {
    if (!IsShowable(name) || seen.names.size() == kMaxNames) {
      if (seen.other.size() < kMaxNames) seen.other.insert(HashText(name));
      return;
    }
    known = seen.names.emplace(name, Requests()).first;
  }
  if (std::exchange(known->second.last, requests_) != requests_) ++known->second.count;
}

Coverage::Names Coverage::NamesOf(Kind kind) const {
  Names names;
  for (const auto& [text, requests] : seen_[kind].names) names.shown.push_back({text, requests.count});
  std::ranges::stable_sort(names.shown, std::greater<>(), &Name::count);
  names.other = static_cast<std::int64_t>(seen_[kind].other.size());
  return names;
}

}  // namespace hushlog
