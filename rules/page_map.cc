#include "rules/page_map.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "rules/shipped_rules.h"

namespace hushlog {
namespace {

// Those parameters that make one controller action serve several pages.
struct Variant {
  enum class Goal : std::uint8_t { kNone, kNumber, kAll, kNamed };
  Goal goal = Goal::kNone;
  Name goal_name = Name::kNone;  // ecommerceOrder
  std::uint8_t dimension = 0;    // custom dimension; 0 = none
  bool dashboard = false;
  bool performance = false;
  bool goals_page = false;  // documentationForGoalsPage
};

std::uint64_t WidgetKey(Name module, Name action, const Variant& variant) {
  const auto flags = static_cast<std::uint64_t>(variant.goal) | (variant.dashboard ? 4U : 0U) |
                     (variant.performance ? 8U : 0U) | (variant.goals_page ? 16U : 0U);
  // Names of goals are few; eight bits of them, the dimension and the flags tell all variants apart.
  const auto goal_name = static_cast<std::uint64_t>(variant.goal_name) & 0xffU;
  return static_cast<std::uint64_t>(module) << 48 | static_cast<std::uint64_t>(action) << 32 | goal_name << 16 |
         static_cast<std::uint64_t>(variant.dimension) << 8 | flags;
}

}  // namespace

struct PageMap::Impl {
  explicit Impl(const Catalogue& names) : catalogue(names) {}

  const Catalogue& catalogue;
  Name id_goal = catalogue.Find("idGoal");
  Name id_dimension = catalogue.Find("idDimension");
  Name id_dashboard = catalogue.Find("idDashboard");
  Name performance = catalogue.Find("performance");
  Name goals_page = catalogue.Find("documentationForGoalsPage");
  std::vector<ReportPage> pages;
  std::int32_t dashboard = kNone;
  std::unordered_map<std::uint64_t, std::int32_t> widgets;  // page number; kNone for widgets of several pages

  void AddPage(const toml::table& table, RuleFiles* files);
  // What is wrong with the text of a widget, or "" and its key.
  std::string ParseWidget(std::string_view text, std::uint64_t* key) const;
  bool ParseVariant(std::string_view name, std::string_view value, Variant* variant) const;
  Variant VariantOf(const UiAction& action, std::span<const Parameter> parameters) const;
};

// False if the parameter, or this value of it, does not tell pages apart.
bool PageMap::Impl::ParseVariant(std::string_view name, std::string_view value, Variant* variant) const {
  if (name == "idGoal" && value == "#") {
    variant->goal = Variant::Goal::kNumber;
  } else if (name == "idGoal" && value == "0") {
    variant->goal = Variant::Goal::kAll;
  } else if (name == "idGoal") {
    variant->goal = Variant::Goal::kNamed;
    variant->goal_name = catalogue.Word(value);
    return variant->goal_name > Name::kPlaceholder;
  } else if (name == "idDimension") {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), variant->dimension);
    return error == std::errc() && end == value.data() + value.size() && variant->dimension > 0;
  } else if (name == "idDashboard") {
    variant->dashboard = true;
  } else if (name == "performance") {
    variant->performance = true;
  } else if (name == "documentationForGoalsPage") {
    variant->goals_page = true;
  } else {
    return false;
  }
  return true;
}

std::string PageMap::Impl::ParseWidget(std::string_view text, std::uint64_t* key) const {
  const std::size_t dot = text.find('.');
  const std::size_t mark = std::min(text.find('?'), text.size());
  if (dot == std::string_view::npos || dot > mark) return "a widget is written Plugin.action[?name=value]";
  const Name module = catalogue.Plugin(text.substr(0, dot));
  const Name action = catalogue.Action(module, text.substr(dot + 1, mark - dot - 1));
  if (module <= Name::kPlaceholder || action <= Name::kPlaceholder) {
    return fmt::format("'{}' is not in the catalogue", text.substr(0, mark));
  }
  Variant variant;
  std::string_view rest = text.substr(std::min(mark + 1, text.size()));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!ParseVariant(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())), &variant)) {
      return fmt::format("'{}' does not tell pages apart", pair);
    }
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
  *key = WidgetKey(module, action, variant);
  return "";
}

void PageMap::Impl::AddPage(const toml::table& table, RuleFiles* files) {
  files->CheckKeys(table, {"id", "enabled", "reason", "category", "subcategory", "widgets"});
  ReportPage page{files->Text(table, "category"), files->Text(table, "subcategory")};
  for (const std::string& text : {page.category, page.subcategory}) {
    if (!text.empty() && text != "#" && !IsPlainText(text))
      files->Error(table, "menu ids are letters, digits and _.:,!-");
  }
  const auto number = static_cast<std::int32_t>(pages.size());
  if (page.category == "Dashboard_Dashboard") dashboard = number;
  pages.push_back(std::move(page));
  bool told_apart = false;
  files->ForEachText(table, "widgets", [&](const toml::node& node, std::string_view text) {
    std::uint64_t key = 0;
    if (const std::string error = ParseWidget(text, &key); !error.empty()) return files->Error(node, error);
    const auto [entry, added] = widgets.try_emplace(key, number);
    if (!added) entry->second = kNone;
    told_apart |= added;
  });
  if (!told_apart) files->Error(table, "a page needs 'widgets' of which one is asked for by no other page");
}

Variant PageMap::Impl::VariantOf(const UiAction& action, std::span<const Parameter> parameters) const {
  Variant variant;
  for (const Parameter& parameter : parameters) {
    if (parameter.kind == Parameter::Kind::kEmpty) continue;
    if (parameter.name == id_goal) {
      variant.goal = action.page.all_goals                        ? Variant::Goal::kAll
                     : parameter.kind == Parameter::Kind::kNumber ? Variant::Goal::kNumber
                                                                  : Variant::Goal::kNamed;
      variant.goal_name = parameter.value;
    } else if (parameter.name == id_dimension) {
      variant.dimension = static_cast<std::uint8_t>(std::min<std::uint32_t>(parameter.number, 0xff));
    } else if (parameter.name == id_dashboard) {
      variant.dashboard = true;
    } else if (parameter.name == performance) {
      variant.performance = true;
    } else if (parameter.name == goals_page) {
      variant.goals_page = true;
    }
  }
  return variant;
}

std::shared_ptr<const PageMap> PageMap::Load(RuleFiles* files, const Catalogue& catalogue) {
  auto impl = std::make_unique<Impl>(catalogue);
  files->ForEachRule("page", [&](const RuleFiles::Rule& rule) { impl->AddPage(*rule.table, files); });
  return std::shared_ptr<const PageMap>(new PageMap(std::move(impl)));
}

std::shared_ptr<const PageMap> PageMap::Shipped(const Catalogue& catalogue) {
  RuleFiles files(ShippedRules());
  auto pages = Load(&files, catalogue);
  files.Check();
  return pages;
}

PageMap::PageMap(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PageMap::~PageMap() = default;

std::int32_t PageMap::Find(const UiAction& action, std::span<const Parameter> parameters) const noexcept {
  const auto entry = impl_->widgets.find(WidgetKey(action.module, action.action, impl_->VariantOf(action, parameters)));
  return entry == impl_->widgets.end() ? kNone : entry->second;
}

bool PageMap::IsFree(std::string_view widget) const {
  std::uint64_t key = 0;
  return impl_->ParseWidget(widget, &key).empty() && !impl_->widgets.contains(key);
}

const ReportPage& PageMap::page(std::int32_t number) const noexcept {
  return impl_->pages[static_cast<std::size_t>(number)];
}

std::int32_t PageMap::size() const noexcept { return static_cast<std::int32_t>(impl_->pages.size()); }
std::int32_t PageMap::dashboard() const noexcept { return impl_->dashboard; }

bool PageMap::IsNumbered(std::int32_t number) const noexcept {
  const std::string& subcategory = page(number).subcategory;
  return subcategory == "#" || subcategory.starts_with("customdimension");
}

}  // namespace hushlog
