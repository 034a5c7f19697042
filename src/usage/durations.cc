#include "src/usage/durations.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace hushlog {
namespace {

// A duration is told apart by its highest bit and the three bits below it.
constexpr int kBitsBelow = 3;
constexpr std::uint32_t kBucketsOfDoubling = 1U << kBitsBelow;
constexpr std::uint64_t kExactBelow = std::uint64_t{2} << kBitsBelow;
constexpr std::uint32_t kBuckets = (64 - kBitsBelow) * kBucketsOfDoubling;

void AppendNumber(std::uint64_t number, std::string* out) {
  for (; number >= 0x80; number >>= 7) out->push_back(static_cast<char>(number | 0x80));
  out->push_back(static_cast<char>(number));
}

std::optional<std::uint64_t> TakeNumber(std::string_view* bytes) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 63 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace

std::uint32_t Durations::BucketOf(std::int64_t microseconds) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(microseconds, 0));
  if (value < kExactBelow) return static_cast<std::uint32_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kBitsBelow;
  return static_cast<std::uint32_t>(shift) * kBucketsOfDoubling + static_cast<std::uint32_t>(value >> shift);
}

double Durations::MiddleOf(std::uint32_t bucket) {
  if (bucket < kExactBelow) return bucket;
  const auto shift = static_cast<int>(bucket / kBucketsOfDoubling) - 1;
  return std::ldexp(bucket % kBucketsOfDoubling + kBucketsOfDoubling + 0.5, shift);
}

void Durations::AddTo(std::uint32_t bucket, std::uint64_t count) {
  const auto at = std::ranges::lower_bound(buckets_, bucket, {}, &Bucket::number);
  if (at != buckets_.end() && at->number == bucket) {
    at->count += count;
  } else {
    buckets_.insert(at, {bucket, count});
  }
}

void Durations::Add(const Durations& other) {
  for (const Bucket& bucket : other.buckets_) AddTo(bucket.number, bucket.count);
}

std::int64_t Durations::count() const {
  std::uint64_t count = 0;
  for (const Bucket& bucket : buckets_) count += bucket.count;
  return static_cast<std::int64_t>(count);
}

double Durations::Quantile(double quantile) const {
  const double rank = std::ceil(quantile * static_cast<double>(count()));
  double passed = 0;
  for (const Bucket& bucket : buckets_) {
    passed += static_cast<double>(bucket.count);
    if (passed >= rank) return MiddleOf(bucket.number);
  }
  return 0;
}

std::string Durations::Encode() const {
  std::string bytes;
  std::uint32_t last = 0;
  for (const Bucket& bucket : buckets_) {
    AppendNumber(bucket.number - last, &bytes);
    AppendNumber(bucket.count, &bytes);
    last = bucket.number;
  }
  return bytes;
}

bool Durations::Decode(std::string_view bytes) {
  std::vector<Bucket> buckets;
  std::uint64_t number = 0;
  while (!bytes.empty()) {
    const auto distance = TakeNumber(&bytes);
    const auto count = TakeNumber(&bytes);
    const bool first = buckets.empty();
    if (!distance || !count || *count == 0 || *distance >= kBuckets || (*distance == 0 && !first)) return false;
    number += *distance;
    if (number >= kBuckets) return false;
    buckets.push_back({static_cast<std::uint32_t>(number), *count});
  }
  buckets_ = std::move(buckets);
  return true;
}

}  // namespace hushlog
