// Threads that deliver what is in the spool as it comes in, each target on its own.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "src/delivery/deliverer.h"

namespace hushlog {

// A target that cannot be reached or refuses hits is tried again, less and less often, and told once on standard error.
//
// Thread-safety: belongs to the thread that made it.
class TargetWorkers {
 public:
  // `store` must outlive the object.
  TargetWorkers(Store& store, const std::vector<TargetConfig>& targets);
  // Waits for requests that are on their way.
  ~TargetWorkers();

  // There are new hits.
  void Wake();
  // Throws what a worker has failed with: StoreError.
  void Check();
  // Delivers what waits for targets that work, for `limit` at most, and ends. False if requests are still on their way
  // a moment after that.
  bool Finish(std::chrono::milliseconds limit);

 private:
  void Work(const TargetConfig& target);
  bool Deliver(const TargetConfig& target, TargetState* told);
  bool WaitFor(std::chrono::milliseconds time, std::uint64_t* seen);
  void StopNow();

  Store& store_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::uint64_t news_ = 1;  // counts calls of Wake
  bool finishing_ = false;
  std::size_t running_ = 0;
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;  // last: joined before anything else is gone
};

}  // namespace hushlog
