#include "src/cli/chunk_pipeline.h"

#include <utility>

namespace hushlog {

ChunkPipeline::ChunkPipeline(const RuleSet& rules, DayKeys& keys, const TrustedProxies* proxies, int jobs,
                             bool identified) {
  // One chunk in each worker's hands, one waiting for it, and one in the hands of the consumer.
  const int works = jobs == 1 ? 1 : 2 * jobs + 1;
  for (int i = 0; i < works; ++i) idle_.push_back(std::make_unique<ChunkWork>());
  for (int i = 0; i < jobs; ++i)
    processors_.push_back(std::make_unique<LineProcessor>(rules, keys, proxies, identified));
  if (jobs == 1) return;
  for (const auto& processor : processors_) {
    threads_.emplace_back([this, worker = processor.get()](std::stop_token stop) { Work(stop, worker); });
  }
}

std::unique_ptr<ChunkWork> ChunkPipeline::Take() {
  std::unique_ptr<ChunkWork> work = std::move(idle_.back());
  idle_.pop_back();
  work->actions.clear();
  work->counts = {};
  work->done = false;
  work->error = nullptr;
  return work;
}

void ChunkPipeline::Run(LineProcessor* processor, ChunkWork* work) {
  try {
    processor->Process(work->format, work->chunk.text(), &work->actions, &work->counts);
  } catch (...) {
    work->error = std::current_exception();
  }
}

void ChunkPipeline::Submit(std::unique_ptr<ChunkWork> work) {
  ChunkWork* submitted = work.get();
  in_order_.push_back(std::move(work));
  if (threads_.empty()) {
    Run(processors_.front().get(), submitted);
    submitted->done = true;
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(submitted);
  }
  submitted_.notify_one();
}

std::unique_ptr<ChunkWork> ChunkPipeline::Finish() {
  std::unique_ptr<ChunkWork> work = std::move(in_order_.front());
  in_order_.pop_front();
  {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return work->done; });
  }
  if (work->error) std::rethrow_exception(work->error);
  return work;
}

void ChunkPipeline::Work(std::stop_token stop, LineProcessor* processor) {
  std::unique_lock lock(mutex_);
  while (submitted_.wait(lock, stop, [&] { return !queue_.empty(); })) {
    ChunkWork* work = queue_.front();
    queue_.pop_front();
    lock.unlock();
    Run(processor, work);
    lock.lock();
    work->done = true;
    finished_.notify_one();
  }
}

}  // namespace hushlog
