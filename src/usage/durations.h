// How long calls took: counts by size, which can be added up and still tell quantiles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

// A bucket for each eighth of a doubling, so that a quantile is off by 7 % at most, whatever its size. What is below 16
// microseconds is exact.
//
// Thread-safety: none, as of a value.
class Durations {
 public:
  void Add(std::int64_t microseconds) { AddTo(BucketOf(microseconds), 1); }
  void Add(const Durations& other);
  bool empty() const { return buckets_.empty(); }
  std::int64_t count() const;

  // The duration, in microseconds, that a share of `quantile` (0 to 1) of them does not exceed. 0 if there is none.
  double Quantile(double quantile) const;

  // As it is stored: for each bucket, smallest first, its distance from the one before and its count, as LEB128.
  std::string Encode() const;
  // False if `bytes` is not what Encode gives; then nothing is changed.
  [[nodiscard]] bool Decode(std::string_view bytes);

 private:
  struct Bucket {
    std::uint32_t number = 0;
    std::uint64_t count = 0;
  };

  static std::uint32_t BucketOf(std::int64_t microseconds);
  static double MiddleOf(std::uint32_t bucket);
  void AddTo(std::uint32_t bucket, std::uint64_t count);

  std::vector<Bucket> buckets_;  // by number, none of them empty
};

}  // namespace hushlog
