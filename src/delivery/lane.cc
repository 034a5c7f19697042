#include "src/delivery/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hushlog {
namespace {

using std::chrono::milliseconds;

// Matomo takes hits of the last 24 hours without a token; less some time for clocks and the way.
constexpr std::int64_t kTokenlessAgeMs = (24 * 60 - 10) * std::int64_t{60'000};
// The whole slice before it is halved: a deadlock in Matomo's database looks like an indigestible hit, and passes.
constexpr int kRollbacksBeforeHalving = 3;
constexpr int kFailuresBeforeBurial = 2;
// A tracker which fails with that many hits one after the other has another problem than hits.
constexpr int kMaxBuriedInARow = 3;
constexpr int kGrowthSteps = 16;  // successes until a halved batch size is back
constexpr milliseconds kMaxDelay{60'000};
constexpr std::int64_t kToleratedSkewS = 60;

HttpClient::Options HttpOptionsOf(const TargetConfig& config) {
  HttpClient::Options options;
  options.url = config.url;
  options.timeout = config.request_timeout;
  return options;
}

std::size_t ParamBytes(const Slice& slice) {
  std::size_t bytes = 0;
  for (const HitRow& row : slice.rows) bytes += row.params.size();
  return bytes;
}

}  // namespace

Lane::Lane(Target& target, int lane)
    : target_(target),
      lane_(lane),
      http_(HttpOptionsOf(target.config)),
      row_limit_(target.config.batch_rows),
      byte_limit_(target.config.batch_bytes) {}

void Lane::Run() {
  while (target_.gate.Enter(lane_)) {
    const std::optional<Slice> slice = ReadNext();
    if (!slice) return target_.gate.Finish(lane_);
    Send(*slice);
    target_.gate.Leave();
  }
}

std::size_t Lane::NextRows() {
  if (target_.gate.Probing(lane_)) return 1;
  if (suspects_ == 0) return row_limit_;
  return rollbacks_ < kRollbacksBeforeHalving ? suspects_ : (suspects_ + 1) / 2;
}

std::optional<Slice> Lane::ReadNext() {
  std::optional<Slice> slice = target_.store.Read(target_.id, lane_, NextRows(), byte_limit_);
  if (!slice) return slice;
  const std::size_t sendable = SendableRows(*slice);
  if (sendable == slice->rows.size()) return slice;
  return target_.store.Read(target_.id, lane_, std::max<std::size_t>(1, sendable), byte_limit_);
}

bool Lane::IsOld(const HitRow& row) const { return row.time_ms < target_.clock.NowMs() - kTokenlessAgeMs; }

bool Lane::NeedsToken(const HitRow& row) const { return !row.address.empty() || IsOld(row); }

// How many of the first rows may go together. Without a token: those it is not needed for. With one that has not worked
// yet: these too, or a single one that needs it, since each failure counts in Matomo's lock against guessing.
std::size_t Lane::SendableRows(const Slice& slice) {
  const bool has_token = !target_.config.token_auth.empty();
  if (has_token && target_.token_works) return slice.rows.size();
  const auto needs = [&](const HitRow& row) { return has_token ? NeedsToken(row) : IsOld(row); };
  return static_cast<std::size_t>(std::find_if(slice.rows.begin(), slice.rows.end(), needs) - slice.rows.begin());
}

void Lane::Send(const Slice& slice) {
  const TargetConfig& config = target_.config;
  if (config.token_auth.empty() && IsOld(slice.rows.front())) {
    return target_.gate.Close(TargetState::kNeedsToken,
                              "hits are older than 24 hours, which Matomo takes only with a token: add one with write "
                              "access to the site");
  }
  if (slice.attempts > (config.on_ambiguous == OnAmbiguous::kDrop ? 0 : config.ambiguous_retries)) {
    return SetAside(slice, "sent before, and the answer was lost");
  }
  if (!target_.store.MarkInFlight(target_.id, lane_, slice)) return;
  const Outcome outcome = Post(BulkBody(slice.rows, target_.ReceiverOfHits()), slice.rows.size());
  if (outcome.kind == Outcome::Kind::kProcessed) return OnProcessed(slice, outcome);
  if (outcome.kind == Outcome::Kind::kAmbiguous) return OnAmbiguous(slice, outcome);

  target_.store.ClearInFlight(target_.id, lane_);
  switch (outcome.kind) {
    case Outcome::Kind::kRolledBack:
      return OnRolledBack(slice, outcome);
    case Outcome::Kind::kTooLarge:
      return OnTooLarge(slice, outcome);
    case Outcome::Kind::kRefused:
      return target_.gate.Close(TargetState::kRefused, outcome.message);
    default:
      (void)Recover(outcome);
  }
}

Outcome Lane::Post(std::string_view body, std::size_t rows) {
  // Before it leaves: there is a copy of everything that did, whatever happens on the way.
  if (target_.config.keep_sent.count() > 0) {
    target_.store.KeepSent(target_.id, WithoutToken(body), target_.clock.NowMs());
  }
  const HttpReply reply = http_.Post(body, target_.stop);
  reply_date_s_ = reply.date_s;
  const SentHits sent{rows, !target_.config.token_auth.empty()};
  return JudgeReply(reply, sent, target_.clock.NowMs() / 1000);
}

void Lane::OnProcessed(const Slice& slice, const Outcome& outcome) {
  const std::size_t rows = slice.rows.size();
  target_.store.Acknowledge(target_.id, lane_, slice, outcome.answer);
  NoteClockSkew(slice);
  row_limit_ = std::min(target_.config.batch_rows, row_limit_ + 1 + target_.config.batch_rows / kGrowthSteps);
  suspects_ -= std::min(suspects_, rows);
  if (suspects_ == 0) rollbacks_ = 0;
  failures_alone_ = 0;
  if (outcome.answer.tracked > 0) target_.buried_in_a_row = 0;

  if (!target_.config.token_auth.empty()) {
    const auto needy =
        std::count_if(slice.rows.begin(), slice.rows.end(), [&](const HitRow& row) { return NeedsToken(row); });
    if (needy > 0 && outcome.answer.invalid >= needy) {
      return target_.gate.Close(
          TargetState::kRefused,
          "Matomo refuses the hits that need a token: check that it is valid, has write access to "
          "the site and is not limited to secure requests");
    }
    if (needy > 0) target_.token_works = true;
  }
  target_.gate.ClearFailures();
  target_.gate.Open(lane_);
}

void Lane::OnRolledBack(const Slice& slice, const Outcome& outcome) {
  const std::size_t rows = slice.rows.size();
  if (!Recover(outcome)) return;
  target_.gate.Open(lane_);
  ++rollbacks_;
  suspects_ = rows;
  if (rows == 1 && ++failures_alone_ >= kFailuresBeforeBurial) Bury(slice, "makes the tracker fail");
}

void Lane::OnTooLarge(const Slice& slice, const Outcome& outcome) {
  if (slice.rows.size() > 1) {
    byte_limit_ = ParamBytes(slice) / 2;
    return;
  }
  if (!Recover(outcome)) return;
  target_.gate.Open(lane_);
  if (++failures_alone_ >= kFailuresBeforeBurial) Bury(slice, "too large for the tracker");
}

void Lane::OnAmbiguous(const Slice& slice, const Outcome& outcome) {
  row_limit_ = std::max<std::size_t>(1, slice.rows.size() / 2);
  if (target_.config.on_ambiguous == OnAmbiguous::kResend) {
    (void)target_.store.MarkAmbiguous(target_.id, lane_);  // comes again with the next read
  } else {
    SetAside(slice, outcome.message);
  }
  (void)Recover(outcome);
}

// For rows that may have been recorded and must not be sent again.
void Lane::SetAside(const Slice& slice, std::string_view reason) {
  if (target_.config.on_ambiguous == OnAmbiguous::kDrop) {
    Store::Answer answer;
    answer.unaccounted = static_cast<std::int64_t>(slice.rows.size());
    return target_.store.Acknowledge(target_.id, lane_, slice, answer);
  }
  target_.store.Park(target_.id, lane_, slice, reason);
}

void Lane::Bury(const Slice& slice, std::string_view reason) {
  if (++target_.buried_in_a_row > kMaxBuriedInARow) {
    return target_.gate.Close(
        TargetState::kUnreachable,
        "Matomo fails with one hit after the other, though it answers requests that record nothing: "
        "check whether its database can be written to");
  }
  target_.store.Bury(target_.id, lane_, slice, reason);
  suspects_ = 0;
  rollbacks_ = 0;
  failures_alone_ = 0;
}

// Waits, and asks the tracker with requests that record nothing, until it answers as it should; only one lane of a
// target does so. False: another lane already does, the target was given up, or a stop was requested.
bool Lane::Recover(const Outcome& trouble) {
  Gate& gate = target_.gate;
  if (target_.stop.stop_requested() || !gate.TakeOver(lane_)) return false;
  const bool down = trouble.kind == Outcome::Kind::kNotProcessed || trouble.kind == Outcome::Kind::kAmbiguous;
  if (down) gate.CountFailure();
  for (Outcome last = trouble;;) {
    if (gate.failures() >= target_.config.max_attempts) {
      gate.Close(TargetState::kUnreachable, last.message);
      return false;
    }
    if (!target_.clock.Wait(Delay(last.retry_after), target_.stop)) return false;
    last = Post(HealthCheckBody(target_.ReceiverOfHits()), 1);
    if (last.kind == Outcome::Kind::kProcessed) return true;
    if (last.kind == Outcome::Kind::kRefused) {
      gate.Close(TargetState::kRefused, last.message);
      return false;
    }
    gate.CountFailure();
  }
}

// Exponential with full jitter; what the target asks for comes on top.
milliseconds Lane::Delay(std::chrono::seconds asked_for) {
  const int doublings = std::clamp(target_.gate.failures() - 1, 0, 20);
  const milliseconds ceiling = std::min(kMaxDelay, target_.config.retry_delay * (1 << doublings));
  const double jittered = target_.clock.Random() * static_cast<double>(ceiling.count());
  return asked_for + milliseconds(std::llround(jittered));
}

// Matomo records hits from the future with its own time.
void Lane::NoteClockSkew(const Slice& slice) {
  if (reply_date_s_ == 0) return;
  const std::int64_t ahead_s = slice.rows.back().time_ms / 1000 - reply_date_s_;
  if (ahead_s > kToleratedSkewS) target_.clock_skew_s = std::max(target_.clock_skew_s.load(), ahead_s);
}

}  // namespace hushlog
