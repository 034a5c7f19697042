// The part of the data flow that runs on every core: lines of a chunk -> requests -> actions.
#pragma once

#include <memory>
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
  // `proxies` may be null; all must outlive the object. `identified` as for Recognizer.
  LineProcessor(const RuleSet& rules, DayKeys& keys, const TrustedProxies* proxies, bool identified);

  // Appends the actions of the lines in `text` to *actions and counts every line in *counts. `text` must be followed by
  // kLinePadding readable bytes. Throws what a new day key may throw, and std::bad_alloc.
  void Process(const std::shared_ptr<const LogFormat>& format, std::string_view text, ActionBatch* actions,
               LineCounts* counts);

 private:
  void Use(const std::shared_ptr<const LogFormat>& format);

  const RuleSet& rules_;
  DayKeys& keys_;
  const TrustedProxies* proxies_;
  bool identified_;
  std::shared_ptr<const LogFormat> format_;  // what the two below are for
  std::optional<LineParser> parser_;
  std::optional<Recognizer> recognizer_;
};

}  // namespace hushlog
