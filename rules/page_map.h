// Which report page a widget request belongs to ([[page]], rules/catalogue/pages.toml).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rules/catalogue.h"
#include "rules/rule_files.h"
#include "rules/ui_action.h"

namespace hushlog {

// A report page. `category` and `subcategory` are menu ids of Matomo; subcategory "#" is a numbered goal or dashboard.
struct ReportPage {
  std::string category;
  std::string subcategory;
};

// Immutable; may be shared by threads. Pages have numbers from 0 on, which stay the same as long as the data does.
class PageMap {
 public:
  static constexpr std::int32_t kNone = -1;

  // Notes what is broken, or not in the catalogue. `catalogue` must outlive the result.
  static std::shared_ptr<const PageMap> Load(RuleFiles* files, const Catalogue& catalogue);
  // The map embedded in this program.
  static std::shared_ptr<const PageMap> Shipped(const Catalogue& catalogue);
  ~PageMap();

  // The page that asks for this widget; kNone if there is none, or more than one.
  std::int32_t Find(const UiAction& action, std::span<const Parameter> parameters) const noexcept;

  // Whether a [[page]] with this widget, written as there, would be recognised by it: all of its names are public, and
  // no page asks for it.
  bool IsFree(std::string_view widget) const;

  const ReportPage& page(std::int32_t number) const noexcept;
  std::int32_t size() const noexcept;
  std::int32_t dashboard() const noexcept;
  // Of each goal, dashboard or custom dimension there is a page of its own.
  bool IsNumbered(std::int32_t number) const noexcept;

 private:
  struct Impl;
  explicit PageMap(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
