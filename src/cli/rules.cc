#include "src/cli/rules.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "parsers/log_format.h"
#include "rules/coverage.h"
#include "rules/recognizer.h"
#include "rules/rule_list.h"
#include "rules/shipped_rules.h"
#include "src/base/tell.h"
#include "src/cli/config.h"
#include "src/cli/exit_status.h"
#include "src/cli/format_names.h"
#include "src/cli/instance.h"
#include "src/cli/instance_pages.h"
#include "src/cli/option_values.h"
#include "src/cli/site_rules.h"
#include "src/input/paths.h"
#include "src/input/source.h"

namespace hushlog {
namespace {

int List(const std::vector<SiteRules>& site, bool site_only) {
  (void)RuleSet::Load(site);  // tells all mistakes
  RuleFiles files(RulesWith(site));
  fmt::print("{}", ListRules(&files, site_only));
  return kExitDone;
}

int Test(const std::vector<SiteRules>& site) {
  const std::size_t samples = RuleSet::CheckAll(site);
  fmt::print("{} samples in {} rule files come out as they should\n", samples, RulesWith(site).size());
  return kExitDone;
}

// Reads logs for their names. Not for speed.
class CoverageReader {
 public:
  // `proxies` may be null; it and `rules` must outlive the object.
  CoverageReader(const RuleSet& rules, std::shared_ptr<const LogFormat> format, const TrustedProxies* proxies)
      : rules_(rules), format_(std::move(format)), proxies_(proxies), coverage_(rules) {}

  // False, and a message is printed, if the file cannot be read.
  bool Read(const std::string& path) {
    std::string error;
    const std::unique_ptr<Source> source = OpenSource(path, {}, &error);
    Chunk chunk;
    std::shared_ptr<const LogFormat> format = format_;
    while (source != nullptr && error.empty() && source->Next(&chunk) == ReadResult::kChunk) {
      if (chunk.text().empty()) continue;
      if (format == nullptr) format = Detect(path, chunk.text(), &error);
      if (format != nullptr) Look(*format, chunk.text());
    }
    if (source != nullptr && error.empty()) error = source->error();
    if (!error.empty()) Tell(fmt::format("error: {}", error));
    return error.empty();
  }

  void Print() const {
    fmt::print("{} lines, {} of them usage\n", lines_, kept_);
    PrintNames(Coverage::kPlugin, "Plugins that are shown as XYZ");
    PrintNames(Coverage::kAction, "Actions and reports that are shown as XYZ");
    PrintNames(Coverage::kMethod, "API methods that are shown as XYZ");
    PrintNames(Coverage::kParameter, "Parameters that are left out");
    PrintNames(Coverage::kValue, "Parameters whose values are hidden, or some of them");
  }

 private:
  std::shared_ptr<const LogFormat> Detect(const std::string& path, std::string_view text, std::string* error) const {
    Detection detection = DetectFormat(WholeLines(text), rules_.extra_fields());
    if (detection.format == nullptr) *error = fmt::format("{}: {}{}", path, detection.message, kGiveFormat);
    return std::move(detection.format);
  }

  void Look(const LogFormat& format, std::string_view text) {
    LineParser parser(format, proxies_);
    Recognizer recognizer(rules_, keys_, FieldsOf(format));
    ActionBatch actions;
    Request request;
    std::string_view line;
    for (LineSplitter lines(text); lines.Next(&line);) {
      ++lines_;
      if (parser.Parse(line, &request) != LineStatus::kOk) continue;
      actions.clear();
      if (recognizer.Recognize(request, &actions) != kKept) continue;
      ++kept_;
      coverage_.Look(request);
    }
  }

  void PrintNames(Coverage::Kind kind, std::string_view title) const {
    const Coverage::Names names = coverage_.NamesOf(kind);
    if (names.shown.empty() && names.other == 0) return;
    fmt::print("\n{}\n", title);
    for (const Coverage::Name& name : names.shown) fmt::print("{:>10}  {}\n", name.count, name.text);
    if (names.other > 0) fmt::print("{:>10}  ({} other names)\n", "", names.other);
  }

  const RuleSet& rules_;
  std::shared_ptr<const LogFormat> format_;  // null: to be detected in each file
  const TrustedProxies* proxies_;
  EphemeralDayKeys keys_;
  Coverage coverage_;
  std::int64_t lines_ = 0;
  std::int64_t kept_ = 0;
};

int ShowCoverage(const std::vector<SiteRules>& site, const RulesOptions& options, const TrustedProxies* proxies) {
  const std::shared_ptr<const RuleSet> rules = RuleSet::Load(site);
  std::shared_ptr<const LogFormat> format;
  if (!options.format.empty() && options.format != "auto") {
    format = std::make_shared<const LogFormat>(CompileFormat(options.format, rules->extra_fields()));
  }
  const ExpandedPaths paths = ExpandPaths(options.files);
  for (const std::string& error : paths.errors) Tell(fmt::format("error: {}", error));
  bool all_read = paths.errors.empty();
  CoverageReader reader(*rules, std::move(format), proxies);
  for (const std::string& path : paths.paths) all_read &= reader.Read(path);
  reader.Print();
  return all_read ? kExitDone : kExitUnreadable;
}

// To standard output, for a file of the site's rules.
int WritePages(const std::vector<SiteRules>& site, const InstanceConfig& instance, std::uint32_t site_id) {
  if (instance.url.empty())
    throw ConfigError("rules pages needs --config FILE with the url of the Matomo in [instance]");
  const std::shared_ptr<const RuleSet> rules = RuleSet::Load(site);
  const PageRules pages = RulesFor(AskPages(instance, site_id, {}), *rules);
  fmt::print("{}", pages.text);
  if (std::fflush(stdout) != 0) throw std::runtime_error("the rules cannot be written: is the disk full?");
  Tell(
      fmt::format("{} pages of the Matomo are new, {} are known, {} are left out: their names are not public, or no "
                  "request tells them from others",
                  pages.pages, pages.known, pages.hidden));
  return kExitDone;
}

}  // namespace

CLI::App* AddRulesCommand(CLI::App& app, RulesOptions* options) {
  CLI::App* command = app.add_subcommand("rules", "Show and check what is whitelisted, and what is not in a log");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "All rules and names, with the files that they stand in");
  list->add_flag("--site", options->site_only, "Only what stands in files of the site");
  CLI::App* test = command->add_subcommand("test", "Check all samples of all rules; the exit status tells the result");
  CLI::App* coverage = command->add_subcommand(
      "coverage", "Names in logs that are replaced or left out: raw names of the log, but never values");
  coverage->add_option("FILE", options->files, "Logs: files, patterns, - for standard input")->required();
  AddFormat(*coverage, &options->format);
  CLI::App* pages = command->add_subcommand(
      "pages", "Ask the Matomo of [instance] for report pages that the rules lack, and write rules for them");
  pages->add_option("--idsite", options->site_id, "A site of that Matomo that has them")
      ->type_name("N")
      ->check(AnyWholeNumber(1, kMostSites));
  for (CLI::App* each : {list, test, coverage, pages}) {
    AddConfig(*each, &options->config)->description("Configuration file (TOML), for its rules_dir and trusted_proxies");
    AddRules(*each, &options->rules_dir);
  }
  command->footer("hushlog rules COMMAND --help tells its options.");
  list->footer("");
  test->footer("");
  coverage->footer(
      "Example:\n"
      "  hushlog rules coverage access.log");
  pages->footer(
      "Example:\n"
      "  hushlog rules pages --config hushlog.toml > /etc/hushlog/rules/pages.toml");
  list->callback([options] { options->list = true; });
  test->callback([options] { options->test = true; });
  coverage->callback([options] { options->coverage = true; });
  pages->callback([options] { options->pages = true; });
  return command;
}

int RunRules(const RulesOptions& options) {
  Config config;
  if (!options.config.empty()) config = LoadConfig(options.config, Tokens::kLeave);
  const std::vector<SiteRules> site = ReadSiteRules(options.rules_dir.empty() ? config.rules_dir : options.rules_dir);
  if (options.list) return List(site, options.site_only);
  if (options.test) return Test(site);
  if (options.pages) return WritePages(site, config.instance, options.site_id);
  const std::optional<TrustedProxies> proxies = ProxiesOf(config);
  return ShowCoverage(site, options, proxies ? &*proxies : nullptr);
}

}  // namespace hushlog
