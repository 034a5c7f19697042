// What becomes of each field of a line, for people.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/request.h"
#include "rules/drop_explainer.h"
#include "rules/query.h"
#include "rules/rule_set.h"
#include "rules/ui_action.h"

namespace hushlog {

struct FieldFate {
  std::string name;       // of Request, of a parameter if that is public, or its place: "parameter 3"
  std::string_view fate;  // "kept", "reduced", "replaced", "dropped"
  std::string detail;     // what is left of it, by which rule or why; may be empty
};

// Rows only for fields that the line has. Nothing in them is a byte of the line that the rules do not let out: of
// parameters that are not public, not even the names.
//
// Belongs to one thread.
class FieldFates {
 public:
  // Both must outlive the object. `extra` are the names of Request::extra; `identified`: there are targets that get
  // more than what is said here.
  FieldFates(const RuleSet& rules, std::span<const std::string> extra, bool identified);

  // Of a line that counts: by the [[rule]] `rule` as `action` with `parameters`, and by the [[path]] `path`.
  std::vector<FieldFate> OfKept(const Request& request, const UiAction& action, std::span<const Parameter> parameters,
                                std::string_view rule, std::string_view path);
  std::vector<FieldFate> OfDropped(const Request& request, const DropCause& cause);
  // Of one more request in the same line.
  std::vector<FieldFate> OfInner(std::span<const Parameter> parameters) const;

 private:
  template <typename Detail>
  void AddDropped(const Request& request, Detail detail);
  void Add(std::string name, std::string_view fate, std::string detail);
  void AddClient(const Request& request, const UiAction& action);
  std::string RulesOfClient(std::string_view user_agent) const;
  template <typename Take>
  void ForEachParameter(std::string_view target, Take take);
  void AddParameters(std::string_view target, std::span<const Parameter> parameters);
  FieldFate ParameterFate(const QueryParameter& parameter, std::span<const Parameter> parameters) const;
  FieldFate Shown(const Parameter& parameter) const;
  std::string CalledName(const QueryParameter& parameter) const;

  const RuleSet& rules_;
  std::span<const std::string> extra_;
  std::string_view unless_;  // who gets what is dropped all the same
  Query query_;
  std::vector<FieldFate> fates_;
};

}  // namespace hushlog
