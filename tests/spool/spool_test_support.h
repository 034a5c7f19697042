// What the tests of the state database share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/spool/store.h"

namespace hushlog::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hushlog-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteFile(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << contents;
}

// Rows whose params are the numbers from `first` on.
inline HitBatch NumberedRows(int first, int count) {
  HitBatch batch;
  for (int i = first; i < first + count; ++i) batch.Add({1000 + i, "192.0.2.0", std::to_string(i)});
  return batch;
}

inline void CommitDayKeys(Store& store) { store.BeginWrite().Commit(); }

// Of the days from 0 to before `day`.
inline void DestroyDayKeysBefore(Store& store, std::int32_t day) {
  std::vector<std::int32_t> days(static_cast<std::size_t>(day));
  std::iota(days.begin(), days.end(), 0);
  store.DestroyDayKeys(days);
}

inline void Append(Store& store, int lane, const HitBatch& batch) {
  WriteTransaction write = store.BeginWrite();
  write.Append(lane, batch);
  write.Commit();
}

inline std::vector<int> Numbers(const Slice& slice) {
  std::vector<int> numbers;
  for (const HitRow& row : slice.rows) numbers.push_back(std::stoi(std::string(row.params)));
  return numbers;
}

inline std::vector<int> Range(int first, int count) {
  std::vector<int> numbers;
  for (int i = first; i < first + count; ++i) numbers.push_back(i);
  return numbers;
}

inline std::int64_t Scalar(Store& store, std::string_view sql) {
  Statement statement = store.database().Prepare(sql);
  return statement.Step() ? statement.Integer(0) : 0;
}

// All rows tracked.
inline void AcknowledgeAll(Store& store, std::int64_t target, int lane, const Slice& slice) {
  store.Acknowledge(target, lane, slice, {static_cast<std::int64_t>(slice.rows.size()), 0, 0});
}

// What waits for a target, counted the slow way.
inline std::int64_t PendingByCounting(Store& store, std::int64_t target) {
  Statement statement = store.database().Prepare(
      "SELECT coalesce(sum(b.rows - iif(b.sequence=c.sequence, c.row, 0)), 0) FROM batch b JOIN cursor c ON "
      "c.lane=b.lane WHERE c.target=?1 AND b.sequence>=c.sequence AND (b.audience >> ?1) & 1");
  statement.Bind(1, target).Step();
  return statement.Integer(0);
}

// Rows put aside, counted the slow way.
inline std::int64_t KeptByCounting(Store& store, std::int64_t target, bool parked) {
  std::int64_t rows = 0;
  for (const KeptRows& kept : store.KeptRowsOf(target)) rows += kept.parked == parked ? kept.rows : 0;
  return rows;
}

inline bool LedgerAddsUp(Store& store, std::int64_t target) {
  const TargetLedger ledger = store.LedgerOf(target);
  return ledger.hits == ledger.sent + ledger.parked + ledger.dead + ledger.pending &&
         ledger.sent == ledger.tracked + ledger.invalid + ledger.unaccounted &&
         ledger.pending == PendingByCounting(store, target) && ledger.parked == KeptByCounting(store, target, true) &&
         ledger.dead == KeptByCounting(store, target, false);
}

}  // namespace hushlog::testing
