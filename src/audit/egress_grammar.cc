#include "src/audit/egress_grammar.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <array>

#include "rules/event_rules.h"
#include "rules/page_map.h"
#include "rules/shipped_rules.h"
#include "src/audit/catalogue_names.h"
#include "src/audit/client_hints.h"
#include "src/audit/identified.h"
#include "src/audit/page_urls.h"
#include "src/audit/request_headers.h"
#include "src/audit/system_variables.h"
#include "src/audit/user_agents.h"

namespace hushlog {
namespace {

using Of = GrammarParameter::Of;

constexpr std::int64_t kEndOf2099 = 4'102'444'799;
constexpr int kMostReportNumbers = 20;
constexpr const char* kSystemReport = "https://demo-anonymous.matomo.org/system-report";
constexpr std::array<std::string_view, 2> kSystemEvents = {"count", "speed"};
constexpr std::uint64_t kMostSites = 0x7fffffff;
constexpr std::size_t kTokenDigits = 32;
constexpr std::size_t kMostDigits = 16;
constexpr int kBitsOfV4 = 32;
constexpr int kBitsOfV6 = 128;

std::string UpperCase(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return text;
}

// `pattern` with each of `values` in the place of `place`, or as it is if it has none.
void AppendFilled(const std::string& pattern, std::string_view place, const std::vector<std::string>& values,
                  std::vector<std::string>* filled) {
  const std::size_t at = pattern.find(place);
  if (at == std::string::npos) return filled->push_back(pattern);
  for (const std::string& value : values) filled->push_back(std::string(pattern).replace(at, place.size(), value));
}

// Files of scheduled reports: a number, or 0 if it is hidden, and the format.
std::vector<std::string> Downloads(std::vector<std::string> formats) {
  std::vector<std::string> urls;
  formats.insert(formats.end(), {"original", "", std::string(kHiddenName)});
  for (int number = 0; number <= kMostReportNumbers; ++number) {
    for (const std::string& format : formats) {
      urls.push_back(fmt::format("{}/scheduledreports/emailreport{}.{}", kPublicHost, number, format));
    }
  }
  return urls;
}

std::shared_ptr<const ValueSet> SystemReportUrl() {
  return std::make_shared<Enumeration>("address", std::vector<std::string>{kSystemReport});
}

// The plugin's custom variable of a visit: JSON in a text.
std::vector<std::string> AccessVariables() {
  std::vector<std::string> variables;
  for (const char* access : {"superuser", "user", "anonymous"}) {
    variables.push_back(fmt::format(R"({{"1":["Access","{}"]}})", access));
  }
  return variables;
}

}  // namespace

EgressGrammar::EgressGrammar(std::span<const SiteRules> site, Profile profile) {
  const std::shared_ptr<const RuleSet> rules = RuleSet::Load(site);
  RuleFiles files(RulesWith(site));
  const CatalogueNames names(rules->catalogue(), *rules->pages());
  Add<Enumeration>("rec", Of::kEveryHit, "values: 1, or 0 to ask whether the tracker works, with nothing but idsite",
                   std::vector<std::string>{"0", "1"});
  std::vector<std::string> titles = names.Titles();
  titles.emplace_back("System-Report");
  if (profile == Profile::kAnonymous) Add<Enumeration>("action_name", Of::kPageView, "titles of pages", titles);
  AddEvents(rules->events(), names);
  Add<Enumeration>("download", Of::kDownload, "addresses of scheduled reports", Downloads(names.Words()));
  if (profile == Profile::kAnonymous) {
    Add<Union>("url", Of::kEveryHit,
               Union::Parts{{"page", std::make_shared<PageUrls>(rules->catalogue(), files, names)},
                            {"system report", SystemReportUrl()}});
  } else {
    AddIdentified(files, titles);
  }
  Add<Union>("_cvar", Of::kSomeHits,
             Union::Parts{{"access", std::make_shared<Enumeration>("kinds of access", AccessVariables())},
                          {"system report", std::make_shared<SystemVariables>()}});
  Add<HexDigits>("cid", Of::kShownHit, "the pseudonym of the visitor for one day and this target", 16);
  Add<WholeNumber>("cdt", Of::kEveryHit, "the time in seconds since 1970", 0, kEndOf2099);
  AddClient(rules->reduction(), files);
  AddRequest(rules->reduction().address);
}

void EgressGrammar::AddIdentified(RuleFiles& files, const std::vector<std::string>& titles) {
  Add<Union>("action_name", Of::kPageView,
             Union::Parts{{"public", std::make_shared<Enumeration>("titles of pages", titles)},
                          {"other", std::make_shared<CallTitles>()}});
  Add<IdentifiedUrls>("url", Of::kEveryHit, files);
  Add<UserNames>("uid", Of::kSomeHits);
}

void EgressGrammar::AddClient(const Reduction& reduction, RuleFiles& files) {
  if (reduction.user_agent) {
    Add<UserAgents>("ua", Of::kEveryHit, files);
    Add<ClientHintValues>("uadata", Of::kSomeHits, files);
  } else {
    Add<Enumeration>("ua", Of::kEveryHit, "value", std::vector<std::string>{"-"});
  }
  if (reduction.language == Reduction::LanguageForm::kNone) return;
  Add<Languages>("lang", Of::kSomeHits, reduction.language == Reduction::LanguageForm::kRegion);
}

template <typename Set, typename... Arguments>
void EgressGrammar::Add(std::string name, Of of, Arguments&&... arguments) {
  parameters_.push_back({std::move(name), of, std::make_unique<Set>(std::forward<Arguments>(arguments)...)});
}

void EgressGrammar::AddEvents(const EventRules& rules, const CatalogueNames& names) {
  std::vector<std::string> formats;
  for (const std::string& word : names.Words()) formats.push_back(UpperCase(word));
  formats.insert(formats.end(), {"XML", std::string(kHiddenName)});
  const std::vector<std::string> calls = names.Calls();
  std::vector<std::string> categories, actions, event_names;
  for (const EventNames& event : rules.All()) {
    categories.push_back(event.category);
    AppendFilled(event.action, "{format}", formats, &actions);
    const bool uses_report = event.name.find("{report}") != std::string::npos;
    AppendFilled(event.name, uses_report ? "{report}" : "{call}", calls, &event_names);
  }
  for (const std::string_view what : kSystemEvents) {
    categories.push_back(fmt::format("API ({})", what));
    for (const std::string& call : calls) {
      actions.push_back(fmt::format("{} ({})", call, what));
      event_names.push_back(fmt::format("{} ({})", call.substr(0, call.find('.')), what));
    }
  }
  Add<Enumeration>("ca", Of::kEvent, "value", std::vector<std::string>{"1"});
  Add<Enumeration>("e_c", Of::kEvent, "categories of events", std::move(categories));
  Add<Enumeration>("e_a", Of::kEvent, "actions of events", std::move(actions));
  Add<Enumeration>("e_n", Of::kEvent, "names of events", std::move(event_names));
  Add<Patterns>("e_v", Of::kSomeEvents, std::vector<std::string>{"(?:0|[1-9][0-9]*)(?:\\.[1-9])?"}, kMostDigits);
}

void EgressGrammar::AddRequest(const AddressMask& mask) {
  Add<WholeNumber>("idsite", Of::kSentHit, "the number that the configuration gives", 1, kMostSites);
  Add<NetworkParts>("cip", Of::kSentSome, kBitsOfV4 - mask.bits_v4, kBitsOfV6 - mask.bits_v6);
  Add<Enumeration>("ping", Of::kCheck,
                   "values: 1, to ask whether the token works, with nothing but idsite, rec, cid, cdt and cip",
                   std::vector<std::string>{"1"});
  const std::vector<std::string> removed = {std::string(kTokenInCopies)};
  Add<Union>("token_auth", Of::kRequest,
             Union::Parts{{"sent", std::make_shared<HexDigits>("the token of the configuration", kTokenDigits)},
                          {"kept", std::make_shared<Enumeration>("value", removed)}});
  for (auto& [name, values] : RequestHeaders()) parameters_.push_back({name, Of::kHeader, std::move(values)});
}

const GrammarParameter* EgressGrammar::Find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      parameters_, [&](const GrammarParameter& p) { return p.of != Of::kHeader && p.name == name; });
  return found == parameters_.end() ? nullptr : &*found;
}

const GrammarParameter* EgressGrammar::FindHeader(std::string_view name) const {
  const auto found = std::ranges::find_if(parameters_, [&](const GrammarParameter& p) {
    return p.of == Of::kHeader && p.name.size() == name.size() &&
           strncasecmp(p.name.data(), name.data(), name.size()) == 0;
  });
  return found == parameters_.end() ? nullptr : &*found;
}

}  // namespace hushlog
