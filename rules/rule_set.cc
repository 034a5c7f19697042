#include "rules/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "parsers/log_format.h"
#include "rules/pseudonym.h"
#include "rules/recognizer.h"
#include "rules/rule_sample.h"
#include "rules/shipped_rules.h"

namespace hushlog {
namespace {

std::uint64_t FingerprintOf(std::span<const RuleSource> sources) {
  std::uint64_t fingerprint = 0;
  for (const RuleSource& source : sources) fingerprint = KeyedHash({}, source.text) ^ (fingerprint * 3);
  return fingerprint;
}

// Checks whether samples of [[rule]] and [[event]] become what they stand with, as lines of a log would.
class SampleChecker {
 public:
  SampleChecker(const RuleSet& rules, RuleFiles* files)
      : rules_(rules), files_(*files), recognizer_(rules, keys_, {.extra = rules.extra_fields()}) {}

  // An accepted sample is decided, and where the rule has a class also kept, by the rule it stands with.
  void CheckRule(const RuleFiles::Rule& rule) {
    const bool keeps = rule.table->contains("class");
    ForEachSample(rule, [&](const toml::node& node, std::string_view text, bool expected) {
      const std::optional<DropReason> drop = Recognize(text);
      if (!drop) {
        return files_.Error(
            node, "a sample is written \"GET /index.php?query 200\", then no-referer, program or field=value");
      }
      const std::string_view id = recognizer_.rule();
      if ((id == rule.id && (*drop == kKept) == keeps) == expected) return;
      files_.Error(node,
                   fmt::format("sample '{}' is decided by {}: {}", text,
                               id.empty() ? "no rule" : fmt::format("rule '{}'", id), rules_.drop_reasons()[*drop]));
    });
  }

  void CheckEvent(const RuleFiles::Rule& rule) {
    ForEachSample(rule, [&](const toml::node& node, std::string_view text, bool expected) {
      const std::string event = EventOf(text);
      if ((event == rule.id) == expected) return;
      files_.Error(node, fmt::format("sample '{}' is {}", text,
                                     event.empty() ? "no event" : fmt::format("the event '{}'", event)));
    });
  }

 private:
  template <typename Check>
  void ForEachSample(const RuleFiles::Rule& rule, Check check) {
    files_.ForEachText(*rule.table, "accept", [&](const auto& node, auto text) { check(node, text, true); });
    files_.ForEachText(*rule.table, "reject", [&](const auto& node, auto text) { check(node, text, false); });
  }

  // Fills batch_. Nothing if the text is no sample.
  std::optional<DropReason> Recognize(std::string_view text) {
    std::optional<RuleSample> sample = ParseRuleSample(text);
    if (!sample) return std::nullopt;
    const std::vector<std::string_view> extra = sample->ExtraValues(rules_.extra_fields());
    sample->request.extra = extra;
    batch_.clear();
    return recognizer_.Recognize(sample->request, &batch_);
  }

  std::string EventOf(std::string_view text) {
    if (Recognize(text) != kKept) return "";
    const UiAction& action = batch_.actions.front();
    const EventNames* event = rules_.events().Find(action, batch_.ParametersOf(action));
    return event == nullptr ? "" : event->rule;
  }

  const RuleSet& rules_;
  RuleFiles& files_;
  EphemeralDayKeys keys_;
  Recognizer recognizer_;
  ActionBatch batch_;
};

}  // namespace

// User agents last, because broken ones throw.
RuleSet::RuleSet(RuleFiles* files, UserAgentRules::Samples user_agent_samples)
    : catalogue_(Catalogue::Load(files)),
      requests_(files, *catalogue_),
      parameters_(files, *catalogue_),
      events_(files, *catalogue_),
      access_(files, *catalogue_),
      identified_(files),
      pages_(PageMap::Load(files, *catalogue_)),
      opt_out_(files),
      reduction_(Reduction::Load(files)) {
  FindFields(files);
  user_agents_ = UserAgentRules::Load(files, user_agent_samples);
  CheckPatterns(files);
  CheckSamples(files);
  files->Check();
}

void RuleSet::FindFields(RuleFiles* files) {
  const auto add = [](const std::vector<std::string>& names, std::vector<std::string>* all) {
    std::ranges::copy_if(names, std::back_inserter(*all),
                         [&](const std::string& name) { return std::ranges::find(*all, name) == all->end(); });
  };
  for (const FieldConditions* fields : {&requests_.fields(), &opt_out_.fields()}) {
    add(fields->ExtraFields(), &extra_fields_);
    add(fields->SiteFields(), &site_fields_);
  }
  if (extra_fields_.size() > kMaxExtraFields) {
    files->Error(files->last(), fmt::format("rules ask for more than {} fields of the log: {}", kMaxExtraFields,
                                            fmt::join(extra_fields_, ", ")));
  }
}

// A pattern lets bytes of a log pass.
void RuleSet::CheckPatterns(RuleFiles* files) const {
  files->ForEachRule("parameter", [&](const RuleFiles::Rule& rule) {
    if ((*rule.table)["value"].value_or(std::string_view()) != "pattern") return;
    files->ForEachText(*rule.table, "names", [&](const toml::node& node, std::string_view name) {
      if (!identified_.IsSecretName(name)) return;
      files->Error(node, fmt::format("'{}' is the name of a secret by [secrets]: no pattern may show it", name));
    });
  });
}

void RuleSet::CheckSamples(RuleFiles* files) const {
  requests_.CheckPathSamples(files);
  parameters_.CheckSamples(files);
  SampleChecker checker(*this, files);
  files->ForEachRule("rule", [&](const RuleFiles::Rule& rule) {
    if (files->ChecksSamplesOf(*rule.table)) checker.CheckRule(rule);
  });
  files->ForEachRule("event", [&](const RuleFiles::Rule& rule) {
    if (files->ChecksSamplesOf(*rule.table)) checker.CheckEvent(rule);
  });
}

std::shared_ptr<const RuleSet> RuleSet::Of(std::span<const RuleSource> sources) {
  RuleFiles files(sources);
  std::shared_ptr<RuleSet> rules(new RuleSet(&files, UserAgentRules::Samples::kTrust));
  rules->fingerprint_ = FingerprintOf(sources);
  return rules;
}

std::shared_ptr<const RuleSet> RuleSet::Load(std::span<const SiteRules> site) {
  return site.empty() ? Shipped() : Of(RulesWith(site));
}

std::shared_ptr<const RuleSet> RuleSet::Shipped() {
  static const std::shared_ptr<const RuleSet> shipped = Of(ShippedRules());
  return shipped;
}

std::size_t RuleSet::CheckAll(std::span<const SiteRules> site) {
  RuleFiles shipped(ShippedRules());
  const RuleSet alone(&shipped, UserAgentRules::Samples::kCheck);
  if (site.empty()) return shipped.CountSamples();
  RuleFiles files(RulesWith(site));
  const RuleSet together(&files, UserAgentRules::Samples::kTrust);
  return shipped.CountSamples() + files.CountSamples();
}

}  // namespace hushlog
