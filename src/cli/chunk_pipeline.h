// Runs LineProcessors on several threads and gives their results back in the order of the chunks.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "rules/ui_action.h"
#include "src/cli/line_processor.h"
#include "src/cli/summary.h"
#include "src/input/source.h"

namespace hushlog {

// A chunk on its way, with what was made of it. Recycled.
struct ChunkWork {
  Chunk chunk;
  std::shared_ptr<const LogFormat> format;
  ActionBatch actions;
  LineCounts counts;

  bool done = false;         // owned by ChunkPipeline
  std::exception_ptr error;  // thrown by Process
};

// Belongs to the thread that made it; only Process() of the workers runs elsewhere. Bounded: that thread holds at most
// capacity() works at a time.
class ChunkPipeline {
 public:
  // `jobs` = 1 processes in the calling thread. `identified` as for Recognizer.
  ChunkPipeline(const RuleSet& rules, DayKeys& keys, const TrustedProxies* proxies, int jobs, bool identified = false);

  bool empty() const { return in_order_.empty(); }
  bool full() const { return idle_.empty(); }

  // A work to fill; only while not full().
  std::unique_ptr<ChunkWork> Take();
  void Submit(std::unique_ptr<ChunkWork> work);
  // The result of the oldest submitted work; only while not empty(). Rethrows what Process threw.
  std::unique_ptr<ChunkWork> Finish();
  void Recycle(std::unique_ptr<ChunkWork> work) { idle_.push_back(std::move(work)); }

 private:
  void Work(std::stop_token stop, LineProcessor* processor);
  static void Run(LineProcessor* processor, ChunkWork* work);

  std::vector<std::unique_ptr<LineProcessor>> processors_;  // one a thread
  std::vector<std::unique_ptr<ChunkWork>> idle_;
  std::deque<std::unique_ptr<ChunkWork>> in_order_;

  std::mutex mutex_;
  std::condition_variable_any submitted_;
  std::condition_variable finished_;
  std::deque<ChunkWork*> queue_;       // guarded by mutex_, as is ChunkWork::done
  std::vector<std::jthread> threads_;  // last, so that they are joined before anything they use is destroyed
};

}  // namespace hushlog
