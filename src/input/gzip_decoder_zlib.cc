#include <zlib.h>

#include <algorithm>
#include <new>

#include "src/input/decoder.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxStep = 1 << 30;  // zlib counts in 32 bits

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    constexpr int kGzipFormat = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipFormat) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }

  Step Decode(std::string_view input, char* output, std::size_t capacity) noexcept override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(std::min(input.size(), kMaxStep));
    stream_.next_out = reinterpret_cast<Bytef*>(output);
    stream_.avail_out = static_cast<uInt>(std::min(capacity, kMaxStep));
    const uInt in = stream_.avail_in, out = stream_.avail_out;
    const int result = inflate(&stream_, Z_SYNC_FLUSH);
    const bool good = result == Z_OK || result == Z_BUF_ERROR;
    return {in - stream_.avail_in, out - stream_.avail_out,
            result == Z_STREAM_END ? State::kMemberEnd : (good ? State::kMore : State::kCorrupt)};
  }

 private:
  z_stream stream_ = {};
};

}  // namespace

std::unique_ptr<Decoder> NewGzipDecoder() { return std::make_unique<GzipDecoder>(); }

}  // namespace hushlog
