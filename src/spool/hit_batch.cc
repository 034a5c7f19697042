#include "src/spool/hit_batch.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace hushlog {
namespace {

constexpr std::size_t kHeaderSize = 4 + 1 + 8 + 8;

void PutLittleEndian(std::uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

void HitBatch::Add(const HitRow& row) {
  if (row.params.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("params of a hit too long");
  if (row.address.size() > std::numeric_limits<std::uint8_t>::max())
    throw std::length_error("address of a hit too long");
  first_ms_ = rows_ == 0 ? row.time_ms : std::min(first_ms_, row.time_ms);
  last_ms_ = rows_ == 0 ? row.time_ms : std::max(last_ms_, row.time_ms);
  ++rows_;
  PutLittleEndian(row.params.size(), 4, &body_);
  PutLittleEndian(row.address.size(), 1, &body_);
  PutLittleEndian(static_cast<std::uint64_t>(row.time_ms), 8, &body_);
  PutLittleEndian(row.visitor, 8, &body_);
  body_.append(row.address).append(row.params);
}

void HitBatch::clear() {
  body_.clear();
  rows_ = 0;
  first_ms_ = last_ms_ = 0;
}

bool DecodeRows(std::string_view body, std::vector<HitRow>* rows) {
  while (!body.empty()) {
    if (body.size() < kHeaderSize) return false;
    const std::size_t params_size = LittleEndian(body.substr(0, 4));
    const std::size_t address_size = LittleEndian(body.substr(4, 1));
    HitRow row;
    row.time_ms = static_cast<std::int64_t>(LittleEndian(body.substr(5, 8)));
    row.visitor = LittleEndian(body.substr(13, 8));
    body.remove_prefix(kHeaderSize);
    if (body.size() < params_size + address_size) return false;
    row.address = body.substr(0, address_size);
    row.params = body.substr(address_size, params_size);
    body.remove_prefix(address_size + params_size);
    rows->push_back(row);
  }
  return true;
}

}  // namespace hushlog
