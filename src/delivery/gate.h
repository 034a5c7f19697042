// Lets the lanes of one target send: one at a time while it is new or in trouble, then as many as it takes well.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "src/delivery/deliverer.h"

namespace hushlog {

// Thread-safety: all functions may be called from any thread; each lane is one thread.
class Gate {
 public:
  // At most `senders` lanes send at the same time: one more whenever each of those that may has had a success, half of
  // them after trouble. Starts with the probe: one lane sends, the others wait.
  Gate(int senders, std::stop_token stop);

  // Waits until the lane may send, in the order of asking. False: the target was given up or a stop requested.
  [[nodiscard]] bool Enter(int lane);
  // The lane is done with what it entered for, and will come again.
  void Leave();
  // The lane has nothing left to send.
  void Finish(int lane);

  // Whether the lane alone may send, to find out if the target is well.
  bool Probing(int lane);
  // Trouble: makes the lane the only one that sends; false if another already is.
  [[nodiscard]] bool TakeOver(int lane);
  // The target works again: lets other lanes in if it was `lane` that kept them out.
  void Open(int lane);
  // What the lane has sent was processed.
  void Succeed(int lane);

  // Failures in a row, over all lanes.
  void CountFailure();
  int failures();
  // How many lanes may send at the same time, and how many wait.
  int senders();
  int waiting();

  // Gives the target up; the first reason stays.
  void Close(TargetState state, std::string message);
  struct Verdict {
    TargetState state;
    std::string message;
  };
  std::optional<Verdict> verdict();

 private:
  static constexpr int kNobody = -1;
  bool MayEnter(int lane) const;
  bool IsFirstOfWaiting(int lane) const;
  void OpenLocked(int lane);

  const int most_senders_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;     // guarded by mutex_, as all below
  int prober_ = kNobody;  // while not open_
  int senders_ = 1;
  int successes_ = 0;  // since senders_ has changed
  int sending_ = 0;
  int failures_ = 0;
  std::uint64_t last_ticket_ = 0;
  std::array<std::uint64_t, kLanes> tickets_{};  // of lanes that wait, by lane; 0: does not
  std::optional<Verdict> verdict_;
};

}  // namespace hushlog
