// hushlog tail between a log with numbered lines and a tracker, to be killed in all sorts of ways. hushlog runs in
// processes of its own, one after the other; log, tracker and what it got live on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/service.h"
#include "tests/faults/hit_counts.h"
#include "tests/faults/numbered_log.h"
#include "tests/support/scripted_tracker.h"
#include "tests/support/temp_dir.h"

namespace hushlog::test {

// Thread-safety: belongs to one thread.
class Rig {
 public:
  enum class Ambiguous : std::uint8_t { kPark, kResend };

  // `script`: of the tracker. `pattern`: of the log, within its directory.
  Rig(Ambiguous policy, std::string_view script, std::string_view pattern);

  // Runs hushlog with a log that grows and is rotated meanwhile, and asks it to stop. Returns true if it was killed at
  // the `pass`-th pass of the failpoint, which may happen at any time of this.
  bool RunUntil(std::string_view failpoint, int pass);
  // From when on the time is measured until the process is killed.
  enum class Since : std::uint8_t { kStart, kReady };
  // Starts hushlog and kills it `after` this time; calls `meanwhile` again and again until then.
  void RunAndKill(Since since, std::chrono::milliseconds after, const std::function<void()>& meanwhile);
  // Starts hushlog, lets it read and deliver what is there, and stops it.
  void RunUnharmed() { (void)RunToTheEnd(); }
  // Lets hushlog run until all is done that waits, and checks what has become of each line.
  void FinishAndCheck();

  NumberedLog& log() { return log_; }
  // Hits that were on their way in requests when the process was killed, at most.
  std::int64_t most_copies_by_kills() const { return most_copies_by_kills_; }
  // Files in the state directory.
  std::vector<std::string> StateFiles() const;
  void Rotate() { log_.Rotate(static_cast<Rotation>(rotations_++ % 3)); }

 private:
  std::string StateDirectory() const { return directory_ / "state"; }
  std::vector<std::string> Command() const { return {"tail", "--config", directory_ / "config"}; }
  void WriteConfig(std::string_view pattern) const;
  void NoteKill();
  int CheckLedger() const;
  std::int64_t RunToTheEnd() const;

  const Ambiguous policy_;
  TempDir directory_;
  HitCounts counts_;
  std::unique_ptr<ScriptedTracker> tracker_;
  NumberedLog log_;
  int rotations_ = 0;
  std::int64_t most_copies_by_kills_ = 0;
};

}  // namespace hushlog::test
