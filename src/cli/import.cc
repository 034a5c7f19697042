#include "src/cli/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "parsers/log_format.h"
#include "rules/recognizer.h"
#include "src/base/nearest.h"
#include "src/base/stop_signal.h"
#include "src/base/tell.h"
#include "src/cli/chunk_pipeline.h"
#include "src/cli/config.h"
#include "src/cli/dry_run.h"
#include "src/cli/exit_status.h"
#include "src/cli/format_names.h"
#include "src/cli/importer.h"
#include "src/cli/instance.h"
#include "src/cli/option_values.h"
#include "src/cli/progress.h"
#include "src/cli/recorder.h"
#include "src/cli/site_rules.h"
#include "src/cli/stored_state.h"
#include "src/cli/summary.h"
#include "src/cli/system_reports.h"
#include "src/cli/token_file.h"
#include "src/delivery/deliverer.h"
#include "src/input/source.h"
#include "src/spool/store.h"

namespace hushlog {
namespace {

// What is to be done, from configuration and command line.
struct Plan {
  std::shared_ptr<const RuleSet> rules;
  std::string state_dir;
  std::vector<ImportInput> inputs;
  std::vector<TargetConfig> targets;
  InstanceConfig instance;
  std::optional<TrustedProxies> proxies;
  std::size_t max_visits = 0;
  int jobs = 1;

  const TrustedProxies* Proxies() const { return proxies ? &*proxies : nullptr; }
};

bool IsAuto(const std::string& format) { return format == "auto" || format == "AUTO"; }

// More threads than this read no faster, and take more memory than is promised.
constexpr int kMaxDefaultJobs = 8;

int DefaultJobs() { return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxDefaultJobs); }

// From a file, the environment or the command line; empty if there is none.
std::string CommandLineToken(const ImportOptions& options) {
  std::vector<std::string> warnings;
  std::string token = options.token;
  if (!token.empty()) {
    warnings.push_back(
        "others on this machine can see --token-auth; put the token into a file: --token-auth-file FILE");
  } else if (!options.token_file.empty()) {
    token = ReadTokenFile(options.token_file, &warnings);
  } else if (const char* variable = std::getenv("MATOMO_TOKEN_AUTH"); variable != nullptr) {
    token = variable;
  }
  for (const std::string& warning : warnings) Tell(fmt::format("warning: {}", warning));
  return token;
}

void AddCommandLineTarget(const ImportOptions& options, std::chrono::hours keep_sent, Plan* plan) {
  if (options.url.empty()) {
    if (options.site_id != 0 || !options.token_file.empty() || !options.token.empty())
      throw ConfigError("--idsite and --token-auth-file need --url, the address of the Matomo");
    return;
  }
  if (options.site_id == 0) throw ConfigError("--url needs --idsite, the number of the site in that Matomo");
  TargetConfig target;
  target.system_report = false;
  try {
    target.url = NormalizeTrackerUrl(options.url);
  } catch (const std::invalid_argument& error) {
    throw ConfigError(fmt::format("--url: {}", error.what()));
  }
  target.site_id = options.site_id;
  target.keep_sent = keep_sent;
  if (options.lanes > 0) target.lanes = std::min(options.lanes, kLanes);
  if (options.batch_rows > 0) target.batch_rows = options.batch_rows;
  if (options.request_timeout_s > 0) target.request_timeout = std::chrono::seconds(options.request_timeout_s);
  if (options.max_attempts > 0) target.max_attempts = options.max_attempts;
  if (options.retry_delay >= 0) target.retry_delay = std::chrono::milliseconds(std::lround(options.retry_delay * 1000));
  // The same target has the same name in every run, by which its place in the spool is found again.
  target.name = fmt::format("{} site {}", target.url, target.site_id);
  target.token_auth = CommandLineToken(options);
  plan->targets.push_back(std::move(target));
}

Plan MakePlan(const ImportOptions& options) {
  Config config;
  if (!options.config.empty()) {
    config = LoadConfig(options.config);
  } else if (const std::string file = DefaultConfigFile(); !options.dry_run && std::filesystem::exists(file)) {
    Tell(fmt::format("note: {} is not used, and its targets get nothing; to use it: --config {}", file, file));
  }
  for (const std::string& warning : config.warnings) Tell(fmt::format("warning: {}", warning));
  Plan plan;
  plan.state_dir = !options.state_dir.empty() ? options.state_dir : config.state_dir;
  if (plan.state_dir.empty()) plan.state_dir = DefaultStateDir();
  plan.rules = LoadRules(!options.rules_dir.empty() ? options.rules_dir : config.rules_dir);
  plan.jobs = options.jobs > 0 ? options.jobs : DefaultJobs();
  plan.targets = std::move(config.targets);
  plan.instance = std::move(config.instance);
  plan.max_visits = config.max_visits;
  AddCommandLineTarget(options, config.keep_sent, &plan);
  const std::vector<std::string>& extra = plan.rules->extra_fields();
  const auto format_of = [&](const std::string& fallback) {
    const std::string& text = options.format.empty() ? fallback : options.format;
    return IsAuto(text) ? nullptr : std::make_shared<const LogFormat>(CompileFormat(text, extra));
  };
  if (!options.files.empty()) {
    plan.inputs.push_back({options.files, format_of("auto")});
  } else {
    for (SourceConfig& source : config.sources) {
      plan.inputs.push_back({std::move(source.paths), format_of(source.format)});
    }
  }
  if (plan.inputs.empty()) throw ConfigError("nothing to import: name a FILE, or a [[source]] in the configuration");
  plan.proxies = ProxiesOf(config);
  return plan;
}

int StatusOf(const ImportSummary& summary) {
  if (StopSignal() != 0) return kExitSignal + StopSignal();
  const auto& targets = summary.targets;
  if (std::ranges::any_of(targets, [](const TargetResult& t) { return t.state != TargetState::kDrained; })) {
    return kExitTarget;
  }
  if (!summary.unreadable.empty()) return kExitUnreadable;
  const bool rejected = std::ranges::any_of(targets, [](const TargetResult& t) {
    return t.ledger.invalid + t.ledger.unaccounted + t.ledger.parked + t.ledger.dead > 0;
  });
  return rejected ? kExitRejected : kExitDone;
}

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// "-" is standard output; null for "".
File OpenOutput(const std::string& path) {
  if (path.empty()) return nullptr;
  File file(path == "-" ? stdout : std::fopen(path.c_str(), "w"));
  if (file == nullptr) throw std::runtime_error(fmt::format("{}: cannot be written", path));
  return file;
}

// Shows a summary when it is left, also by an exception: what was done was done.
class Report {
 public:
  Report(const RuleSet& rules, const ImportOptions& options)
      : rules_(rules), json_file_(OpenOutput(options.summary_json)) {}

  void Show(const ImportSummary& summary) {
    const std::string json = ToJson(summary, rules_);
    TellDetails("the import has ended", std::string_view(json).substr(0, json.find('\n')), ToText(summary, rules_));
    if (json_file_ == nullptr) return;
    const bool written = std::fwrite(json.data(), 1, json.size(), json_file_.get()) == json.size();
    if (!written || std::fflush(json_file_.get()) != 0) throw std::runtime_error("the summary cannot be written");
  }

 private:
  const RuleSet& rules_;
  File json_file_;
};

// Without a name, anonymous ones with all that some target gets.
ShownHits ShownHitsOf(const std::vector<TargetConfig>& targets, const std::string& name) {
  ShownHits shown;
  bool found = name.empty();
  for (const TargetConfig& target : targets) {
    if (!name.empty() && target.name != name) continue;
    found = true;
    shown.address |= !target.token_auth.empty();
    shown.reports |= target.reports;
    shown.identified = !name.empty() && target.identified;
  }
  if (!found) {
    std::vector<std::string_view> names;
    for (const TargetConfig& target : targets) names.push_back(target.name);
    throw ConfigError(
        fmt::format("--target: the configuration has no target '{}' that is on{}", name, DidYouMean(name, names)));
  }
  return shown;
}

int DryRunImport(const Plan& plan, const ImportOptions& options) {
  const RuleSet& rules = *plan.rules;
  Report report(rules, options);
  const File output = OpenOutput(options.output);
  const ShownHits shown = ShownHitsOf(plan.targets, options.target);
  EphemeralDayKeys keys;
  DryRun consumer(rules, output.get(), shown, plan.max_visits);
  ChunkPipeline pipeline(rules, keys, plan.Proxies(), plan.jobs, shown.identified);
  Importer importer(plan.inputs, rules, consumer, pipeline, {});
  importer.Run();
  report.Show(importer.summary);
  return StatusOf(importer.summary);
}

// What this run changed, from the ledgers before and after it.
TargetLedger Since(const TargetLedger& before, const TargetLedger& after) {
  return {after.hits - before.hits,
          after.sent - before.sent,
          after.tracked - before.tracked,
          after.invalid - before.invalid,
          after.unaccounted - before.unaccounted,
          after.parked - before.parked,
          after.dead - before.dead,
          after.pending};
}

// What somebody should know who expects a target to have everything.
void WarnOfTargets(Store& store) {
  const auto ledger = store.IngestLedger();
  const auto hits = ledger.find("hits");
  for (const TargetStatus& target : store.Targets()) {
    if (target.active && target.ledger.hits == 0 && hits != ledger.end() && hits->second > 0) {
      Tell(fmt::format(
          "note: the target '{}' is new: it gets the hits of lines that are read from now on, not of those that were "
          "read before",
          target.name));
    }
    if (target.ledger.parked > 0) {
      Tell(fmt::format("warning: {} hits are parked for the target '{}'; to settle them: hushlog targets",
                       target.ledger.parked, target.name));
    }
    if (target.active || target.ledger.pending == 0) continue;
    Tell(fmt::format(
        "warning: {} hits wait for the target '{}', which is not configured any more; to give them up: hushlog targets "
        "--retire",
        target.ledger.pending, target.name));
  }
}

std::vector<TargetResult> DeliverAll(Store& store, const Plan& plan) {
  Progress progress(0);
  return Deliver(store, plan.targets, [&] {
    std::int64_t waiting = 0;
    for (const TargetStatus& target : store.Targets()) waiting += target.active ? target.ledger.pending : 0;
    progress.UpdateDelivery(waiting);
    return StopSignal() != 0;
  });
}

// Of days that are over. What comes later of such a day is reported by the import that reads it. Returns their hits.
std::int64_t AddSystemReports(const Plan& plan, Store& store, const std::vector<Subscribers>& subscribers) {
  constexpr std::chrono::milliseconds kSignalCheck{100};
  SystemReports reports(store, subscribers);
  const LocalTime now = LocalTimeAt(std::chrono::system_clock::now());
  if (reports.DaysToReport(now, /*goes_on=*/false).empty()) return 0;
  std::optional<InstanceFacts> instance = InstanceFacts();
  if (reports.TellsOfInstance(now, /*goes_on=*/false)) {
    InstanceInquiry inquiry(plan.instance);
    instance.reset();
    while (!instance && StopSignal() == 0) instance = inquiry.FactsOf(now.day, kSignalCheck);
  }
  return instance ? reports.Make(*plan.rules, now, /*goes_on=*/false, *instance) : 0;
}

int StoreImport(const Plan& plan, const ImportOptions& options) {
  const RuleSet& rules = *plan.rules;
  Report report(rules, options);
  const std::unique_ptr<Store> store = OpenStore(plan.state_dir);
  Totals::CreateTables(store->database());
  ReportedDays::CreateTables(store->database());
  std::vector<std::string> names;
  for (const TargetConfig& target : plan.targets) names.push_back(target.name);
  std::vector<TargetLedger> before;
  std::vector<std::int64_t> ids;
  const std::vector<Subscribers> subscribers = Subscribe(*store, plan.targets, &ids);
  for (const std::int64_t target : ids) before.push_back(store->LedgerOf(target));
  WarnOfTargets(*store);

  StoredDayKeys keys(*store);
  Recorder recorder(rules, *store, subscribers, plan.max_visits);
  ChunkPipeline pipeline(rules, keys, plan.Proxies(), plan.jobs, AnyIdentified(plan.targets));
  Importer importer(plan.inputs, rules, recorder, pipeline, SourcesOf(*store));
  ImportSummary& summary = importer.summary;
  const auto take_ledgers = [&] {
    for (std::size_t i = 0; i < names.size(); ++i) {
      summary.pending_before.push_back(before[i].pending);
      if (summary.targets.size() == i) summary.targets.push_back({names[i], TargetState::kInterrupted, "", {}});
      summary.targets[i].ledger = Since(before[i], store->LedgerOf(store->AddTarget(names[i])));
    }
  };
  try {
    // Logs -> state database: checkpoint, hits and totals in one transaction.
    recorder.EndDays();
    importer.Run();
    if (options.complete && StopSignal() == 0) recorder.Complete();
    summary.hits = recorder.hits();
    summary.hits_waiting = recorder.hits_waiting();
    if (StopSignal() == 0) summary.system_report_hits = AddSystemReports(plan, *store, subscribers);
    // State database -> targets.
    if (StopSignal() == 0) summary.targets = DeliverAll(*store, plan);
    WriteSideCheckpoint(*store);
  } catch (const StoreError&) {
    take_ledgers();
    report.Show(summary);
    throw;
  }
  take_ledgers();
  report.Show(summary);
  if (StopSignal() != 0) Tell("interrupted; what was read is kept, and the next import goes on there");
  return StatusOf(summary);
}

}  // namespace

int RunImport(const ImportOptions& options) {
  if (!options.output.empty() && !options.dry_run) {
    throw ConfigError("--output needs --dry-run, whose hits it takes; messages go to a file with: 2>> FILE");
  }
  if (!options.target.empty() && !options.dry_run) throw ConfigError("--target needs --dry-run");
  UseLog(options.log);
  InstallStopSignals();
  const Plan plan = MakePlan(options);
  return options.dry_run ? DryRunImport(plan, options) : StoreImport(plan, options);
}

}  // namespace hushlog
