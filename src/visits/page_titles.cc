#include "src/visits/page_titles.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace hushlog {
namespace {

std::string_view WithoutPrefix(std::string_view menu_id) {
  const std::size_t underscore = menu_id.find('_');
  return underscore == std::string_view::npos ? menu_id : menu_id.substr(underscore + 1);
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void AppendCapitalized(std::string_view text, std::string* out) {
  if (text.empty()) return;
  out->push_back(text[0] >= 'a' && text[0] <= 'z' ? static_cast<char>(text[0] - 'a' + 'A') : text[0]);
  out->append(text.substr(1));
}

void AppendDay(std::int32_t day, std::string* out) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  fmt::format_to(std::back_inserter(*out), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

void AppendDate(const DateValue& date, std::string* out) {
  switch (date.kind) {
    case DateValue::Kind::kDay:
      return AppendDay(date.first, out);
    case DateValue::Kind::kRange:
      AppendDay(date.first, out);
      out->push_back(',');
      return AppendDay(date.last, out);
    case DateValue::Kind::kToday:
      out->append("today");
      return;
    case DateValue::Kind::kYesterday:
      out->append("yesterday");
      return;
    case DateValue::Kind::kNow:
      out->append("now");
      return;
    case DateValue::Kind::kLast:
      fmt::format_to(std::back_inserter(*out), "last{}", date.first);
      return;
    case DateValue::Kind::kPrevious:
      fmt::format_to(std::back_inserter(*out), "previous{}", date.first);
      return;
    case DateValue::Kind::kRangeToToday:
      AppendDay(date.first, out);
      out->append(",today");
      return;
    case DateValue::Kind::kRangeToYesterday:
      AppendDay(date.first, out);
      out->append(",yesterday");
      return;
  }
}

void AppendValue(const Parameter& parameter, const Catalogue& catalogue, std::string* out) {
  switch (parameter.kind) {
    case Parameter::Kind::kHidden:
      out->append(catalogue.Text(Name::kPlaceholder));
      return;
    case Parameter::Kind::kEmpty:
      return;
    case Parameter::Kind::kNumber:
      fmt::format_to(std::back_inserter(*out), "{}", parameter.number);
      return;
    case Parameter::Kind::kName:
      out->append(catalogue.Text(parameter.value));
      return;
    case Parameter::Kind::kDate:
      AppendDate(parameter.date, out);
      return;
    case Parameter::Kind::kText:
      out->append(parameter.text.view());
      return;
  }
}

bool NamesThePage(std::string_view parameter) {
  return parameter == "module" || parameter == "action" || parameter == "category" || parameter == "subcategory";
}

}  // namespace

PageName ReportPageName(std::string_view category, std::string_view subcategory) {
  const std::string_view sub = WithoutPrefix(subcategory);
  return {WithoutPrefix(category), sub == "#" || IsNumber(sub) ? std::string_view() : sub};
}

void AppendTitle(PageName page, std::string* out) {
  AppendCapitalized(page.top, out);
  if (page.sub.empty()) return;
  out->push_back(' ');
  AppendCapitalized(page.sub, out);
}

void AppendPageUrl(PageName page, std::span<const Parameter> parameters, const Catalogue& catalogue, std::string* out) {
  out->append(kPageBase).push_back('/');
  if (!page.top.empty()) {
    out->append(page.top).push_back('/');
    out->append(page.sub.empty() ? std::string_view("default") : page.sub).push_back('/');
  }
  out->push_back('?');
  bool first = true;
  for (const Parameter& parameter : parameters) {
    const std::string_view name = catalogue.Text(parameter.name);
    if (NamesThePage(name)) continue;
    if (!first) out->push_back('&');
    first = false;
    out->append(name).push_back('=');
    AppendValue(parameter, catalogue, out);
  }
}

}  // namespace hushlog
