// Tells line by line what a log means: what each request was taken for, which page view it opened or joined and why,
// and what would be sent.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/line_parser.h"
#include "parsers/log_format.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"
#include "src/visits/hit.h"
#include "src/visits/visit_trace.h"
#include "src/visits/visits.h"

namespace hushlog {

struct ExplainChoice {
  bool color = false;
  bool fields = false;      // what became of each field of the line
  bool all = false;         // also lines that are no use, like assets and trackers
  bool identified = false;  // also what targets with `anonymize = false` get: it holds bytes of the lines
};

// What it prints are words of its own, names of the catalogue and values as the rules let them out: no byte of a line,
// unless it is asked for what identified hits hold.
//
// Thread-safety: none.
class Explainer : private HitSink, private VisitTrace {
 public:
  // `proxies` may be null; all must outlive the object. `report_use`: also what only targets with `reports = true` get.
  Explainer(const RuleSet& rules, std::FILE* output, ExplainChoice choice, std::size_t max_visits, bool report_use,
            const TrustedProxies* proxies = nullptr);

  // `text` are whole lines of the log `name` (with kChunkPadding readable bytes behind). Lines are numbered from 1 on
  // for each name. Throws std::runtime_error if the output cannot be written.
  void Explain(const std::string& name, const std::shared_ptr<const LogFormat>& format, std::string_view text);
  // Decides what waits for further lines, as if none came.
  void Finish();

 private:
  void Use(const std::string& name, const std::shared_ptr<const LogFormat>& format);
  void ExplainLine(std::string_view line);
  void ExplainActions(const Request& request);
  void ExplainFields(const Request& request, const UiAction& action, std::span<const Parameter> parameters);
  void OnHit(const Hit& hit) override;
  void OnNote(VisitNote note, std::string_view what, std::int64_t time_ms) override;
  void Head(std::string_view color, std::string_view text);
  void Detail(std::string_view color, std::string_view text);
  void Field(std::string_view name, std::string_view fate, std::string_view value);
  void Write();

  const RuleSet& rules_;
  std::FILE* output_;
  ExplainChoice choice_;
  const TrustedProxies* proxies_;
  EphemeralDayKeys keys_;
  Visits visits_;
  std::shared_ptr<const LogFormat> format_;
  std::optional<LineParser> parser_;
  std::optional<Recognizer> recognizer_;
  std::string name_;
  std::int64_t line_ = 0;
  std::vector<std::string> sent_;  // by the line that is explained: what to whom
  ActionBatch batch_;              // reused
  std::string text_;               // of the output
};

}  // namespace hushlog
