#include "src/delivery/tracker_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string_view>

#include "src/delivery/bulk_body.h"
#include "src/delivery/http_client.h"
#include "src/delivery/outcome.h"
#include "src/delivery/target.h"
#include "src/delivery/target_clock.h"

namespace hushlog {
namespace {

using Grade = ProbeFinding::Grade;
using Kind = Outcome::Kind;

constexpr std::chrono::milliseconds kPatience{20'000};
constexpr std::int64_t kOldS = 2 * 24 * 60 * 60;  // Matomo takes hits of the last 24 hours without a token

HttpClient::Options PatientOptionsOf(const TargetConfig& config) {
  HttpClient::Options options = HttpOptionsOf(config);
  options.timeout = std::min(options.timeout, kPatience);
  return options;
}

std::uint64_t Stranger() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random() | 1;
}

bool IsEncrypted(const TargetConfig& config) { return config.url.starts_with("https:"); }

constexpr std::string_view kHttp = "http://";

bool StaysOnThisMachine(const TargetConfig& config) {
  if (!config.proxy.empty() || !config.url.starts_with(kHttp)) return false;
  std::string_view host = std::string_view(config.url).substr(kHttp.size());
  host = host.substr(0, host.find(host.starts_with('[') ? "]" : "/"));
  if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
  return host == "localhost" || host == "[::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

class Probe {
 public:
  Probe(const TargetConfig& config, Clock& clock) : config_(config), clock_(clock), http_(PatientOptionsOf(config)) {}

  Outcome AskTracker() { return Post(HealthCheckBody(Tokenless()), {1, false}); }

  std::vector<ProbeFinding> Run() {
    const Outcome outcome = AskTracker();
    // One that demands a token for all bulk requests fails without.
    const bool only_with_token = outcome.kind == Kind::kRolledBack && !config_.token_auth.empty();
    if (only_with_token) {
      FindToken();
    } else if (outcome.kind != Kind::kProcessed) {
      Add(Grade::kBad, outcome.message);
    } else {
      Add(Grade::kGood, fmt::format("answers as a Matomo tracker and has the site {}{}", config_.site_id,
                                    IsEncrypted(config_) ? "; its certificate is trusted" : ""));
      FindClock();
      FindSize();
      FindToken();
    }
    return findings_;
  }

 private:
  Receiver Tokenless() const { return {.site_id = config_.site_id, .token_auth = {}, .key = {}}; }

  void Add(Grade grade, std::string text) { findings_.push_back({grade, std::move(text)}); }

  Outcome Post(std::string_view body, const SentHits& sent) {
    const std::int64_t began_ms = clock_.NowMs();
    const HttpReply reply = http_.Post(body, {});
    const std::int64_t ended_ms = clock_.NowMs();
    if (reply.date_s > 0) its_clock_.Learn(began_ms, ended_ms, reply.date_s);
    return JudgeReply(reply, sent, ended_ms / 1000);
  }

  void FindClock() {
    const std::int64_t behind_s = its_clock_.behind_ms() / 1000;
    if (behind_s == 0) return Add(Grade::kGood, "its clock is not behind");
    Add(Grade::kDoubtful,
        fmt::format("its clock is {} seconds behind: hits have to wait that long; set the clocks right", behind_s));
  }

  void FindSize() {
    std::string body = HealthCheckBody(Tokenless());
    body.resize(std::max(body.size(), config_.batch_bytes), ' ');
    const Outcome outcome = Post(body, {1, false});
    const std::size_t kilobytes = body.size() >> 10;
    if (outcome.kind == Kind::kProcessed) return Add(Grade::kGood, fmt::format("takes requests of {} KB", kilobytes));
    if (outcome.kind != Kind::kTooLarge) {
      return Add(Grade::kDoubtful, fmt::format("fails with a request of {} KB: {}", kilobytes, outcome.message));
    }
    Add(Grade::kDoubtful,
        fmt::format(
            "refuses requests of {} KB: hits go in smaller ones, some after a refusal; set client_max_body_size "
            "of its nginx to 1m, LimitRequestBody of its Apache to 1048576",
            kilobytes));
  }

  void FindToken() {
    if (config_.token_auth.empty()) {
      return Add(Grade::kGood, "no token_file: it gets no addresses, and no hits that are older than 24 hours");
    }
    const Receiver receiver{.site_id = config_.site_id, .token_auth = config_.token_auth, .key = {}};
    const Outcome outcome = Post(TokenCheckBody(receiver, Stranger(), clock_.NowMs() / 1000 - kOldS), {1, true});
    if (outcome.all_invalid) {
      return Add(Grade::kBad,
                 "the token does not work: make one in Matomo, without \"only for secure requests\" as it goes in the "
                 "body of bulk requests, of a user who may write to the site, and put it into the token_file");
    }
    if (outcome.kind != Kind::kProcessed) return Add(Grade::kBad, outcome.message);
    Add(Grade::kGood, "the token works for old hits and addresses");
    if (IsEncrypted(config_) || StaysOnThisMachine(config_)) return;
    Add(Grade::kDoubtful, "the token goes there unencrypted, for everybody on the way to read: use https");
  }

  const TargetConfig& config_;
  Clock& clock_;
  HttpClient http_;
  TargetClock its_clock_;
  std::vector<ProbeFinding> findings_;
};

}  // namespace

std::string AskTracker(const TargetConfig& target, Clock& clock) {
  const Outcome outcome = Probe(target, clock).AskTracker();
  return outcome.kind == Kind::kProcessed ? "" : outcome.message;
}

std::vector<ProbeFinding> ProbeTracker(const TargetConfig& target, Clock& clock) { return Probe(target, clock).Run(); }

}  // namespace hushlog
