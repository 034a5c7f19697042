#include <isa-l/igzip_lib.h>

#include <algorithm>

#include "src/input/decoder.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxStep = 1 << 30;  // ISA-L counts in 32 bits

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    isal_inflate_init(&state_);
    isal_gzip_header_init(&header_);
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;  // what comes after the header: text and checksum
  }

  Step Decode(std::string_view input, char* output, std::size_t capacity) noexcept override {
    state_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input.data()));
    state_.avail_in = static_cast<std::uint32_t>(std::min(input.size(), kMaxStep));
    state_.next_out = reinterpret_cast<std::uint8_t*>(output);
    state_.avail_out = static_cast<std::uint32_t>(std::min(capacity, kMaxStep));
    const std::uint32_t in = state_.avail_in, out = state_.avail_out;
    const State state = Advance();
    return {in - state_.avail_in, out - state_.avail_out, state};
  }

 private:
  // isal_inflate would read the header too, but forgets what it holds between two calls.
  State Advance() noexcept {
    if (!has_header_) {
      const int result = isal_read_gzip_header(&state_, &header_);
      if (result == ISAL_END_INPUT) return State::kMore;
      if (result != ISAL_DECOMP_OK) return State::kCorrupt;
      has_header_ = true;
    }
    if (isal_inflate(&state_) < 0) return State::kCorrupt;
    return state_.block_state == ISAL_BLOCK_FINISH ? State::kMemberEnd : State::kMore;
  }

  inflate_state state_;
  isal_gzip_header header_;
  bool has_header_ = false;
};

}  // namespace

std::unique_ptr<Decoder> NewGzipDecoder() { return std::make_unique<GzipDecoder>(); }

}  // namespace hushlog
