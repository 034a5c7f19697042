#include "rules/page_map.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <charconv>
#include <unordered_map>
#include <vector>

#include "embedded/hushlog_rules.h"
#include "rules/config_error.h"

namespace hushlog {
namespace {

constexpr std::string_view kFile = "rules/catalogue/pages.toml";

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

  [[noreturn]] void Fail(const toml::node& node, std::string_view what) const {
    throw ConfigError(fmt::format("{}:{}: {}", kFile, node.source().begin.line, what));
  }
  void AddPage(const toml::table& table);
  std::uint64_t ParseWidget(const toml::node& node) const;
  void ParseVariant(const toml::node& node, std::string_view name, std::string_view value, Variant* variant) const;
  Variant VariantOf(const UiAction& action, std::span<const Parameter> parameters) const;
};

void PageMap::Impl::ParseVariant(const toml::node& node, std::string_view name, std::string_view value,
                                 Variant* variant) const {
  if (name == "idGoal" && value == "#") {
    variant->goal = Variant::Goal::kNumber;
  } else if (name == "idGoal" && value == "0") {
    variant->goal = Variant::Goal::kAll;
  } else if (name == "idGoal") {
    variant->goal = Variant::Goal::kNamed;
    variant->goal_name = catalogue.Word(value);
  } else if (name == "idDimension") {
    std::from_chars(value.data(), value.data() + value.size(), variant->dimension);
  } else if (name == "idDashboard") {
    variant->dashboard = true;
  } else if (name == "performance") {
    variant->performance = true;
  } else if (name == "documentationForGoalsPage") {
    variant->goals_page = true;
  } else {
    Fail(node, fmt::format("'{}' does not tell pages apart", name));
  }
}

std::uint64_t PageMap::Impl::ParseWidget(const toml::node& node) const {
  const std::string_view text = node.value_or(std::string_view());
  const std::size_t dot = text.find('.');
  const std::size_t mark = std::min(text.find('?'), text.size());
  if (dot == std::string_view::npos || dot > mark) Fail(node, "a widget is written Plugin.action[?name=value]");
  const Name module = catalogue.Plugin(text.substr(0, dot));
  const Name action = catalogue.Action(module, text.substr(dot + 1, mark - dot - 1));
  if (module <= Name::kPlaceholder || action <= Name::kPlaceholder) {
    Fail(node, fmt::format("'{}' is not in the catalogue", text.substr(0, mark)));
  }
  Variant variant;
  std::string_view rest = text.substr(std::min(mark + 1, text.size()));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    ParseVariant(node, pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())), &variant);
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
  return WidgetKey(module, action, variant);
}

void PageMap::Impl::AddPage(const toml::table& table) {
  const toml::array* list = table["widgets"].as_array();
  ReportPage page{table["category"].value_or(std::string()), table["subcategory"].value_or(std::string())};
  if (page.category.empty() || page.subcategory.empty() || list == nullptr || list->empty()) {
    Fail(table, "a page needs category, subcategory and widgets");
  }
  const auto number = static_cast<std::int32_t>(pages.size());
  if (page.category == "Dashboard_Dashboard") dashboard = number;
  pages.push_back(std::move(page));
  bool told_apart = false;
  for (const toml::node& node : *list) {
    const auto [entry, added] = widgets.try_emplace(ParseWidget(node), number);
    if (!added) entry->second = kNone;
    told_apart |= added;
  }
  if (!told_apart) Fail(table, "other pages ask for all widgets of this one");
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

std::shared_ptr<const PageMap> PageMap::Shipped(const Catalogue& catalogue) {
  auto impl = std::make_unique<Impl>(catalogue);
  try {
    const toml::table file = toml::parse(embedded::catalogue_pages_toml(), kFile);
    const toml::array* pages = file["page"].as_array();
    if (pages == nullptr) throw ConfigError(fmt::format("{}: holds no [[page]]", kFile));
    for (const toml::node& page : *pages) {
      if (page.as_table() == nullptr) impl->Fail(page, "[[page]] expected");
      impl->AddPage(*page.as_table());
    }
  } catch (const toml::parse_error& error) {
    throw ConfigError(fmt::format("{}:{}: {}", kFile, error.source().begin.line, error.description()));
  }
  return std::shared_ptr<const PageMap>(new PageMap(std::move(impl)));
}

PageMap::PageMap(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PageMap::~PageMap() = default;

std::int32_t PageMap::Find(const UiAction& action, std::span<const Parameter> parameters) const noexcept {
  const auto entry = impl_->widgets.find(WidgetKey(action.module, action.action, impl_->VariantOf(action, parameters)));
  return entry == impl_->widgets.end() ? kNone : entry->second;
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
