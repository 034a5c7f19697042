// Checks the samples of [[path]] and [[rule]].
#include <fmt/format.h>

#include <algorithm>

#include "rules/request_rules.h"
#include "rules/rule_sample.h"

namespace hushlog {
namespace {

class SampleChecker {
 public:
  SampleChecker(const RequestRules& rules, const Catalogue& catalogue, RuleFiles* files)
      : rules_(rules),
        files_(*files),
        query_(catalogue),
        extra_fields_(rules.fields().ExtraFields()),
        matcher_(rules.fields(), extra_fields_) {}

  // An accepted sample is decided as the table says, and by an entry of it.
  void CheckPath(const toml::table& table) {
    const PathRules own = PathsOf(table);
    const bool front = table["front"].value_or(false);
    const std::string verdict = front ? rules_.drop_reasons()[kKept] : files_.Text(table, "drop");
    const auto check = [&](std::string_view key, bool expected) {
      files_.ForEachText(table, key, [&](const toml::node& node, std::string_view path) {
        const std::string& found = rules_.drop_reasons()[rules_.DropByPath(path)];
        const bool listed = own.Find(path) != PathRules::kUnknown;
        if ((listed && found == verdict) == expected) return;
        files_.Error(node, fmt::format("sample '{}' is decided as '{}'{}", path, found,
                                       listed ? "" : ", by nothing that stands here"));
      });
    };
    check("accept", true);
    check("reject", false);
  }

  void CheckRule(const toml::table& table, const std::string& id) {
    const std::string verdict = table.contains("class") ? rules_.drop_reasons()[kKept] : files_.Text(table, "drop");
    const auto check = [&](std::string_view key, bool expected) {
      files_.ForEachText(table, key,
                         [&](const auto& node, auto text) { CheckRuleSample(node, text, id, verdict, expected); });
    };
    check("accept", true);
    check("reject", false);
  }

 private:
  PathRules PathsOf(const toml::table& table) {
    PathRules own;
    const auto add = [&](std::string_view key, auto method) {
      files_.ForEachText(table, key, [&](const auto&, std::string_view text) { (own.*method)(text, kKept); });
    };
    add("files", &PathRules::AddFile);
    add("extensions", &PathRules::AddExtension);
    add("directories", &PathRules::AddDirectory);
    return own;
  }

  // An accepted sample is decided, and where the rule has a class also kept, by the rule it stands with.
  void CheckRuleSample(const toml::node& node, std::string_view text, const std::string& id, const std::string& verdict,
                       bool expected) {
    std::optional<RuleSample> sample = ParseRuleSample(text);
    if (!sample) {
      return files_.Error(node,
                          "a sample is written \"GET /index.php?query 200\", then no-referer, program or field=value");
    }
    DropReason drop = rules_.DropByPath(sample->path);
    std::string decided_by = "no rule";
    if (drop == kKept) {
      const Decision decision = Decide(&*sample);
      drop = decision.drop;
      if (decision.rule) decided_by = fmt::format("rule '{}'", rules_.rule_ids()[*decision.rule]);
    }
    const std::string& found = rules_.drop_reasons()[drop];
    const bool decided = decided_by == fmt::format("rule '{}'", id) && found == verdict;
    if (decided == expected) return;
    files_.Error(node, fmt::format("sample '{}' is decided by {}: {}", text, decided_by, found));
  }

  Decision Decide(RuleSample* sample) {
    const std::vector<std::string_view> extra = sample->ExtraValues(extra_fields_);
    sample->request.extra = extra;
    RequestFacts facts{.post = sample->request.method == "POST",
                       .status = sample->request.status,
                       .from_page = sample->from_page,
                       .person = sample->person,
                       .fields = {}};
    if (matcher_.Match(sample->request, sample->path, &facts.fields))
      return rules_.Decide(facts, sample->query, &query_);
    Decision decision;
    decision.drop = RequestRules::kUndecidable;
    return decision;
  }

  const RequestRules& rules_;
  RuleFiles& files_;
  Query query_;
  std::vector<std::string> extra_fields_;
  FieldMatcher matcher_;
};

}  // namespace

void RequestRules::CheckSamples(RuleFiles* files) const {
  SampleChecker checker(*this, catalogue_, files);
  files->ForEachRule("path", [&](const RuleFiles::Rule& rule) {
    if (files->ChecksSamplesOf(*rule.table)) checker.CheckPath(*rule.table);
  });
  files->ForEachRule("rule", [&](const RuleFiles::Rule& rule) {
    if (files->ChecksSamplesOf(*rule.table)) checker.CheckRule(*rule.table, rule.id);
  });
}

}  // namespace hushlog
