#include "tests/delivery/delivery_fixture.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

namespace hushlog {

std::int64_t FakeClock::NowMs() {
  const std::lock_guard lock(mutex_);
  return now_ms_;
}

bool FakeClock::Wait(std::chrono::milliseconds time, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  now_ms_ += time.count();
  waits_.push_back(time);
  return !stop.stop_requested();
}

std::vector<std::chrono::milliseconds> FakeClock::waits() {
  const std::lock_guard lock(mutex_);
  return waits_;
}

Spool::Spool(const std::vector<std::string>& targets) : store_(Store::Open(directory_.path())) {
  for (const std::string& name : targets) store_->AddTarget(name);
}

void Spool::Fill(int count, int visitors, std::int64_t age_s, std::string_view address) {
  std::map<int, HitBatch> batches;
  for (int i = 0; i < count; ++i) {
    const int visitor = i % visitors;
    const std::int64_t time_s = kTestNowS - age_s - (count - 1 - i);
    const std::string params =
        fmt::format(R"("rec":"1","n":"{}","cid":"{}","cdt":"{}")", next_++, CidOf(visitor), time_s);
    batches[LaneOf(static_cast<std::uint64_t>(visitor))].Add({time_s * 1000, address, params});
  }
  WriteTransaction write = store_->BeginWrite();
  for (const auto& [lane, batch] : batches) write.Append(lane, batch);
  write.Commit();
}

void Spool::AddHit(int visitor, std::int64_t age_s, std::string_view address) {
  const std::int64_t time_s = kTestNowS - age_s;
  const std::string params =
      fmt::format(R"("rec":"1","n":"{}","cid":"{}","cdt":"{}")", next_++, CidOf(visitor), time_s);
  HitBatch batch;
  batch.Add({time_s * 1000, address, params});
  WriteTransaction write = store_->BeginWrite();
  write.Append(LaneOf(static_cast<std::uint64_t>(visitor)), batch);
  write.Commit();
}

void Spool::Reopen() {
  store_.reset();
  store_ = Store::Open(directory_.path());
}

void Spool::MarkInFlight(const std::string& target, int lane, std::size_t rows) {
  const std::int64_t id = store_->AddTarget(target);
  const std::optional<Slice> slice = store_->Read(id, lane, rows, 1 << 20);
  REQUIRE(slice);
  REQUIRE(store_->MarkInFlight(id, lane, *slice));
}

std::vector<TargetResult> Spool::Deliver(const std::vector<TargetConfig>& targets) {
  std::vector<TargetResult> results = hushlog::Deliver(
      *store_, targets, [] { return false; }, clock);
  REQUIRE(results.size() == targets.size());
  for (const TargetResult& result : results) {
    CheckLedger(result.ledger);
    CHECK(result.message.find(kTestToken) == std::string::npos);
    CHECK(result.message.find("127.0.0.1") == std::string::npos);
  }
  return results;
}

std::string CidOf(int visitor) { return fmt::format("{:016x}", visitor); }

TargetConfig ConfigFor(const test::ScriptedTracker& tracker, const std::string& name) {
  TargetConfig config;
  config.name = name;
  config.url = tracker.url();
  config.site_id = 1;
  return config;
}

TargetConfig ConfigForNobody(const std::string& name) { return ConfigFor(test::ScriptedTracker(), name); }

test::TrackerOptions TrackerOptionsOf(int site_id) {
  test::TrackerOptions options;
  options.site_id = site_id;
  options.token = kTestToken;
  options.now_s = [] { return kTestNowS; };
  return options;
}

void CheckLedger(const TargetLedger& ledger) {
  CHECK(ledger.sent == ledger.tracked + ledger.invalid + ledger.unaccounted);
  CHECK(ledger.hits == ledger.sent + ledger.parked + ledger.dead + ledger.pending);
}

std::vector<int> TimesRecorded(const test::ScriptedTracker& tracker, int count) {
  std::vector<int> times(static_cast<std::size_t>(count));
  for (const auto& row : tracker.recorded()) ++times.at(static_cast<std::size_t>(std::stoi(row.at("n"))));
  return times;
}

void CheckEachOnce(const test::ScriptedTracker& tracker, int count) {
  CHECK(TimesRecorded(tracker, count) == std::vector<int>(static_cast<std::size_t>(count), 1));
}

}  // namespace hushlog
