// Finds out where in the user interface a request comes from.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "rules/page_context.h"
#include "rules/pseudonym.h"
#include "rules/query.h"
#include "rules/request_rules.h"

namespace hushlog {

// Reads contexts. Belongs to one thread; keeps what it found out of the Referers it saw last.
class PageContextReader {
 public:
  // Both must outlive the object.
  PageContextReader(const RequestRules& requests, const Catalogue& catalogue);

  // `target` is the path and query of the request, `query` its parsed query. A `document` may open pages.
  PageContext Read(const DayKey& key, std::string_view target, const Query& query, std::string_view referer,
                   bool is_document);

 private:
  struct Referer {
    std::string text;
    DayKey key{};
    std::uint64_t hash = 0;
    std::string site;  // value of idSite
    bool in_reporting = false;
    bool in_widgetize = false;
  };

  const Referer& Look(const DayKey& key, std::string_view text);
  std::uint64_t HashOf(const DayKey& key, const Query& query, std::initializer_list<Name> parameters);

  const RequestRules& requests_;
  Name module_, action_, id_site_, period_, date_, segment_;
  Name compare_segments_, compare_dates_, compare_periods_;
  Name id_goal_, id_dimension_, id_dashboard_;
  Name core_home_, index_, widgetize_;
  Query referer_query_;
  std::array<Referer, 64> referers_;
  std::string text_;  // reused
};

}  // namespace hushlog
