#include "rules/page_context_reader.h"

#include <algorithm>

#include "rules/text_hash.h"

namespace hushlog {
namespace {

// "https://example.org/index.php?a=b" -> "/index.php?a=b"
std::string_view PathAndQuery(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  const std::size_t path = url.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view() : url.substr(path);
}

std::string_view QueryOf(std::string_view path_and_query) {
  const std::size_t mark = path_and_query.find('?');
  return mark == std::string_view::npos ? std::string_view() : path_and_query.substr(mark + 1);
}

}  // namespace

PageContextReader::PageContextReader(const RequestRules& requests, const Catalogue& catalogue)
    : requests_(requests),
      module_(catalogue.Find("module")),
      action_(catalogue.Find("action")),
      id_site_(catalogue.Find("idSite")),
      period_(catalogue.Find("period")),
      date_(catalogue.Find("date")),
      segment_(catalogue.Find("segment")),
      compare_segments_(catalogue.Find("compareSegments")),
      compare_dates_(catalogue.Find("compareDates")),
      compare_periods_(catalogue.Find("comparePeriods")),
      id_goal_(catalogue.Find("idGoal")),
      id_dimension_(catalogue.Find("idDimension")),
      id_dashboard_(catalogue.Find("idDashboard")),
      core_home_(catalogue.Plugin("CoreHome")),
      index_(catalogue.Action(core_home_, "index")),
      widgetize_(catalogue.Plugin("Widgetize")),
      referer_query_(catalogue) {}

PageContext PageContextReader::Read(const DayKey& key, std::string_view target, const Query& query,
                                    std::string_view referer, bool is_document) {
  PageContext context;
  if (!referer.empty()) {
    const Referer& from = Look(key, referer);
    context.in_reporting = from.in_reporting;
    context.in_widgetize = from.in_widgetize;
    (is_document ? context.opener : context.document) = from.hash;
    const QueryParameter* site = query.Find(id_site_);
    context.from_other_site = from.in_reporting && site != nullptr && !from.site.empty() && from.site != site->value;
  }
  if (is_document) context.document = KeyedHash(key, target);
  context.segment = HashOf(key, query, {segment_});
  context.comparison = HashOf(key, query, {compare_segments_, compare_dates_, compare_periods_});
  context.view = HashOf(key, query, {id_site_, period_, date_}) ^ context.segment ^ context.comparison * 3;
  context.item = HashOf(key, query, {id_goal_, id_dimension_, id_dashboard_});
  const QueryParameter* goal = query.Find(id_goal_);
  context.all_goals = goal != nullptr && goal->value == "0";
  return context;
}

std::uint64_t PageContextReader::HashOf(const DayKey& key, const Query& query, std::initializer_list<Name> parameters) {
  const auto is_filled = [&](Name name) {
    const QueryParameter* parameter = query.Find(name);
    return parameter != nullptr && !parameter->value.empty();
  };
  if (std::none_of(parameters.begin(), parameters.end(), is_filled)) return 0;
  text_.clear();
  for (const Name name : parameters) {
    if (const QueryParameter* parameter = query.Find(name)) text_.append(parameter->value);
    text_.push_back('\0');
  }
  return KeyedHash(key, text_);
}

const PageContextReader::Referer& PageContextReader::Look(const DayKey& key, std::string_view text) {
  Referer& entry = referers_[HashText(text) % referers_.size()];
  if (entry.text == text && entry.key == key) return entry;
  const std::string_view page = PathAndQuery(text);
  entry.text = text;
  entry.key = key;
  entry.hash = KeyedHash(key, page);
  entry.site.clear();
  entry.in_reporting = entry.in_widgetize = false;
  if (!referer_query_.Parse(QueryOf(page))) return entry;
  const Call call = requests_.ReadNames(referer_query_.Find(module_), referer_query_.Find(action_));
  entry.in_reporting = call.module == core_home_ && call.action == index_;
  entry.in_widgetize = call.module == widgetize_;
  if (const QueryParameter* site = referer_query_.Find(id_site_)) entry.site = site->value;
  return entry;
}

}  // namespace hushlog
