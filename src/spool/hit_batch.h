// Encoded hits of one lane, as they are stored.
//
// A row holds the tracking parameters as the inside of a JSON object, without idsite, cid, address and token, which
// depend on the target: `"rec":"1","action_name":"Dashboard","url":"...","cdt":"..."`. Layout of a body, integers
// little-endian:
//   row := u32 size of params | u8 size of address | i64 time_ms | u64 visitor | address | params
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

struct HitRow {
  std::int64_t time_ms = 0;   // UTC
  std::string_view address;   // masked, may be empty; at most 255 bytes
  std::string_view params;    // inside of a JSON object, UTF-8
  std::uint64_t visitor = 0;  // pseudonym, of which each target gets another one (VisitorFor); 0: nobody's
};

class HitBatch {
 public:
  // Throws std::length_error if a field is longer than its size can tell.
  void Add(const HitRow& row);
  void clear();  // keeps the memory
  std::uint32_t rows() const { return rows_; }
  const std::string& body() const { return body_; }
  // Earliest and latest time of the rows; 0 if there is none.
  std::int64_t first_ms() const { return first_ms_; }
  std::int64_t last_ms() const { return last_ms_; }

 private:
  std::string body_;
  std::uint32_t rows_ = 0;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
};

// Rows of a stored body, as views into it, appended to `rows`. Returns false if the body is broken.
[[nodiscard]] bool DecodeRows(std::string_view body, std::vector<HitRow>* rows);

}  // namespace hushlog
