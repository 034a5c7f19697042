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
#include "rules/drop_explainer.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"
#include "src/cli/field_fates.h"
#include "src/delivery/bulk_body.h"
#include "src/delivery/deliverer.h"
#include "src/visits/hit.h"
#include "src/visits/visit_trace.h"
#include "src/visits/visits.h"

namespace hushlog {

struct ExplainChoice {
  bool color = false;
  bool fields = false;  // what became of each field of the line
  bool all = false;     // also lines that are no use, like assets and trackers
};

// What it prints are words of its own, names of the catalogue and values as the rules let them out: no byte of a line,
// unless there are targets with `anonymize = false`, whose requests hold some. Control characters come out as "\x1b".
//
// A request is shown as it would be posted if it held this hit alone, with kRemovedToken for the token. Each target has
// pseudonyms of its own; here they are made with keys that live as long as the object.
//
// Thread-safety: none.
class Explainer : private HitSink, private VisitTrace {
 public:
  // Shows what each of `targets` gets; without any, what one would get that has no token. `proxies` may be null. But
  // for `targets`, all must outlive the object.
  Explainer(const RuleSet& rules, std::FILE* output, ExplainChoice choice, std::size_t max_visits,
            std::span<const TargetConfig> targets, const TrustedProxies* proxies = nullptr);

  // `text` are whole lines of the log `name` (with kChunkPadding readable bytes behind). Lines are numbered from 1 on
  // for each name. Throws std::runtime_error if the output cannot be written.
  void Explain(const std::string& name, const std::shared_ptr<const LogFormat>& format, std::string_view text);
  // Decides what waits for further lines, as if none came.
  void Finish();

 private:
  struct Target {
    std::string name;
    Receiver receiver;
    bool reports = false;
    bool identified = false;
  };

  void AddTargets(std::span<const TargetConfig> targets);
  void Use(const std::string& name, const std::shared_ptr<const LogFormat>& format);
  void ExplainLine(std::string_view line);
  void ExplainActions(const Request& request);
  void ExplainDrop(const Request& request, DropReason reason);
  void ShowFates(const std::vector<FieldFate>& fates);
  void OnHit(const Hit& hit) override;
  void OnNote(VisitNote note, std::string_view what, std::int64_t time_ms) override;
  void Head(std::string_view color, std::string_view text);
  void Detail(std::string_view color, std::string_view text);
  void Write();

  const RuleSet& rules_;
  std::FILE* output_;
  ExplainChoice choice_;
  const TrustedProxies* proxies_;
  EphemeralDayKeys keys_;
  EphemeralDayKeys target_keys_;  // by number of the target
  std::vector<Target> targets_;
  bool identified_ = false;  // some target is
  Visits visits_;
  std::shared_ptr<const LogFormat> format_;
  std::optional<LineParser> parser_;
  std::optional<Recognizer> recognizer_;
  std::optional<DropExplainer> drops_;
  std::optional<FieldFates> fates_;
  std::string name_;
  std::int64_t line_ = 0;
  std::vector<std::string> sent_;  // by the line that is explained: what to whom
  ActionBatch batch_;              // reused
  std::string text_;               // of the output
};

}  // namespace hushlog
