// Sends the hits of one lane to one target, slice after slice.
//
// What follows from an answer (see outcome.h):
//   processed      the slice is done.
//   not processed  nothing was recorded. The target is asked with requests that record nothing until it answers.
//   rolled back    a hit the tracker cannot digest, or a tracker in trouble. As long as requests that record nothing
//                  succeed, the slice is tried again, then in halves, down to the one hit, which is buried.
//   too large      tried again in halves; a single hit that is too large is buried.
//   refused        the target is given up, or tried again later (Until); nothing is done with the slice.
//   ambiguous      as TargetConfig::on_ambiguous says; the next slices are smaller.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/delivery/http_client.h"
#include "src/delivery/outcome.h"
#include "src/delivery/target.h"
#include "src/spool/store.h"

namespace hushlog {

// Belongs to one thread.
class Lane {
 public:
  Lane(Target& target, int lane);
  // Until nothing is left (Until::kDrained), the target is given up or it is to come to an end. Throws StoreError.
  void Run();

 private:
  std::optional<Slice> ReadNext();
  bool HoldBack(const Slice& slice);
  void AskForTime();
  std::size_t NextRows();
  std::size_t SendableRows(const Slice& slice);
  bool NeedsToken(const HitRow& row) const;
  bool IsOld(const HitRow& row) const;
  std::chrono::milliseconds EarlyBy(const HitRow& row) const;

  void Send(const Slice& slice);
  Outcome Post(std::string_view body, std::size_t rows);
  void TellOf(const Slice& slice, const Outcome& outcome, std::int64_t began_ms) const;
  void OnProcessed(const Slice& slice, const Outcome& outcome);
  void OnTooOld(const Slice& slice);
  void OnRefused(const Slice& slice, const Outcome& outcome);
  void OnRolledBack(const Slice& slice, const Outcome& outcome);
  void OnTooLarge(const Slice& slice, const Outcome& outcome);
  void OnAmbiguous(const Slice& slice, const Outcome& outcome);
  void SetAside(const Slice& slice, std::string_view reason);
  void Bury(const Slice& slice, std::string_view reason);
  bool Recover(const Outcome& trouble);
  void GiveUp(TargetState state, const std::string& message);
  bool Wait(std::chrono::milliseconds time);
  std::chrono::milliseconds Delay(std::chrono::seconds asked_for);
  template <typename Action>
  void Write(Action action);

  Target& target_;
  const int lane_;
  HttpClient http_;
  std::string token_;                  // as the slice is sent with
  std::size_t row_limit_;              // halved when an answer is lost, grows again slowly
  std::size_t byte_limit_;             // halved when a request is too large
  std::size_t suspects_ = 0;           // the next so many rows made the tracker fail together
  int rollbacks_ = 0;                  // failures in a row since the first of the suspects
  std::int64_t next_question_ms_ = 0;  // for the time
  int failures_alone_ = 0;             // of the next row alone, in a row
};

}  // namespace hushlog
