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

// The same for all inputs.
struct Shared {
  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  EgressGrammar grammar;
  HitChecker checker{grammar};
  test::SecretFinder finder;
  std::shared_ptr<const LogFormat> format = std::make_shared<const LogFormat>(LogFormat::Compile(kFormat));
  TrustedProxies proxies{{"10.0.0.0/8"}};
  EphemeralDayKeys keys;  // random: an input cannot know them
  LineProcessor processor{*rules, keys, &proxies, false};
};

class Checks : public HitSink {
 public:
  Checks(Shared& shared, std::string_view input) : shared_(shared), input_(input) {}

  void OnHit(const Hit& hit) override {
    params_.clear();
    AppendParams(hit, shared_.rules->user_agents(), &params_);
    if (shared_.checker.CheckStored(params_, hit.time_ms)) Fail("not in the grammar", params_);
    if (shared_.checker.CheckAddress(hit.address.ToString())) Fail("not in the grammar", hit.address.ToString());
    if (Contains(input_, VisitorId(hit.visitor).substr(0, 8))) Fail("raw pseudonym", params_);
    CheckClean(params_);
  }
  void CheckClean(std::string_view text) const {
    if (const auto found = shared_.finder.Find(text)) Fail("secret", *found);
  }

 private:
  Shared& shared_;
  std::string_view input_;
  std::string params_;
};

void Explain(Shared& shared, std::string_view text, const Checks& checks) {
  char* bytes = nullptr;
  std::size_t size = 0;
  std::FILE* const output = ::open_memstream(&bytes, &size);
  static const TargetConfig target{.name = "own", .site_id = 1, .reports = true, .token_auth = "x"};
  Explainer explainer(*shared.rules, output, {.color = false, .fields = true, .all = true}, 10, {&target, 1});
  explainer.Explain("log", shared.format, text);
  explainer.Finish();
  std::fclose(output);
  const std::string explanation(bytes, size);
  std::free(bytes);
  checks.CheckClean(explanation);
  for (const char c : explanation) {
    if ((c >= 0 && c < 0x20 && c != '\n') || c == 0x7f) Fail("control character", explanation);
  }
}

void Run(Shared& shared, std::string_view text) {
  Checks checks(shared, text);
  Visits visits(*shared.rules, checks, 10, nullptr, true);
  ActionBatch actions;
  LineCounts counts;
  shared.processor.Process(shared.format, text, &actions, &counts);
  for (const UiAction& action : actions.actions) visits.Consume(action, actions.ParametersOf(action));
  visits.Finish();
  Explain(shared, text, checks);
}

}  // namespace
}  // namespace hushlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static hushlog::Shared shared;
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
  hushlog::Run(shared, std::string_view(text).substr(0, text_size));
  return 0;
}
