#include "src/cli/import.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "parsers/log_format.h"
#include "rules/recognizer.h"
#include "src/base/stop_signal.h"
#include "src/cli/chunk_pipeline.h"
#include "src/cli/config.h"
#include "src/cli/dry_run.h"
#include "src/cli/exit_status.h"
#include "src/cli/progress.h"
#include "src/cli/recorder.h"
#include "src/cli/summary.h"
#include "src/delivery/deliverer.h"
#include "src/input/paths.h"
#include "src/input/source.h"
#include "src/spool/store.h"

namespace hushlog {
namespace {

// Keys that live in the state database, so that a visitor who is found in two files is one visitor.
class StoredDayKeys : public DayKeys {
 public:
  explicit StoredDayKeys(Store& store) : store_(store) {}
  DayKey KeyFor(std::int32_t day) override { return store_.DayKey(day); }

 private:
  Store& store_;
};

// Files that share a format.
struct Input {
  std::vector<std::string> paths;
  std::string format;  // "auto" or as LogFormat::Compile takes it
};

// What is to be done, from configuration and command line.
struct Plan {
  std::string state_dir;
  std::vector<Input> inputs;
  std::vector<TargetConfig> targets;
  std::optional<TrustedProxies> proxies;
  int jobs = 1;
};

int DefaultJobs() { return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 16); }

void AddCommandLineTarget(const ImportOptions& options, Plan* plan) {
  if (options.url.empty()) {
    if (options.site_id != 0 || !options.token_file.empty())
      throw ConfigError("--idsite and --token-auth-file need --url");
    return;
  }
  if (options.site_id == 0) throw ConfigError("--url needs --idsite, the number of the site in that Matomo");
  TargetConfig target;
  try {
    target.url = NormalizeTrackerUrl(options.url);
  } catch (const std::invalid_argument& error) {
    throw ConfigError(fmt::format("--url: {}", error.what()));
  }
  target.site_id = options.site_id;
  if (options.max_attempts > 0) target.max_attempts = options.max_attempts;
  if (options.retry_delay >= 0) target.retry_delay = std::chrono::milliseconds(std::lround(options.retry_delay * 1000));
  // The same target has the same name in every run, by which its place in the spool is found again.
  target.name = fmt::format("{} site {}", target.url, target.site_id);
  std::vector<std::string> warnings;
  if (!options.token_file.empty()) target.token_auth = ReadTokenFile(options.token_file, &warnings);
  for (const std::string& warning : warnings) fmt::print(stderr, "hushlog: warning: {}\n", warning);
  plan->targets.push_back(std::move(target));
}

Plan MakePlan(const ImportOptions& options) {
  Config config;
  if (!options.config.empty()) config = LoadConfig(options.config);
  for (const std::string& warning : config.warnings) fmt::print(stderr, "hushlog: warning: {}\n", warning);
  Plan plan;
  plan.state_dir = !options.state_dir.empty() ? options.state_dir : config.state_dir;
  if (plan.state_dir.empty()) plan.state_dir = DefaultStateDir();
  plan.jobs = options.jobs > 0 ? options.jobs : DefaultJobs();
  plan.targets = std::move(config.targets);
  AddCommandLineTarget(options, &plan);
  if (!options.files.empty()) {
    plan.inputs.push_back({options.files, options.format.empty() ? "auto" : options.format});
  } else {
    for (SourceConfig& source : config.sources) {
      plan.inputs.push_back({std::move(source.paths), options.format.empty() ? source.format : options.format});
    }
  }
  if (plan.inputs.empty()) throw ConfigError("nothing to import: name a FILE, or a [[source]] in the configuration");
  const auto& ranges = config.trusted_proxies;
  if (!ranges.empty()) plan.proxies.emplace(std::vector<std::string_view>(ranges.begin(), ranges.end()));
  return plan;
}

// On disk; 0 for what is no file.
std::uint64_t FileSize(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

// Reads all inputs into a Consumer.
class Importer {
 public:
  // All must outlive the object; `known` are the checkpoints of earlier runs.
  Importer(const RuleSet& rules, DayKeys& keys, const Plan& plan, Consumer& consumer, std::vector<KnownSource> known,
           bool show_progress);

  // Reads everything, unless a signal asks to stop. Files that cannot be read are noted in summary.unreadable.
  void Run();

  ImportSummary summary;

 private:
  struct File {
    std::string path;
    std::string format;
  };

  void ReadFile(const File& file);
  bool ChooseFormat(const std::string& name, const std::string& format, std::string_view sample);
  void ConsumeOldest(Source& source, std::int64_t* source_id);
  void Remember(std::int64_t source_id, const Checkpoint& checkpoint);
  void Unreadable(std::string sentence);
  void Note(std::string_view kind, std::string_view sentence);

  std::vector<File> files_;
  Consumer& consumer_;
  std::vector<KnownSource> known_;
  ChunkPipeline pipeline_;
  std::shared_ptr<const LogFormat> format_;  // of the file being read
  std::uint64_t bytes_before_ = 0;           // on disk, of the files read so far
  std::optional<Progress> progress_;
};

Importer::Importer(const RuleSet& rules, DayKeys& keys, const Plan& plan, Consumer& consumer,
                   std::vector<KnownSource> known, bool show_progress)
    : consumer_(consumer),
      known_(std::move(known)),
      pipeline_(rules, keys, plan.proxies ? &*plan.proxies : nullptr, plan.jobs) {
  for (const Input& input : plan.inputs) {
    ExpandedPaths expanded = ExpandPaths(input.paths);
    for (std::string& error : expanded.errors) Unreadable(std::move(error));
    for (std::string& path : expanded.paths) files_.push_back({std::move(path), input.format});
  }
  std::uint64_t total_bytes = 0;
  for (const File& file : files_) total_bytes += FileSize(file.path);
  progress_.emplace(show_progress, total_bytes);
}

void Importer::Note(std::string_view kind, std::string_view sentence) {
  if (progress_) progress_->Clear();
  fmt::print(stderr, "hushlog: {}{}\n", kind, sentence);
}

void Importer::Unreadable(std::string sentence) {
  Note("error: ", sentence);
  summary.unreadable.push_back(std::move(sentence));
}

void Importer::Run() {
  const auto start = std::chrono::steady_clock::now();
  for (const File& file : files_) {
    if (StopSignal() != 0) break;
    ReadFile(file);
  }
  consumer_.Finish();
  summary.hits = consumer_.hits();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  progress_->Clear();
}

// Fixes format_ for a file that begins with `sample`; false if none fits.
bool Importer::ChooseFormat(const std::string& name, const std::string& format, std::string_view sample) {
  if (format != "auto") {
    format_ = std::make_shared<LogFormat>(LogFormat::Compile(format));
    return true;
  }
  constexpr std::size_t kSampleBytes = 256 << 10;
  Detection detection = DetectFormat(sample.substr(0, sample.rfind('\n', kSampleBytes) + 1));
  format_ = std::move(detection.format);
  if (format_ == nullptr) {
    Unreadable(fmt::format("{}: {}; say the format with --format", name, detection.message));
    return false;
  }
  Note("", fmt::format("{}: {}", name, detection.message));
  return true;
}

void Importer::ReadFile(const File& file) {
  std::string error;
  const std::unique_ptr<Source> source = OpenSource(file.path, known_, &error);
  if (source == nullptr) return Unreadable(std::move(error));
  std::int64_t source_id = source->continues();
  format_ = nullptr;
  // Chunks go to the workers as they are read, and come back in order.
  for (;;) {
    if (pipeline_.full()) ConsumeOldest(*source, &source_id);
    std::unique_ptr<ChunkWork> work = pipeline_.Take();
    const ReadResult result = source->Next(&work->chunk);
    const bool usable = result == ReadResult::kChunk && StopSignal() == 0 &&
                        (format_ != nullptr || work->chunk.text().empty() ||
                         ChooseFormat(source->name(), file.format, work->chunk.text()));
    if (!usable || work->chunk.text().empty()) {
      pipeline_.Recycle(std::move(work));
      if (!usable) break;
      continue;
    }
    work->format = format_.get();
    pipeline_.Submit(std::move(work));
  }
  while (!pipeline_.empty()) ConsumeOldest(*source, &source_id);
  bytes_before_ += source->bytes_total();
  for (const std::string& warning : source->warnings()) Note("warning: ", warning);
  if (!source->error().empty()) Unreadable(source->error());
}

void Importer::ConsumeOldest(Source& source, std::int64_t* source_id) {
  std::unique_ptr<ChunkWork> work = pipeline_.Finish();
  const bool recoverable = work->chunk.checkpoint().head_bytes > 0;
  if (work->chunk.unterminated() && recoverable && work->counts.actions == 0) {
    // The server may still be writing this line: the next run finds it whole.
    pipeline_.Recycle(std::move(work));
    return;
  }
  consumer_.Consume(work->actions);
  *source_id = consumer_.Reached(*source_id, work->chunk.checkpoint(), work->counts);
  Remember(*source_id, work->chunk.checkpoint());
  summary.counts += work->counts;
  summary.bytes += static_cast<std::int64_t>(work->chunk.text().size());
  progress_->Update(bytes_before_ + source.bytes_read(), summary.counts.lines);
  pipeline_.Recycle(std::move(work));
}

// So that the same content under a second path is not read again.
void Importer::Remember(std::int64_t source_id, const Checkpoint& checkpoint) {
  if (source_id == 0) return;
  const auto known = std::ranges::find(known_, source_id, &KnownSource::id);
  if (known != known_.end()) {
    known->checkpoint = checkpoint;
  } else {
    known_.push_back({source_id, checkpoint});
  }
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

void Report(const ImportSummary& summary, const RuleSet& rules, const ImportOptions& options) {
  if (!options.quiet) fmt::print(stderr, "{}", ToText(summary, rules));
  if (options.summary_json.empty()) return;
  const std::string json = ToJson(summary, rules);
  std::FILE* file = options.summary_json == "-" ? stdout : std::fopen(options.summary_json.c_str(), "w");
  if (file == nullptr || std::fwrite(json.data(), 1, json.size(), file) != json.size() || std::fflush(file) != 0) {
    throw std::runtime_error(fmt::format("{}: the summary cannot be written", options.summary_json));
  }
  if (file != stdout) std::fclose(file);
}

int DryRunImport(const Plan& plan, const RuleSet& rules, const ImportOptions& options) {
  struct Close {
    void operator()(std::FILE* file) const {
      if (file != stdout) std::fclose(file);
    }
  };
  std::unique_ptr<std::FILE, Close> output;
  if (!options.output.empty()) {
    output.reset(options.output == "-" ? stdout : std::fopen(options.output.c_str(), "w"));
    if (output == nullptr) throw std::runtime_error(fmt::format("{}: cannot be written", options.output));
  }
  const bool with_address =
      std::ranges::any_of(plan.targets, [](const TargetConfig& target) { return !target.token_auth.empty(); });
  EphemeralDayKeys keys;
  DryRun consumer(rules, output.get(), with_address);
  Importer importer(rules, keys, plan, consumer, {}, !options.quiet);
  importer.Run();
  Report(importer.summary, rules, options);
  return StatusOf(importer.summary);
}

std::vector<KnownSource> KnownSources(Store& store) {
  std::vector<KnownSource> known;
  for (const StoredSource& source : store.Sources()) {
    KnownSource entry{source.id, {}};
    if (Checkpoint::Decode(source.checkpoint, &entry.checkpoint)) known.push_back(entry);
  }
  return known;
}

// The first day whose pseudonyms are still needed: days end up to 14 hours after UTC's, and the last lines of a day are
// written when its requests end.
std::int32_t FirstLiveDay() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return static_cast<std::int32_t>(today.time_since_epoch().count()) - 1;
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

int StoreImport(const Plan& plan, const RuleSet& rules, const ImportOptions& options) {
  const std::unique_ptr<Store> store = Store::Open(plan.state_dir);
  Totals::CreateTables(store->database());
  std::vector<TargetLedger> before;
  for (const TargetConfig& target : plan.targets) before.push_back(store->LedgerOf(store->AddTarget(target.name)));

  // Logs -> state database: checkpoint, hits and totals in one transaction.
  StoredDayKeys keys(*store);
  Recorder recorder(rules, *store);
  Importer importer(rules, keys, plan, recorder, KnownSources(*store), !options.quiet);
  importer.Run();
  if (StopSignal() == 0) recorder.EndDaysBefore(FirstLiveDay());
  importer.summary.hits = recorder.hits();

  // State database -> targets.
  ImportSummary& summary = importer.summary;
  summary.targets = Deliver(*store, plan.targets, [] { return StopSignal() != 0; });
  for (std::size_t i = 0; i < summary.targets.size(); ++i) {
    summary.targets[i].ledger = Since(before[i], summary.targets[i].ledger);
  }
  Report(summary, rules, options);
  return StatusOf(summary);
}

}  // namespace

CLI::App* AddImportCommand(CLI::App& app, ImportOptions* options) {
  CLI::App* command = app.add_subcommand("import", "Read access logs, keep usage totals, deliver the hits to targets");
  command->add_option("FILE", options->files, "Logs: files, patterns, - for standard input; may be compressed");
  command->add_option("-c,--config", options->config, "Configuration file (TOML)");
  command->add_option("--state-dir", options->state_dir, "Directory of the state database");
  command->add_option("-f,--format", options->format, "Name or format string of the log format, or auto");
  command->add_option("-j,--jobs", options->jobs, "Threads that parse; default: one a core")->check(CLI::Range(1, 256));
  command->add_option("--url", options->url, "Address of a Matomo to send the hits to");
  command->add_option("--idsite", options->site_id, "Number of the site in that Matomo")->check(CLI::PositiveNumber);
  command->add_option("--token-auth-file", options->token_file, "File with a token_auth for that Matomo");
  command->add_option("--retry-max-attempts", options->max_attempts, "Failures in a row until the target is given up")
      ->check(CLI::PositiveNumber);
  command->add_option("--retry-delay", options->retry_delay, "Seconds before the first repetition; doubled with each")
      ->check(CLI::Range(0.0, 3600.0));
  command->add_flag("-n,--dry-run", options->dry_run, "Touch neither network nor state");
  command->add_option("-o,--output", options->output,
                      "With --dry-run: write the hits there as JSON lines; - is stdout");
  command->add_option("--summary-json", options->summary_json, "Write what was done there as JSON; - is stdout");
  command->add_flag("-q,--quiet", options->quiet, "No progress, no summary");
  return command;
}

int RunImport(const ImportOptions& options) {
  if (!options.output.empty() && !options.dry_run) throw ConfigError("--output needs --dry-run");
  InstallStopSignals();
  const Plan plan = MakePlan(options);
  const std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  return options.dry_run ? DryRunImport(plan, *rules, options) : StoreImport(plan, *rules, options);
}

}  // namespace hushlog
