#include "src/cli/explainer.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "parsers/line_splitter.h"
#include "rules/parameter_rules.h"
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
                     bool report_use, const TrustedProxies* proxies)
    : rules_(rules),
      output_(output),
      choice_(choice),
      proxies_(proxies),
      visits_(rules, *this, max_visits, this, report_use) {}

void Explainer::Use(const std::string& name, const std::shared_ptr<const LogFormat>& format) {
  if (std::exchange(name_, name) != name) line_ = 0;
  if (format_ == format) return;
  parser_.emplace(*format, proxies_);
  recognizer_.emplace(rules_, keys_, FieldsOf(*format), choice_.identified);
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
  if (choice_.all)
    Head(kDim, fmt::format("no use: {}{}", rules_.drop_reasons()[reason], RuleText(recognizer_->rule())));
}

void Explainer::ExplainActions(const Request& request) {
  for (const UiAction& action : batch_.actions) {
    const std::span<const Parameter> parameters = batch_.ParametersOf(action);
    Head(kBold, fmt::format("{} {}: {}, {}{}", action.post ? "POST" : "GET", action.status, KindText(action.kind),
                            CallText(action, rules_.catalogue()), RuleText(recognizer_->rule())));
    if (choice_.fields) ExplainFields(request, action, parameters);
    visits_.Consume(action, parameters);
    for (const std::string& hit : std::exchange(sent_, {})) Detail(kCyan, hit);
  }
}

void Explainer::ExplainFields(const Request& request, const UiAction& action, std::span<const Parameter> parameters) {
  // Identified hits have more.
  const std::string_view unless = choice_.identified ? "but for targets with anonymize = false" : "";
  const auto dropped = [&](std::string_view name, std::string_view value, std::string_view why) {
    if (!value.empty()) Field(name, "dropped", why);
  };
  Field("remote_addr", "reduced", action.address.ToString());
  Field("remote_addr, user_agent", "replaced", fmt::format("pseudonym {}", VisitorId(action.visitor)));
  dropped("remote_user", request.remote_user, unless);
  dropped("host", request.host, unless);
  dropped("referer", request.referer, choice_.identified ? unless : "only tells page loads apart, as a keyed hash");
  Field("user_agent", "reduced", rules_.user_agents().ToString(action.user_agent));
  if (const std::string hints = rules_.user_agents().client_hints().ToJson(action.client_hints); !hints.empty()) {
    Field("sec_ch_ua...", "reduced", hints);
  }
  if (const std::string language = action.language.ToString(); !language.empty()) {
    Field("accept_language", "reduced", language);
  }
  for (const Parameter& parameter : parameters) {
    const std::string_view fate = parameter.kind == Parameter::Kind::kHidden   ? "replaced"
                                  : parameter.kind == Parameter::Kind::kNumber ? "reduced"
                                                                               : "kept";
    const std::string text = ToString(parameter, rules_.catalogue());  // "period=day"
    const std::string value = text.substr(text.find('=') + 1);
    Field(rules_.catalogue().Text(parameter.name), fate,
          (value.empty() ? "nothing" : value) + RuleText(rules_.parameters().RuleOf(parameter.name)));
  }
  Field("all other parameters", "dropped", unless);
}

void Explainer::OnHit(const Hit& hit) {
  const std::string visitor = fmt::format(",\"cid\":\"{}\"}}", VisitorId(hit.visitor));
  std::string params = "sends {";
  AppendParams(hit, rules_.user_agents(), &params);
  sent_.push_back(params + visitor);
  if (!choice_.identified) return;
  params = "sends to targets with anonymize = false {";
  AppendIdentifiedParams(hit, rules_.user_agents(), &params);
  sent_.push_back(params + visitor);
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

void Explainer::Field(std::string_view name, std::string_view fate, std::string_view value) {
  fmt::format_to(std::back_inserter(text_), "    {:24} {:9} {}\n", name, fate, value);
}

void Explainer::Write() {
  const bool written = std::fwrite(text_.data(), 1, text_.size(), output_) == text_.size();
  text_.clear();
  if (!written || std::fflush(output_) != 0) throw std::runtime_error("the output cannot be written");
}

}  // namespace hushlog
