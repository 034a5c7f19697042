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
constexpr int kFailuresBeforeBurial = 3;
// A tracker which fails with that many hits one after the other has another problem than hits.
constexpr int kMaxBuriedInARow = 3;
constexpr int kGrowthSteps = 16;      // successes until a halved number of hits is back
constexpr int kByteGrowthSteps = 64;  // part by which the size grows: few requests shall be too large again
constexpr milliseconds kMaxDelay{60'000};
constexpr milliseconds kPatience{60'000};  // Until::kDrained: for hits that are from the future for the target
constexpr milliseconds kStep{1000};        // after which a wait is looked at again

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
    const std::uint64_t news = target_.news();
    const std::optional<Slice> slice = ReadNext();
    if (slice && EarlyBy(slice->rows.front()) > kPatience && target_.until == Until::kFinished) AskForTime();
    if (slice && EarlyBy(slice->rows.front()) <= milliseconds(0)) {
      Send(*slice);
      target_.gate.Leave();
      continue;
    }
    target_.gate.Finish(lane_);
    if (!(slice ? HoldBack(*slice) : target_.WaitForNews(news))) return;
  }
}

// How long the target would record the hit with its own time, as it takes it for one of the future.
milliseconds Lane::EarlyBy(const HitRow& row) const {
  return milliseconds(row.time_ms / 1000 * 1000 + target_.its_clock.behind_ms() - target_.clock.NowMs());
}

// A clock that is far behind may be set right: the target is asked now and then, with a request that records nothing.
void Lane::AskForTime() {
  const std::string message =
      "its clock is behind that of the hits, which it would record with its own time: set the clocks right";
  target_.NoteTrouble(TargetState::kClockBehind, message);
  target_.TellOnce("waits: " + message);
  const std::int64_t now_ms = target_.clock.NowMs();
  if (now_ms < next_question_ms_) return;
  next_question_ms_ = now_ms + kPatience.count();
  (void)Post(HealthCheckBody({target_.config.site_id, token_, target_.key}), 1);
}

// Waits for the time of the first hit. False: the lane has to end before.
bool Lane::HoldBack(const Slice& slice) {
  const milliseconds early = EarlyBy(slice.rows.front());
  if (target_.until == Until::kDrained && early > kPatience) {
    target_.held_for_ms = std::max<std::int64_t>(target_.held_for_ms, early.count());
    return false;
  }
  return target_.clock.Wait(std::clamp(early, milliseconds(1), kStep), target_.stops.finish);
}

// What changes the state database. On a full disk it is tried until there is room.
template <typename Action>
void Lane::Write(Action action) {
  for (;;) {
    try {
      return action();
    } catch (const StoreFull& error) {
      if (target_.until == Until::kDrained) throw;
      target_.SetTrouble(TargetState::kDiskFull, error.what());
      if (!target_.clock.Wait(kStep, target_.stops.finish)) throw;
    }
  }
}

std::size_t Lane::NextRows() {
  if (target_.gate.Probing(lane_)) return 1;
  if (suspects_ == 0) return row_limit_;
  return rollbacks_ < kRollbacksBeforeHalving ? suspects_ : (suspects_ + 1) / 2;
}

std::optional<Slice> Lane::ReadNext() {
  token_ = target_.Token();
  std::optional<Slice> slice;
  const auto read = [&](std::size_t rows) {
    Write([&] { slice = target_.store.Read(target_.id, lane_, rows, byte_limit_); });
  };
  read(NextRows());
  if (!slice) return slice;
  if (target_.HasNewToken()) token_ = target_.Token();
  const std::size_t sendable = SendableRows(*slice);
  if (sendable < slice->rows.size()) read(std::max<std::size_t>(1, sendable));
  return slice;
}

bool Lane::IsOld(const HitRow& row) const { return row.time_ms < target_.clock.NowMs() - kTokenlessAgeMs; }

bool Lane::NeedsToken(const HitRow& row) const { return !row.address.empty() || IsOld(row); }

// How many of the first rows may go together: none of the future. Without a token: those it is not needed for. With one
// that has not worked yet: these too, or a single one that needs it, since each failure counts in Matomo's lock against
// guessing.
std::size_t Lane::SendableRows(const Slice& slice) {
  const bool has_token = !token_.empty();
  const bool all_ages = has_token && target_.token_works;
  const auto stays = [&](const HitRow& row) {
    return EarlyBy(row) > milliseconds(0) || (!all_ages && (has_token ? NeedsToken(row) : IsOld(row)));
  };
  return static_cast<std::size_t>(std::ranges::find_if(slice.rows, stays) - slice.rows.begin());
}

void Lane::Send(const Slice& slice) {
  const TargetConfig& config = target_.config;
  bool still_next = false;
  Write([&] { still_next = target_.store.MarkInFlight(target_.id, lane_, slice); });
  if (!still_next) return;
  if (token_.empty() && IsOld(slice.rows.front())) return OnTooOld(slice);
  if (slice.attempts > (config.on_ambiguous == OnAmbiguous::kDrop ? 0 : config.ambiguous_retries)) {
    return SetAside(slice, "sent before, and the answer was lost");
  }
  const std::int64_t began_ms = target_.clock.NowMs();
  const Outcome outcome = Post(BulkBody(slice.rows, {config.site_id, token_, target_.key}), slice.rows.size());
  TellOf(slice, outcome, began_ms);
  if (outcome.kind == Outcome::Kind::kProcessed) return OnProcessed(slice, outcome);
  if (outcome.kind == Outcome::Kind::kAmbiguous) return OnAmbiguous(slice, outcome);

  Write([&] { target_.store.ClearInFlight(target_.id, lane_); });
  switch (outcome.kind) {
    case Outcome::Kind::kRolledBack:
      return OnRolledBack(slice, outcome);
    case Outcome::Kind::kTooLarge:
      return OnTooLarge(slice, outcome);
    case Outcome::Kind::kRefused:
      return OnRefused(slice, outcome);
    default:
      (void)Recover(outcome);
  }
}

void Lane::TellOf(const Slice& slice, const Outcome& outcome, std::int64_t began_ms) const {
  if (target_.observer == nullptr) return;
  const TargetConfig& config = target_.config;
  const std::vector<HitRow> last(
      slice.rows.end() - static_cast<std::ptrdiff_t>(std::min(kShownHits, slice.rows.size())), slice.rows.end());
  const std::string shown =
      config.identified ? "" : WithoutToken(BulkBody(last, {config.site_id, token_, target_.key}));
  const milliseconds duration(std::max<std::int64_t>(0, target_.clock.NowMs() - began_ms));
  target_.observer->OnDelivery({config.name, outcome.kind, began_ms, duration, slice.rows.size(), shown});
}

// Fresh hits must not wait for old ones for ever: they would be too old themselves. An import ends, and can be told to
// go on with a token.
void Lane::OnTooOld(const Slice& slice) {
  if (target_.until == Until::kDrained) {
    target_.store.ClearInFlight(target_.id, lane_);
    return GiveUp(
        TargetState::kNeedsToken,
        "hits are older than 24 hours, which Matomo takes only with a token: add one with write access to the "
        "site");
  }
  target_.TellOnce(
      "takes hits older than 24 hours only with a token: they are parked; add one with write access to the site");
  Write([&] { target_.store.Park(target_.id, lane_, slice, "older than 24 hours, and no token"); });
}

// A single hit that is refused by a target which takes others is no reason to keep them waiting, but many are.
void Lane::OnRefused(const Slice& slice, const Outcome& outcome) {
  const bool token_is_good = token_.empty() || target_.token_works || !NeedsToken(slice.rows.front());
  if (outcome.all_invalid && slice.rows.size() == 1 && target_.has_tracked && token_is_good &&
      ++target_.refused_in_a_row <= kMaxBuriedInARow) {
    target_.TellOnce("has parked hits that it refuses, though it takes others: see hushlog targets");
    return Write([&] { target_.store.Park(target_.id, lane_, slice, "refused, though others are taken"); });
  }
  GiveUp(TargetState::kRefused, outcome.message);
}

Outcome Lane::Post(std::string_view body, std::size_t rows) {
  // Before it leaves: there is a copy of everything that did, whatever happens on the way.
  if (target_.config.keep_sent.count() > 0) {
    Write([&] { target_.store.KeepSent(target_.id, WithoutToken(body), target_.clock.NowMs()); });
  }
  const std::int64_t began_ms = target_.clock.NowMs();
  const HttpReply reply = http_.Post(body, target_.stops.stop);
  const std::int64_t ended_ms = target_.clock.NowMs();
  if (reply.date_s > 0) target_.its_clock.Learn(began_ms, ended_ms, reply.date_s);
  Outcome outcome = JudgeReply(reply, {rows, !token_.empty()}, ended_ms / 1000);
  const bool processed = outcome.kind == Outcome::Kind::kProcessed;
  target_.NoteAnswer(processed ? fmt::format("{} hits tracked", outcome.answer.tracked) : outcome.message);
  return outcome;
}

void Lane::OnProcessed(const Slice& slice, const Outcome& outcome) {
  const std::size_t rows = slice.rows.size();
  Write([&] { target_.store.Acknowledge(target_.id, lane_, slice, outcome.answer); });
  row_limit_ = std::min(target_.config.batch_rows, row_limit_ + 1 + target_.config.batch_rows / kGrowthSteps);
  suspects_ -= std::min(suspects_, rows);
  if (suspects_ == 0) rollbacks_ = 0;
  failures_alone_ = 0;
  byte_limit_ = std::min(target_.config.batch_bytes, byte_limit_ + 1 + byte_limit_ / kByteGrowthSteps);
  if (outcome.answer.tracked > 0) {
    target_.buried_in_a_row = target_.refused_in_a_row = 0;
    target_.has_tracked = true;
  }

  if (!token_.empty()) {
    const auto needy =
        std::count_if(slice.rows.begin(), slice.rows.end(), [&](const HitRow& row) { return NeedsToken(row); });
    if (needy > 0 && outcome.answer.invalid >= needy) {
      target_.token_works = false;
      return GiveUp(
          TargetState::kRefused,
          "Matomo refuses the hits that need a token: check that it is valid, has write access to the site and "
          "is not limited to secure requests");
    }
    if (needy > 0) target_.token_works = true;
  }
  target_.ClearTrouble();
  target_.gate.Succeed(lane_);
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
    Write([&] { (void)target_.store.MarkAmbiguous(target_.id, lane_); });  // comes again with the next read
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
    return Write([&] { target_.store.Acknowledge(target_.id, lane_, slice, answer); });
  }
  Write([&] { target_.store.Park(target_.id, lane_, slice, reason); });
  target_.TellOnce("has parked hits whose answer was lost: to settle them, stop hushlog and see: hushlog targets");
}

void Lane::Bury(const Slice& slice, std::string_view reason) {
  if (++target_.buried_in_a_row > kMaxBuriedInARow) {
    return GiveUp(TargetState::kUnreachable,
                  "Matomo fails with one hit after the other, though it answers requests that record nothing: check "
                  "whether its database can be written to");
  }
  Write([&] { target_.store.Bury(target_.id, lane_, slice, reason); });
  suspects_ = 0;
  rollbacks_ = 0;
  failures_alone_ = 0;
}

// Waits, and asks the tracker with requests that record nothing, until it answers as it should; only one lane of a
// target does so. False: another lane already does, the target was given up, or an end is wanted.
bool Lane::Recover(const Outcome& trouble) {
  Gate& gate = target_.gate;
  if (target_.stops.stop.stop_requested() || !gate.TakeOver(lane_)) return false;
  const bool down = trouble.kind == Outcome::Kind::kNotProcessed || trouble.kind == Outcome::Kind::kAmbiguous;
  if (down) gate.CountFailure();
  for (Outcome last = trouble;;) {
    target_.NoteTrouble(TargetState::kUnreachable, last.message);
    if (gate.failures() >= target_.config.max_attempts) {
      if (target_.until == Until::kDrained) {
        gate.Close(TargetState::kUnreachable, last.message);
        return false;
      }
      target_.SetTrouble(TargetState::kUnreachable, last.message);
    }
    if (!Wait(Delay(last.retry_after))) return false;
    token_ = target_.HasNewToken() ? target_.Token() : token_;
    last = Post(HealthCheckBody({target_.config.site_id, token_, target_.key}), 1);
    if (last.kind == Outcome::Kind::kProcessed) {
      if (down) target_.ClearTrouble();
      return true;
    }
    if (last.kind == Outcome::Kind::kRefused) {
      GiveUp(TargetState::kRefused, last.message);
      return false;
    }
    gate.CountFailure();
  }
}

// The target does not take hits: not in this run, or it is left alone for some time, if its token stays the same. Then
// this lane tries again, alone.
void Lane::GiveUp(TargetState state, const std::string& message) {
  if (target_.until == Until::kDrained) return target_.gate.Close(state, message);
  if (!target_.gate.TakeOver(lane_)) return;
  target_.SetTrouble(state, message);
  for (milliseconds left = target_.NextPause(); left > milliseconds(0) && !target_.HasNewToken(); left -= kStep) {
    if (!Wait(std::min(left, kStep))) return;
  }
}

// In trouble. False: an end is wanted; then no lane of the target goes on.
bool Lane::Wait(milliseconds time) {
  if (target_.clock.Wait(time, target_.stops.finish)) return true;
  if (target_.until == Until::kFinished) target_.gate.Close(TargetState::kInterrupted, "");
  return false;
}

// Exponential with full jitter; what the target asks for comes on top.
milliseconds Lane::Delay(std::chrono::seconds asked_for) {
  const int doublings = std::clamp(target_.gate.failures() - 1, 0, 20);
  const milliseconds ceiling = std::min(kMaxDelay, target_.config.retry_delay * (1 << doublings));
  const double jittered = target_.clock.Random() * static_cast<double>(ceiling.count());
  return asked_for + milliseconds(std::llround(jittered));
}

}  // namespace hushlog
