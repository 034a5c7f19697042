#include "src/status/transparency_page.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "src/status/html.h"

namespace hushlog {
namespace {

using simdjson::dom::element;

// What stands in the place of a name or value that is not public (Name::kPlaceholder).
constexpr std::string_view kHidden = "XYZ";

// What a parameter holds, and what of the request it does not.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kMeanings{{
    {"idsite", "the site of the target, from the configuration"},
    {"action_name", "title of the page, of public names of Matomo"},
    {"url", "page and report; the host is not that of your Matomo, values are numbers, dates and public names"},
    {"e_c", "event"},
    {"e_a", "what was done"},
    {"e_n", "to what"},
    {"e_v", "a number"},
    {"download", "kind of file; not its name"},
    {"_cvar", "kind of access, not the user; or facts of the daily system report"},
    {"cdt", "time of the request, in seconds"},
    {"ua", "browser and system; not the rest of the user agent"},
    {"uadata", "browser and system, from client hints"},
    {"lang", "language; not the whole list of the browser"},
    {"cid", "pseudonym: of a key of the day that is destroyed, and another one for each target"},
    {"cip", "masked address"},
}};

std::string_view MeaningOf(std::string_view name) {
  const auto found = std::ranges::find(kMeanings, name, &std::pair<std::string_view, std::string_view>::first);
  return found == kMeanings.end() ? "" : found->second;
}

// With marks around what was replaced.
std::string MarkedText(std::string_view value) {
  std::string html;
  for (std::size_t at = value.find(kHidden); at != std::string_view::npos; at = value.find(kHidden)) {
    html += Escaped(value.substr(0, at)) + fmt::format("<mark>{}</mark>", kHidden);
    value.remove_prefix(at + kHidden.size());
  }
  return html + Escaped(value);
}

std::string ValueOf(const element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string(simdjson::minify(value));
}

std::string TextOf(const simdjson::dom::object& hit, std::string_view name) {
  element value;
  return hit[name].get(value) == simdjson::SUCCESS ? ValueOf(value) : "";
}

std::string SummaryOf(const simdjson::dom::object& hit) {
  if (const std::string title = TextOf(hit, "action_name"); !title.empty()) {
    return "<span>Page</span> " + MarkedText(title);
  }
  if (const std::string category = TextOf(hit, "e_c"); !category.empty()) {
    return fmt::format("<span>Event</span> {}: {}: {}", MarkedText(category), MarkedText(TextOf(hit, "e_a")),
                       MarkedText(TextOf(hit, "e_n")));
  }
  return "<span>Download</span> " + MarkedText(TextOf(hit, "download"));
}

std::string HitHtml(const simdjson::dom::object& hit) {
  std::string html = fmt::format("<details class=\"hit\"><summary>{}</summary><dl>\n", SummaryOf(hit));
  for (const auto& [name, value] : hit) {
    const std::string_view meaning = MeaningOf(name);
    html += fmt::format("<dt>{}</dt><dd>{}{}</dd>\n", Escaped(name), MarkedText(ValueOf(value)),
                        meaning.empty() ? "" : fmt::format("<small>{}</small>", meaning));
  }
  return html + "</dl></details>\n";
}

std::string_view OutcomeText(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::kProcessed:
      return "taken";
    case Outcome::Kind::kNotProcessed:
      return "the target did not get or take them";
    case Outcome::Kind::kRolledBack:
      return "the target failed";
    case Outcome::Kind::kTooLarge:
      return "too large for the target";
    case Outcome::Kind::kRefused:
      return "refused";
    case Outcome::Kind::kAmbiguous:
      return "the answer was lost";
  }
  return "";
}

// The newest of its hits first. Takes of *left as many as it shows.
std::string RequestHtml(const ShownRequest& request, std::size_t* left, std::size_t number) {
  std::string hits, which;
  simdjson::dom::parser parser;
  simdjson::dom::array rows;
  if (request.body.empty()) {
    hits =
        "<p>They identify people, as the configuration asks for (<code>anonymize = false</code>): they are not shown "
        "here.</p>\n";
    *left -= std::min(*left, kShownHits);
  } else if (parser.parse(request.body)["requests"].get(rows) == simdjson::SUCCESS) {
    std::vector<element> newest(rows.begin(), rows.end());
    std::ranges::reverse(newest);
    newest.resize(std::min(*left, newest.size()));
    *left -= newest.size();
    if (newest.size() < request.hits) which = fmt::format(" These are the last {}.", newest.size());
    for (const element& row : newest) {
      simdjson::dom::object hit;
      if (row.get(hit) == simdjson::SUCCESS) hits += HitHtml(hit);
    }
  }
  return fmt::format(
      "<section class=\"card\" aria-labelledby=\"request-{0}\">\n<h2 id=\"request-{0}\">{1} to {2}</h2>\n<p>{3}: "
      "{4}.{5}</p>\n"
      "{6}</section>\n",
      number, request.hits == 1 ? "1 hit" : Grouped(static_cast<std::int64_t>(request.hits)) + " hits",
      Escaped(request.target), TimeText(request.time_ms), OutcomeText(request.kind), which, hits);
}

constexpr std::string_view kExplanation =
    "<section class=\"card\" aria-labelledby=\"what\">\n<h2 id=\"what\">What is replaced, and what is not sent</h2>\n"
    "<p><mark>XYZ</mark> stands in the place of a name or a value that is not public: of an own plugin, a dashboard, a "
    "segment, a search.</p>\n"
    "<p>Never sent to a target of anonymous hits: the user, the whole address, the whole user agent, the host of "
    "your Matomo, the page before (referrer), titles of documents and texts, tokens and passwords, parameters that are "
    "unknown. The "
    "token of the target goes with a request, but is shown nowhere.</p>\n</section>\n";

}  // namespace

HttpAnswer TransparencyPage(const std::vector<ShownRequest>& last) {
  PageText page;
  page.path = "/transparency";
  page.title = "What is sent";
  page.lead = fmt::format("The last {} hits since hushlog was started, exactly as they were sent, the newest first.",
                          kShownHits);
  std::size_t left = kShownHits, number = 0;
  for (const ShownRequest& request : last) {
    if (left > 0) page.body += RequestHtml(request, &left, ++number);
  }
  if (last.empty())
    page.body = "<section class=\"card\"><p>Nothing was sent since hushlog was started.</p></section>\n";
  page.body = std::string(kExplanation) + page.body;
  return HtmlPage(page);
}

}  // namespace hushlog
