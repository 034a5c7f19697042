// All rules: what counts, what may be shown, how the rest is reduced. From the shipped files and those of the site.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rules/access_rules.h"
#include "rules/catalogue.h"
#include "rules/event_rules.h"
#include "rules/identified.h"
#include "rules/opt_out.h"
#include "rules/page_map.h"
#include "rules/parameter_rules.h"
#include "rules/reduction.h"
#include "rules/request_rules.h"
#include "rules/rule_files.h"
#include "rules/user_agent.h"

namespace hushlog {

// Immutable; shared by the Recognizers of all threads. A new one does not touch those in use: who cannot load new rules
// goes on with the old ones.
class RuleSet {
 public:
  // The shipped rules and those of `site`, in this order. Throws ConfigError with file, line and reason of everything
  // that is broken and of every sample that fails. Samples of shipped rules count for these alone (Shipped); those of
  // user agents, which are many, are left to CheckAll.
  static std::shared_ptr<const RuleSet> Load(std::span<const SiteRules> site);
  // These files alone, in their order; throws as Load does. For who brings other shipped files than this program has.
  static std::shared_ptr<const RuleSet> Of(std::span<const RuleSource> sources);
  // Without any of a site, made at the first call.
  static std::shared_ptr<const RuleSet> Shipped();
  // Checks all samples, also those that Load trusts, and returns their number. Throws as Load does.
  static std::size_t CheckAll(std::span<const SiteRules> site);

  const Catalogue& catalogue() const noexcept { return *catalogue_; }
  const UserAgentRules& user_agents() const noexcept { return *user_agents_; }
  const RequestRules& requests() const noexcept { return requests_; }
  const ParameterRules& parameters() const noexcept { return parameters_; }
  const EventRules& events() const noexcept { return events_; }
  const AccessRules& access() const noexcept { return access_; }
  const IdentifiedFields& identified() const noexcept { return identified_; }
  const std::shared_ptr<const PageMap>& pages() const noexcept { return pages_; }
  const OptOut& opt_out() const noexcept { return opt_out_; }
  const Reduction& reduction() const noexcept { return reduction_; }
  // Differs between sets made of other files: numbers of names may then mean other names.
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  // Stable words for counters: [0] = "kept", then "bot", "tracker", "asset", ...
  const std::vector<std::string>& drop_reasons() const noexcept { return requests_.drop_reasons(); }
  // Fields that log formats must be asked for (LogFormat::Compile).
  const std::vector<std::string>& extra_fields() const noexcept { return extra_fields_; }
  // Fields that rules of the site ask for: those of Request by its names ("host"), or extra fields.
  const std::vector<std::string>& site_fields() const noexcept { return site_fields_; }

 private:
  RuleSet(RuleFiles* files, UserAgentRules::Samples user_agent_samples);

  void CheckPatterns(RuleFiles* files) const;
  void CheckSamples(RuleFiles* files) const;
  void FindFields(RuleFiles* files);

  std::shared_ptr<const Catalogue> catalogue_;
  RequestRules requests_;
  ParameterRules parameters_;
  EventRules events_;
  AccessRules access_;
  IdentifiedFields identified_;
  std::shared_ptr<const PageMap> pages_;
  OptOut opt_out_;
  Reduction reduction_;
  std::shared_ptr<const UserAgentRules> user_agents_;
  std::vector<std::string> extra_fields_;
  std::vector<std::string> site_fields_;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace hushlog
