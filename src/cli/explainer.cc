#include "src/cli/explainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "parsers/line_splitter.h"
#include "src/cli/printable.h"
#include "src/visits/hit_encoder.h"

namespace hushlog {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kReset = "\x1b[0m";

std::string_view KindText(ActionKind kind) {
  static constexpr std::array<std::string_view, 14> kTexts = {"document",
                                                              "scripts of a page",
                                                              "report of a page",
                                                              "change of a table",
                                                              "dashboard widget",
                                                              "controller call",
                                                              "API call of a page",
                                                              "export",
                                                              "embedded widget",
                                                              "popover",
                                                              "login form, sent",
                                                              "logout",
                                                              "API call of a program",
                                                              "bulk API call of a program"};
  return kTexts[static_cast<std::size_t>(kind)];
}

std::string CallText(const UiAction& action, const Catalogue& catalogue) {
  std::string text(catalogue.Text(action.module));
  if (action.action != Name::kNone) text.append(".").append(catalogue.Text(action.action));
  return text.empty() ? std::string("no module") : text;
}

std::string TimeText(std::int64_t time_ms) {
  const std::int64_t seconds = time_ms / 1000 % 86400;
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string RuleText(std::string_view rule) { return rule.empty() ? "" : fmt::format(" (rule {})", rule); }

std::string NoteText(VisitNote note, std::string_view what, std::int64_t time_ms) {
  const std::string view = time_ms == 0 ? std::string(what) : fmt::format("\"{}\" of {}", what, TimeText(time_ms));
  switch (note) {
    case VisitNote::kCounted:
      return fmt::format("page view \"{}\"", what);
    case VisitNote::kHeld:
      return fmt::format("waits: page view \"{}\", unless what follows shows that its URL had a fragment", what);
    case VisitNote::kOpened:
      return fmt::format("opens page view \"{}\"", what);
    case VisitNote::kJoined:
      return fmt::format("belongs to page view {}", view);
    case VisitNote::kDrawnAgain:
      return fmt::format("belongs to page view {}, which is drawn again", view);
    case VisitNote::kNoPage:
      return "on no report page, or on several: tells nothing of the page";
    case VisitNote::kReload:
      return "loaded again from the same place: the fragment stayed, the page counts that it shows";
    case VisitNote::kSiteSelector:
      return "another site was chosen: the fragment stayed, the page counts that it shows";
    case VisitNote::kSamePageAsBefore:
      return fmt::format("the login form in the place of a page that was open before: page view \"{}\"", what);
    case VisitNote::kReleased:
      return fmt::format("page view {} counts: nothing shows that its URL had a fragment", view);
    case VisitNote::kWithdrawn:
      return fmt::format("page view {} does not count: its URL had a fragment, or it was left before it was shown",
                         view);
    case VisitNote::kRenamed:
      return fmt::format("the login form of {} stood in the place of \"{}\"", TimeText(time_ms), what);
    case VisitNote::kEvent:
      return fmt::format("event {}", what);
  }
  return "";
}

}  // namespace

Explainer::Explainer(const RuleSet& rules, std::FILE* output, ExplainChoice choice, std::size_t max_visits,
                     std::span<const TargetConfig> targets, const TrustedProxies* proxies)
    : rules_(rules),
      output_(output),
      choice_(choice),
      proxies_(proxies),
      visits_(rules, *this, max_visits, this, std::ranges::any_of(targets, &TargetConfig::reports)) {
  AddTargets(targets);
  Detail(kDim, "cid: made with keys of this run; what is sent has others");
}

void Explainer::AddTargets(std::span<const TargetConfig> targets) {
  static const TargetConfig example{.name = "(example)", .site_id = 1};
  if (targets.empty()) targets = {&example, 1};
  for (const TargetConfig& target : targets) {
    const Receiver receiver{.site_id = target.site_id,
                            .token_auth = target.token_auth.empty() ? std::string_view() : kRemovedToken,
                            .key = target_keys_.KeyFor(static_cast<std::int32_t>(targets_.size()))};
    targets_.push_back({Printable(target.name), receiver, target.reports, target.identified});
    identified_ |= target.identified;
  }
}

void Explainer::Use(const std::string& name, const std::shared_ptr<const LogFormat>& format) {
  if (std::exchange(name_, name) != name) line_ = 0;
  if (format_ == format) return;
  parser_.emplace(*format, proxies_);
  recognizer_.emplace(rules_, keys_, FieldsOf(*format), identified_);
  drops_.emplace(rules_, FieldsOf(*format));
  fates_.emplace(rules_, format->extra_fields(), identified_);
  format_ = format;
}

void Explainer::Explain(const std::string& name, const std::shared_ptr<const LogFormat>& format,
                        std::string_view text) {
  Use(name, format);
  std::string_view line;
  for (LineSplitter lines(text); lines.Next(&line);) {
    ++line_;
    ExplainLine(line);
  }
  Write();
}

void Explainer::ExplainLine(std::string_view line) {
  Request request;
  const LineStatus status = parser_->Parse(line, &request);
  if (status != LineStatus::kOk) return Head(kYellow, fmt::format("cannot be read: {}", ToString(status)));
  batch_.clear();
  const DropReason reason = recognizer_->Recognize(request, &batch_);
  if (reason == kKept) return ExplainActions(request);
  if (choice_.all) ExplainDrop(request, reason);
}

void Explainer::ExplainDrop(const Request& request, DropReason reason) {
  DropCause cause = drops_->Find(request, reason, recognizer_->rule());
  cause.rule = Printable(cause.rule);  // it may hold the name of a file
  Head(kDim, fmt::format("no use: {}{}", rules_.drop_reasons()[reason],
                         cause.rule.empty() ? "" : fmt::format(" ({})", cause.rule)));
  if (choice_.fields) ShowFates(fates_->OfDropped(request, cause));
}

void Explainer::ExplainActions(const Request& request) {
  for (const UiAction& action : batch_.actions) {
    const std::span<const Parameter> parameters = batch_.ParametersOf(action);
    Head(kBold, fmt::format("{} {}: {}, {}{}", action.post ? "POST" : "GET", action.status, KindText(action.kind),
                            CallText(action, rules_.catalogue()), RuleText(recognizer_->rule())));
    if (choice_.fields) {
      const bool inner = &action != &batch_.actions.front();
      ShowFates(
          inner ? fates_->OfInner(parameters)
                : fates_->OfKept(request, action, parameters, recognizer_->rule(), drops_->PathRule(request.target)));
    }
    visits_.Consume(action, parameters);
    for (const std::string& hit : std::exchange(sent_, {})) Detail(kCyan, hit);
  }
}

void Explainer::OnHit(const Hit& hit) {
  const std::string address = hit.address.ToString();
  for (const Target& target : targets_) {
    if (hit.kind == Hit::Kind::kReportUse && !target.reports) continue;
    std::string params;
    (target.identified ? AppendIdentifiedParams : AppendParams)(hit, rules_.user_agents(), &params);
    const std::string body = BulkBody({{hit.time_ms, address, params, hit.visitor}}, target.receiver);
    sent_.push_back(fmt::format("sends to {}: {}", target.name, Printable(body)));
  }
}

void Explainer::OnNote(VisitNote note, std::string_view what, std::int64_t time_ms) {
  Detail(note == VisitNote::kWithdrawn ? kYellow : kGreen, NoteText(note, what, time_ms));
}

void Explainer::Finish() {
  text_.append(choice_.color ? kBold : std::string_view()).append("end of the log");
  text_.append(choice_.color ? kReset : std::string_view()).append("\n");
  visits_.Finish();
  for (const std::string& hit : std::exchange(sent_, {})) Detail(kCyan, hit);
  Write();
}

void Explainer::Head(std::string_view color, std::string_view text) {
  fmt::format_to(std::back_inserter(text_), "{}{}:{} {}{}\n", choice_.color ? color : "", Printable(name_), line_, text,
                 choice_.color ? kReset : "");
}

void Explainer::Detail(std::string_view color, std::string_view text) {
  fmt::format_to(std::back_inserter(text_), "    {}{}{}\n", choice_.color ? color : "", text,
                 choice_.color ? kReset : "");
}

void Explainer::ShowFates(const std::vector<FieldFate>& fates) {
  for (const FieldFate& field : fates) {
    fmt::format_to(std::back_inserter(text_), "    {:26} {:9} {}\n", field.name, field.fate, field.detail);
  }
}

void Explainer::Write() {
  const bool written = std::fwrite(text_.data(), 1, text_.size(), output_) == text_.size();
  text_.clear();
  if (!written || std::fflush(output_) != 0) throw std::runtime_error("the output cannot be written");
}

}  // namespace hushlog
