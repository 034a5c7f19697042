// Lines from the parser to hits and explanations. Each '@' of the input becomes a secret. What comes out must be in the
// egress grammar, must not hold a piece of the secret, and no pseudonym may be the line's.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "src/audit/hit_checker.h"
#include "src/cli/explainer.h"
#include "src/cli/line_processor.h"
#include "src/visits/hit_encoder.h"
#include "src/visits/visits.h"
#include "tests/canary/secret.h"

namespace hushlog {
namespace {

constexpr std::string_view kFormat =
    R"($remote_addr $remote_user [$time_local] "$request" $status "$http_referer" "$http_user_agent" )"
    R"("$http_accept_language" "$http_x_forwarded_for" "$http_sec_ch_ua" "$http_sec_ch_ua_platform")";

[[noreturn]] void Fail(std::string_view what, std::string_view text) {
  fmt::print(stderr, "{}: {}\n", what, text);
  std::abort();
}

// Not instrumented, and without a library function: libFuzzer would learn the pseudonym from what it is compared with,
// and write it into the next input.
__attribute__((no_sanitize("coverage"))) bool Contains(const std::string_view text, const std::string_view part) {
  const char* const begin = text.data();
  const std::size_t size = text.size(), part_size = part.size();
  for (std::size_t at = 0; at + part_size <= size; ++at) {
    std::size_t same = 0;
    while (same < part_size && begin[at + same] == part.data()[same]) ++same;
    if (same == part_size) return true;
  }
  return false;
}

// Made once. No input leaves anything to the next one: visits are finished, and what the caches keep decides nothing.
class Pipeline : private HitSink {
 public:
  Pipeline() : output_(::open_memstream(&bytes_, &size_)) {}
  ~Pipeline() override {
    std::fclose(output_);
    std::free(bytes_);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void Run(std::string_view text) {
    input_ = text;
    actions_.clear();
    LineCounts counts;
    processor_.Process(format_, text, &actions_, &counts);
    for (const UiAction& action : actions_.actions) visits_.Consume(action, actions_.ParametersOf(action));
    visits_.Finish();
    Explain(text);
  }

 private:
  void OnHit(const Hit& hit) override {
    params_.clear();
    AppendParams(hit, rules_->user_agents(), &params_);
    if (checker_.CheckStored(params_, hit.time_ms)) Fail("not in the grammar", params_);
    if (checker_.CheckAddress(hit.address.ToString())) Fail("not in the grammar", hit.address.ToString());
    if (Contains(input_, VisitorId(hit.visitor).substr(0, 8))) Fail("raw pseudonym", params_);
    CheckClean(params_);
  }

  void Explain(std::string_view text) {
    std::rewind(output_);
    explainer_.Explain("log", format_, text);
    explainer_.Finish();
    std::fflush(output_);
    const std::string_view explanation(bytes_, size_);
    CheckClean(explanation);
    for (const char c : explanation) {
      if ((c >= 0 && c < 0x20 && c != '\n') || c == 0x7f) Fail("control character", explanation);
    }
  }

  void CheckClean(std::string_view text) const {
    if (const auto found = finder_.Find(text)) Fail("secret", *found);
  }

  std::shared_ptr<const RuleSet> rules_ = RuleSet::Shipped();
  EgressGrammar grammar_;
  HitChecker checker_{grammar_};
  test::SecretFinder finder_;
  std::shared_ptr<const LogFormat> format_ = std::make_shared<const LogFormat>(LogFormat::Compile(kFormat));
  TrustedProxies proxies_{{"10.0.0.0/8"}};
  EphemeralDayKeys keys_;  // random: an input cannot know them
  LineProcessor processor_{*rules_, keys_, &proxies_, false};
  Visits visits_{*rules_, *this, 10, nullptr, true};
  TargetConfig target_{.name = "own", .site_id = 1, .reports = true, .token_auth = "x"};
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* const output_;
  Explainer explainer_{*rules_, output_, {.color = false, .fields = true, .all = true}, 10, {&target_, 1}};
  ActionBatch actions_;
  std::string_view input_;
  std::string params_;
};

}  // namespace
}  // namespace hushlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static hushlog::Pipeline pipeline;
  static const std::string secret = hushlog::test::Secret(123'456'789);
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == '@') {
      text += secret;
    } else {
      text += static_cast<char>(data[i]);
    }
  }
  const std::size_t text_size = text.size();
  text.append(hushlog::kLinePadding, '\0');
  pipeline.Run(std::string_view(text).substr(0, text_size));
  return 0;
}
