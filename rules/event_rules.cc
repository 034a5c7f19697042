#include "rules/event_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace hushlog {
namespace {

constexpr std::array<std::pair<std::string_view, EventSource>, 12> kSources = {{
    {"api", EventSource::kApi},
    {"controller", EventSource::kController},
    {"document", EventSource::kDocument},
    {"popover", EventSource::kPopover},
    {"export", EventSource::kExport},
    {"table", EventSource::kTable},
    {"segment", EventSource::kSegment},
    {"comparison", EventSource::kComparison},
    {"site", EventSource::kSite},
    {"widget_again", EventSource::kWidgetAgain},
    {"report_view", EventSource::kReportView},
    {"report_interaction", EventSource::kReportInteraction},
}};

constexpr int kOk = 200;

bool HasCalls(EventSource source) { return source <= EventSource::kPopover; }

std::uint64_t CallKey(EventSource source, Name module, Name action) {
  return static_cast<std::uint64_t>(source) << 32 | static_cast<std::uint64_t>(module) << 16 |
         static_cast<std::uint64_t>(action);
}

std::uint32_t WidgetKey(Name plugin, Name action) {
  return static_cast<std::uint32_t>(plugin) << 16 | static_cast<std::uint32_t>(action);
}

std::optional<EventSource> SourceOf(const UiAction& action) {
  switch (action.kind) {
    case ActionKind::kDocument:
      if (action.status != kOk) return std::nullopt;  // the login form in its place
      return EventSource::kDocument;
    case ActionKind::kUiApiCall:
      return EventSource::kApi;
    case ActionKind::kController:
      return EventSource::kController;
    case ActionKind::kPopover:
      return EventSource::kPopover;
    default:
      return std::nullopt;
  }
}

// A popover may be opened by an API method or by a controller action.
Name CallName(const Catalogue& catalogue, EventSource source, Name plugin, std::string_view text) {
  const Name method = catalogue.ApiMethod(plugin, text);
  if (source == EventSource::kApi || (source == EventSource::kPopover && method > Name::kPlaceholder)) return method;
  if (source == EventSource::kDocument && text.empty()) return Name::kNone;  // "Overlay": without an action
  return catalogue.Action(plugin, text);
}

bool IsEventText(std::string_view text) {
  for (const std::string_view place : {"{call}", "{report}", "{format}"}) {
    if (text == place) return true;
    if (text.ends_with(place)) text.remove_suffix(place.size());
  }
  return IsPlainText(text);
}

EventNames ReadNames(const RuleFiles::Rule& rule, RuleFiles* files) {
  std::vector<std::string> names;
  files->ForEachText(*rule.table, "names", [&](const toml::node& node, std::string_view text) {
    if (!IsEventText(text)) files->Error(node, "a name of an event is made of letters, digits, blanks, _.:,!-, {call}");
    names.emplace_back(text);
  });
  if (names.size() != 3) {
    files->Error(*rule.table, "'names' must be three: category, action and name");
    names.resize(3);
  }
  return {names[0], names[1], names[2], rule.id};
}

const std::pair<std::string_view, EventSource>* FindSource(std::string_view on) {
  const auto* source = std::ranges::find(kSources, on, [](const auto& entry) { return entry.first; });
  return source == kSources.end() ? nullptr : source;
}

}  // namespace

bool EventRules::HasSamples(std::string_view on) {
  const auto* source = FindSource(on);
  return source != nullptr && source->second <= EventSource::kTable;
}

// Of several rules for one thing the first counts, so that those of the site come before the shipped ones.
EventRules::EventRules(RuleFiles* files, const Catalogue& catalogue) {
  LoadNoReports(files, catalogue);
  files->ForEachRule("event", [&](const RuleFiles::Rule& rule) {
    const toml::table& table = *rule.table;
    files->CheckKeys(table, {"id", "enabled", "on", "calls", "parameter", "names", "reason", "accept", "reject"});
    const std::string on = files->Text(table, "on");
    const auto* source = FindSource(on);
    if (source == nullptr) return files->Error(table, fmt::format("'{}' is nothing that an event is told by", on));
    if (HasSamples(on)) {
      files->NeedSamples(table);
    } else if (table.contains("accept")) {
      files->Error(table, "what this rule counts shows in no single request: no samples");
    }
    if (HasCalls(source->second)) files->NeedList(table, "calls", "what is called");
    EventNames names = ReadNames(rule, files);
    if (source->second == EventSource::kTable) {
      const Name parameter = catalogue.Parameter(files->Text(table, "parameter"));
      if (parameter <= Name::kPlaceholder) files->Error(table, "'parameter' is not in the catalogue");
      tables_.push_back({parameter, std::move(names)});
    } else if (!HasCalls(source->second)) {
      by_source_.try_emplace(static_cast<std::uint8_t>(source->second), std::move(names));
    }
    files->ForEachText(table, "calls", [&](const toml::node& node, std::string_view call) {
      const std::size_t dot = std::min(call.find('.'), call.size());
      const Name plugin = catalogue.Plugin(call.substr(0, dot));
      const Name action = CallName(catalogue, source->second, plugin, call.substr(std::min(dot + 1, call.size())));
      const bool without_action =
          source->second == EventSource::kDocument && action == Name::kNone && dot == call.size();
      if (plugin <= Name::kPlaceholder || (action <= Name::kPlaceholder && !without_action)) {
        return files->Error(node, fmt::format("'{}' is not in the catalogue", call));
      }
      calls_.try_emplace(CallKey(source->second, plugin, action), names);
    });
  });
}

void EventRules::LoadNoReports(RuleFiles* files, const Catalogue& catalogue) {
  files->ForEachSection("no_reports", [&](const toml::table& section) {
    files->CheckKeys(section, {"widgets"});
    files->ForEachText(section, "widgets", [&](const toml::node& node, std::string_view widget) {
      const std::size_t dot = std::min(widget.find('.'), widget.size());
      const std::string_view action_text = widget.substr(std::min(dot + 1, widget.size()));
      const Name plugin = catalogue.Plugin(widget.substr(0, dot));
      const Name action = action_text == "*" ? Name::kNone : catalogue.Action(plugin, action_text);
      if (plugin <= Name::kPlaceholder || action == Name::kPlaceholder) {
        return files->Error(node, fmt::format("'{}' is not in the catalogue", widget));
      }
      no_reports_.insert(WidgetKey(plugin, action));
    });
  });
}

bool EventRules::IsReport(Name plugin, Name action) const noexcept {
  return plugin != Name::kNone && action != Name::kNone && !no_reports_.contains(WidgetKey(plugin, action)) &&
         !no_reports_.contains(WidgetKey(plugin, Name::kNone));
}

ReportUse EventRules::UseOf(const UiAction& action) const noexcept {
  ReportUse use{ReportUse::Kind::kInteraction, action.module, action.action};
  switch (action.kind) {
    case ActionKind::kReport:
    case ActionKind::kDashboardWidget:
      use.kind = ReportUse::Kind::kView;
      break;
    case ActionKind::kWidgetized:
      use = {ReportUse::Kind::kView, action.embedded_module, action.embedded_action};
      break;
    case ActionKind::kPopover:
      use = {ReportUse::Kind::kInteraction, action.embedded_module, action.embedded_action};
      break;
    case ActionKind::kTable:
    case ActionKind::kExport:
      break;
    default:
      return {};
  }
  // Nobody has seen what the browser gave up (499, often asked for again at once) or the login form (403).
  const bool unseen = use.kind == ReportUse::Kind::kView && action.status != kOk;
  return unseen || !IsReport(use.plugin, use.report) ? ReportUse{} : use;
}

const EventNames* EventRules::Find(const UiAction& action, std::span<const Parameter> parameters) const noexcept {
  if (action.kind == ActionKind::kExport) return Find(EventSource::kExport);
  if (action.kind == ActionKind::kTable) {
    const auto fits = [&](const TableRule& rule) {
      const auto found = std::ranges::find(parameters, rule.parameter, &Parameter::name);
      return found != parameters.end() && found->kind != Parameter::Kind::kEmpty;
    };
    const auto rule = std::ranges::find_if(tables_, fits);
    return rule == tables_.end() ? nullptr : &rule->names;
  }
  const std::optional<EventSource> source = SourceOf(action);
  if (!source) return nullptr;
  const auto entry = calls_.find(CallKey(*source, action.module, action.action));
  return entry == calls_.end() ? nullptr : &entry->second;
}

const EventNames* EventRules::Find(EventSource source) const noexcept {
  const auto entry = by_source_.find(static_cast<std::uint8_t>(source));
  return entry == by_source_.end() ? nullptr : &entry->second;
}

std::vector<EventNames> EventRules::All() const {
  std::vector<EventNames> all;
  for (const auto& [call, names] : calls_) all.push_back(names);
  for (const auto& [source, names] : by_source_) all.push_back(names);
  for (const TableRule& rule : tables_) all.push_back(rule.names);
  return all;
}

}  // namespace hushlog
