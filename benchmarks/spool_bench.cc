// How fast hits are made durable, and handed out again.
//
// Imitates ingest and delivery of the state database: rows of 400 bytes of params, as page views have; one commit a
// batch, with a source checkpoint; slices of 200 rows, each with its two commits (in flight, acknowledged). The
// directory is that of temporary files: set TMPDIR to measure another disk.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "src/spool/store.h"

namespace hushlog {
namespace {

constexpr std::size_t kParams = 400;
constexpr std::size_t kSliceRows = 200;
constexpr std::size_t kSliceBytes = 512 << 10;

struct State {
  std::string directory = (std::filesystem::temp_directory_path() / "hushlog-bench-XXXXXX").string();
  std::unique_ptr<Store> store;
  std::int64_t target = 0;

  State() {
    if (mkdtemp(directory.data()) == nullptr) std::abort();
    store = Store::Open(directory);
    target = store->AddTarget("bench");
  }
  ~State() {
    store.reset();
    std::filesystem::remove_all(directory);
  }
};

HitBatch MakeBatch(std::size_t bytes) {
  HitBatch batch;
  const std::string params(kParams, 'p');
  for (std::int64_t time = 0; batch.body().size() < bytes; ++time) batch.Add({time, "192.0.2.0", params});
  return batch;
}

void Write(Store& store, const HitBatch& batch) {
  WriteTransaction write = store.BeginWrite();
  write.PutSource(1, "checkpoint");
  write.Append(0, batch);
  write.Count("lines_read", batch.rows());
  write.Commit();
}

// Returns the rows delivered.
std::int64_t DeliverAll(Store& store, std::int64_t target) {
  std::int64_t rows = 0;
  while (const auto slice = store.Read(target, 0, kSliceRows, kSliceBytes)) {
    const auto size = static_cast<std::int64_t>(slice->rows.size());
    if (!store.MarkInFlight(target, 0, *slice)) return 0;
    store.Acknowledge(target, 0, *slice, {size, 0, 0});
    rows += size;
  }
  return rows;
}

void Commit(benchmark::State& run) {
  State state;
  const HitBatch batch = MakeBatch(static_cast<std::size_t>(run.range(0)));
  constexpr std::int64_t kBacklog = 256 << 20;
  std::int64_t rows = 0;
  for (auto _ : run) {
    Write(*state.store, batch);
    rows += batch.rows();
    if (rows * static_cast<std::int64_t>(kParams) % kBacklog < run.range(0)) {
      run.PauseTiming();
      DeliverAll(*state.store, state.target);
      run.ResumeTiming();
    }
  }
  if (state.store->LedgerOf(state.target).hits != rows) run.SkipWithError("hits are missing");
  run.SetItemsProcessed(run.iterations());
  run.SetBytesProcessed(run.iterations() * static_cast<std::int64_t>(batch.body().size()));
}
BENCHMARK(Commit)->Arg(64 << 10)->Arg(256 << 10)->Arg(1 << 20)->UseRealTime()->Unit(benchmark::kMillisecond);

void Deliver(benchmark::State& run) {
  State state;
  const HitBatch batch = MakeBatch(static_cast<std::size_t>(run.range(0)));
  std::int64_t rows = 0;
  for (auto _ : run) {
    run.PauseTiming();
    for (int i = 0; i < 32; ++i) Write(*state.store, batch);
    run.ResumeTiming();
    rows += DeliverAll(*state.store, state.target);
  }
  const TargetLedger ledger = state.store->LedgerOf(state.target);
  if (ledger.tracked != rows || ledger.pending != 0) run.SkipWithError("rows are missing");
  run.SetItemsProcessed(rows);
}
BENCHMARK(Deliver)->Arg(64 << 10)->Arg(1 << 20)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hushlog

BENCHMARK_MAIN();
