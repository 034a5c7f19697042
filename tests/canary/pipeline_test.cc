// 100,000 lines full of secrets, in every log format, through the whole program but its command line.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "src/audit/auditor.h"
#include "src/cli/explainer.h"
#include "src/cli/line_processor.h"
#include "src/cli/recorder.h"
#include "tests/canary/line_maker.h"
#include "tests/canary/secret.h"
#include "tests/cli/program.h"

namespace hushlog::test {
namespace {

constexpr int kLines = 100'000;
constexpr std::size_t kMaxVisits = 30;  // fewer than there are people: some are closed early
constexpr int kLinesOfFormat = 100;     // in a row: a parser and a recognizer are for one format
// All fields that count for something.
constexpr std::string_view kWideFormat =
    R"($host $remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" )"
    R"("$http_user_agent" "$http_accept_language" "$http_x_forwarded_for" "$http_sec_ch_ua" "$http_sec_ch_ua_mobile" )"
    R"("$http_sec_ch_ua_platform" "$http_sec_ch_ua_platform_version" "$http_sec_ch_ua_full_version_list" )"
    R"("$http_cookie" $request_id $request_time)";

std::uint64_t Seed() {
  const char* text = std::getenv("HUSHLOG_CANARY_SEED");
  return text == nullptr ? 20261125 : std::strtoull(text, nullptr, 10);
}

struct Format {
  std::string_view spec;
  std::shared_ptr<const LogFormat> format;
};
std::vector<Format> Formats() {
  std::vector<Format> formats;
  for (const Preset& preset : Presets()) formats.push_back({preset.spec, nullptr});
  formats.insert(formats.end(), 4, {kWideFormat, nullptr});
  for (Format& format : formats) format.format = std::make_shared<const LogFormat>(LogFormat::Compile(format.spec));
  return formats;
}

// What an Explainer prints, piece by piece.
class Memory {
 public:
  Memory() : file_(::open_memstream(&text_, &size_)) {}
  ~Memory() {
    std::fclose(file_);
    std::free(text_);
  }
  std::FILE* file() { return file_; }
  std::string Take() {
    std::fflush(file_);
    std::string text(text_, size_);
    std::rewind(file_);
    return text;
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

// In how many lines that count as usage a secret stood in a place, in a disguise.
using Coverage = std::array<std::array<int, kDisguises>, kPlaces>;

void CheckCoverage(const Coverage& coverage) {
  for (std::size_t place = 0; place < kPlaces; ++place) {
    if (static_cast<Place>(place) >= Place::kMethod) continue;  // such lines do not count
    for (std::size_t disguise = 0; disguise < kDisguises; ++disguise) {
      CHECK_MESSAGE(coverage[place][disguise] > 10, ToString(static_cast<Place>(place)), ", disguise ", disguise);
    }
  }
}

struct Pipeline {
  TempDir directory;
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  std::vector<SampleRequest> requests = SampleRequests(*rules);
  LineMaker maker{Seed(), requests, rules->catalogue()};
  SecretFinder finder;
  EphemeralDayKeys keys;
  TrustedProxies proxies{{"203.0.113.0/25", "10.0.0.0/8"}};
  LineProcessor processor{*rules, keys, &proxies, false};
  std::unique_ptr<Store> store = Store::Open(directory / "state");
  Memory explanation;
  TargetConfig shown_target{.name = "own", .site_id = 1, .reports = true, .token_auth = "x"};
  Explainer explainer{
      *rules, explanation.file(), {.color = true, .fields = true, .all = true}, 1000, {&shown_target, 1}};
  ActionBatch actions;
  LineCounts counts;
  Coverage coverage{};

  void CheckClean(std::string_view what, std::string_view text) {
    const auto found = finder.Find(text);
    CHECK_MESSAGE(!found, what, " holds ", found.value_or(""), " (HUSHLOG_CANARY_SEED=", Seed(), ")");
  }

  void TakeLine(const Format& format, Recorder* recorder) {
    std::string line = maker.Make(format.spec);
    const std::size_t size = line.size();
    line.append(kLinePadding, '\0');
    const std::string_view text = std::string_view(line).substr(0, size);
    const std::int64_t before = counts.actions;
    actions.clear();
    processor.Process(format.format, text, &actions, &counts);
    recorder->Consume(actions);
    explainer.Explain("log", format.format, text);
    if (counts.actions == before) return;
    for (const Planted& planted : maker.planted()) {
      ++coverage[static_cast<std::size_t>(planted.place)][static_cast<std::size_t>(planted.disguise)];
    }
  }

  void TakeLines() {
    const std::vector<Format> formats = Formats();
    Totals::CreateTables(store->database());
    const std::int64_t target = store->AddTarget("own");
    Recorder recorder(*rules, *store, {{.audience = AudienceOf(target), .reports = true}}, kMaxVisits);
    for (int i = 0; i < kLines; ++i) {
      TakeLine(formats[static_cast<std::size_t>(i / kLinesOfFormat) % formats.size()], &recorder);
      if (i % kLinesOfFormat == 0) CheckClean("an explanation", explanation.Take());
    }
    recorder.Finish();
    CheckClean("the state directory with visits that are open", ReadTree(directory / "state"));
    recorder.Complete();
    explainer.Finish();
    CheckClean("an explanation", explanation.Take());
  }
};

TEST_CASE_FIXTURE(Pipeline, "no secret of 100,000 lines is in hits, state or explanations, and the audit passes") {
  TakeLines();
  CheckClean("the state directory", ReadTree(directory / "state"));
  const EgressGrammar grammar;
  Auditor auditor(grammar, grammar);
  CHECK(auditor.CheckStore(*store));
  CHECK(auditor.Total().hits > kLines / 4);
  CheckCoverage(coverage);
  CHECK(maker.parameters().size() == rules->catalogue().parameters_end() - 2);
  MESSAGE(counts.lines, " lines, ", counts.actions, " of them usage, ", maker.secrets(), " secrets, ",
          auditor.Total().hits, " hits");
}

// Much of what identified hits hold is meant to be there; identified_test.cc looks for what is not.
TEST_CASE_FIXTURE(Pipeline, "the audit passes hits of 20,000 lines for targets that get them identified, and others") {
  Totals::CreateTables(store->database());
  const std::int64_t own = store->AddTarget("own");
  const std::int64_t community = store->AddTarget("community");
  store->SetIdentified(own, true);
  Recorder recorder(
      *rules, *store,
      {{.audience = AudienceOf(own), .reports = true, .identified = true}, {.audience = AudienceOf(community)}},
      kMaxVisits);
  LineProcessor identified(*rules, keys, &proxies, true);
  const std::vector<Format> formats = Formats();
  for (int i = 0; i < kLines / 5; ++i) {
    const Format& format = formats[static_cast<std::size_t>(i / kLinesOfFormat) % formats.size()];
    std::string line = maker.Make(format.spec);
    const std::size_t size = line.size();
    line.append(kLinePadding, '\0');
    actions.clear();
    identified.Process(format.format, std::string_view(line).substr(0, size), &actions, &counts);
    recorder.Consume(actions);
  }
  recorder.Complete();
  const EgressGrammar anonymous_grammar;
  const EgressGrammar identified_grammar({}, Profile::kIdentified);
  Auditor auditor(anonymous_grammar, identified_grammar);
  CHECK(auditor.CheckStore(*store));
  CHECK(auditor.Total().hits > kLines / 5 / 2);
  if (auditor.finding()) {
    MESSAGE(auditor.finding()->where, " ", auditor.finding()->violation.row, " ",
            auditor.finding()->violation.parameter, " (HUSHLOG_CANARY_SEED=", Seed(), ")");
  }
}

}  // namespace
}  // namespace hushlog::test
