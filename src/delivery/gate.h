// Lets the lanes of one target send: all at once while it is well, one at a time when it is new or in trouble.
#pragma once

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
  // At most `senders` lanes send at the same time. Starts with the probe: one lane sends, the others wait.
  Gate(int senders, std::stop_token stop);

  // Waits until the lane may send. False: the target was given up or a stop requested.
  [[nodiscard]] bool Enter(int lane);
  // The lane is done with what it entered for, and will come again.
  void Leave();
  // The lane has nothing left to send.
  void Finish(int lane);

  // Whether the lane alone may send, to find out if the target is well.
  bool Probing(int lane);
  // Trouble: makes the lane the only one that sends; false if another already is.
  [[nodiscard]] bool TakeOver(int lane);
  // The target works again: lets all lanes in if it was `lane` that kept them out.
  void Open(int lane);

  // Failures in a row, over all lanes.
  void CountFailure();
  void ClearFailures();
  int failures();

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

  const int senders_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;     // guarded by mutex_, as all below
  int prober_ = kNobody;  // while not open_
  int sending_ = 0;
  int failures_ = 0;
  std::optional<Verdict> verdict_;
};

}  // namespace hushlog
