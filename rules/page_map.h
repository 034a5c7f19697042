// Which report page a widget request belongs to (rules/catalogue/pages.toml).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rules/catalogue.h"
#include "rules/ui_action.h"

namespace hushlog {

// A report page. `category` and `subcategory` are menu ids of Matomo; subcategory "#" is a numbered goal or dashboard.
struct ReportPage {
  std::string category;
  std::string subcategory;
};

// Immutable; may be shared by threads.
class PageMap {
 public:
  struct Match {
    const ReportPage* page = nullptr;  // null: no report page asks for this widget
    bool is_lead = false;              // the one widget that every load of the page asks for, and no other page
  };

  // The map embedded in this program. Throws ConfigError if it is broken or names what the catalogue lacks.
  static std::shared_ptr<const PageMap> Shipped(const Catalogue& catalogue);
  ~PageMap();

  Match Find(const UiAction& action, std::span<const Parameter> parameters) const noexcept;

 private:
  struct Impl;
  explicit PageMap(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
