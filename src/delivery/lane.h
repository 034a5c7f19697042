// Sends the hits of one lane to one target, slice after slice.
//
// What follows from an answer (see outcome.h):
//   processed      the slice is done.
//   not processed  nothing was recorded. The target is asked with requests that record nothing until it answers.
//   rolled back    a hit the tracker cannot digest, or a tracker in trouble. As long as requests that record nothing
//                  succeed, the slice is tried again, then in halves, down to the one hit, which is buried.
//   too large      tried again in halves; a single hit that is too large is buried.
//   refused        the target is given up for now; nothing is done with the slice.
//   ambiguous      as TargetConfig::on_ambiguous says; the next slices are smaller.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "src/delivery/bulk_body.h"
#include "src/delivery/clock.h"
#include "src/delivery/deliverer.h"
#include "src/delivery/gate.h"
#include "src/delivery/http_client.h"
#include "src/delivery/outcome.h"
#include "src/spool/store.h"

namespace hushlog {

// What the lanes of a target share; outlives them. Thread-safety: all may be used from any thread.
struct Target {
  Target(Store& the_store, Clock& the_clock, TargetConfig its_config, std::int64_t its_id, std::stop_token stop_token)
      : store(the_store),
        clock(the_clock),
        config(std::move(its_config)),
        id(its_id),
        stop(std::move(stop_token)),
        key(the_store.TargetKeyOf(its_id)),
        gate(config.lanes, stop) {}

  Receiver ReceiverOfHits() const { return {config.site_id, config.token_auth, key}; }

  Store& store;
  Clock& clock;
  const TargetConfig config;
  const std::int64_t id;
  const std::stop_token stop;
  const TargetKey key;
  Gate gate;
  std::atomic<bool> token_works{false};       // a hit that needs the token was accepted
  std::atomic<int> buried_in_a_row{0};        // hits buried since one was accepted
  std::atomic<std::int64_t> clock_skew_s{0};  // how far hits were ahead of the target's clock
};

// Belongs to one thread.
class Lane {
 public:
  Lane(Target& target, int lane);
  // Until nothing is left, the target is given up or a stop requested. Throws StoreError.
  void Run();

 private:
  std::optional<Slice> ReadNext();
  std::size_t NextRows();
  std::size_t SendableRows(const Slice& slice);
  bool NeedsToken(const HitRow& row) const;
  bool IsOld(const HitRow& row) const;

  void Send(const Slice& slice);
  Outcome Post(std::string_view body, std::size_t rows);
  void OnProcessed(const Slice& slice, const Outcome& outcome);
  void OnRolledBack(const Slice& slice, const Outcome& outcome);
  void OnTooLarge(const Slice& slice, const Outcome& outcome);
  void OnAmbiguous(const Slice& slice, const Outcome& outcome);
  void SetAside(const Slice& slice, std::string_view reason);
  void Bury(const Slice& slice, std::string_view reason);
  bool Recover(const Outcome& trouble);
  std::chrono::milliseconds Delay(std::chrono::seconds asked_for);
  void NoteClockSkew(const Slice& slice);

  Target& target_;
  const int lane_;
  HttpClient http_;
  std::int64_t reply_date_s_ = 0;  // of the last answer; 0 if it did not say
  std::size_t row_limit_;          // halved when an answer is lost, grows again slowly
  std::size_t byte_limit_;         // halved when a request is too large
  std::size_t suspects_ = 0;       // the next so many rows made the tracker fail together
  int rollbacks_ = 0;              // failures in a row since the first of the suspects
  int failures_alone_ = 0;         // of the next row alone, in a row
};

}  // namespace hushlog
