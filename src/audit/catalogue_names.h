// What can be said with the names of the catalogue: titles, paths, calls, words.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/catalogue.h"
#include "rules/page_map.h"

namespace hushlog {

// What stands for a name that is not public.
inline constexpr std::string_view kHiddenName = "XYZ";

// Both must outlive the object. Thread-safety: immutable.
class CatalogueNames {
 public:
  CatalogueNames(const Catalogue& catalogue, const PageMap& pages);

  const std::vector<std::string>& plugins() const { return plugins_; }
  // Everything below may hold a text twice.
  std::vector<std::string> Titles() const;  // "CoreHome Index", "Visitors Overview", "Dashboard"
  std::vector<std::string> Paths() const;   // "/", "/CoreHome/index/", "/Dashboard/default/"
  std::vector<std::string> Calls() const;   // "Actions.getPageUrls"
  std::vector<std::string> Words() const;
  std::vector<std::string> Categories() const;
  std::vector<std::string> Subcategories() const;
  std::vector<std::string> Popovers() const;

 private:
  // Names of pages and calls in two parts; the second may be empty.
  struct Pair {
    std::string first, second;
  };
  using Role = Name (Catalogue::*)(std::string_view) const noexcept;

  std::vector<std::string> WithRole(Role role) const;
  void AddMembers();
  void AddReportPages(const PageMap& pages);

  const Catalogue& catalogue_;
  std::vector<std::string> plugins_;
  std::vector<Pair> pages_;
  std::vector<Pair> calls_;
};

}  // namespace hushlog
