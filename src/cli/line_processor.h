// The part of the data flow that runs on every core: lines of a chunk -> requests -> actions.
#pragma once

#include <optional>
#include <string_view>

#include "parsers/line_parser.h"
#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/cli/summary.h"

namespace hushlog {

// Belongs to one thread.
class LineProcessor {
 public:
  // `proxies` may be null; all must outlive the object.
  LineProcessor(const RuleSet& rules, DayKeys& keys, const TrustedProxies* proxies);

  // Appends the actions of the lines in `text` to *actions and counts every line in *counts. `text` must be followed by
  // kLinePadding readable bytes. Throws only if a day key can be neither found nor made durable.
  void Process(const LogFormat& format, std::string_view text, ActionBatch* actions, LineCounts* counts);

 private:
  void Use(const LogFormat& format);

  const RuleSet& rules_;
  DayKeys& keys_;
  const TrustedProxies* proxies_;
  const LogFormat* format_ = nullptr;  // what the two below are for
  std::optional<LineParser> parser_;
  std::optional<Recognizer> recognizer_;
};

}  // namespace hushlog
