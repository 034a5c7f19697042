#include "src/cli/line_processor.h"

namespace hushlog {

LineProcessor::LineProcessor(const RuleSet& rules, DayKeys& keys, const TrustedProxies* proxies, bool identified)
    : rules_(rules), keys_(keys), proxies_(proxies), identified_(identified) {}

void LineProcessor::Use(const std::shared_ptr<const LogFormat>& format) {
  if (format_ == format) return;
  parser_.emplace(*format, proxies_);
  recognizer_.emplace(rules_, keys_, FieldsOf(*format), identified_);
  format_ = format;
}

void LineProcessor::Process(const std::shared_ptr<const LogFormat>& format, std::string_view text, ActionBatch* actions,
                            LineCounts* counts) {
  Use(format);
  Request request;
  parser_->Start(text);
  for (LineStatus status; parser_->Next(&status, &request);) {
    ++counts->lines;
    if (status != LineStatus::kOk) {
      ++counts->bad[static_cast<std::size_t>(status)];
      continue;
    }
    const DropReason reason = recognizer_->Recognize(request, actions);
    if (reason == kKept) {
      ++counts->actions;
    } else {
      ++counts->dropped[reason];
    }
  }
}

}  // namespace hushlog
