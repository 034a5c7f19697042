#include "src/input/decoder.h"

#include <bzlib.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace hushlog {
namespace {

constexpr std::uint64_t kMemoryLimit = 128 << 20;
constexpr std::size_t kMaxStep = 1 << 30;  // bzip2 counts in 32 bits

class Bzip2Decoder final : public Decoder {
 public:
  Bzip2Decoder() {
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
  }
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&stream_); }

  Step Decode(std::string_view input, char* output, std::size_t capacity) noexcept override {
    stream_.next_in = const_cast<char*>(input.data());
    stream_.avail_in = static_cast<unsigned>(std::min(input.size(), kMaxStep));
    stream_.next_out = output;
    stream_.avail_out = static_cast<unsigned>(std::min(capacity, kMaxStep));
    const unsigned in = stream_.avail_in, out = stream_.avail_out;
    const int result = BZ2_bzDecompress(&stream_);
    return {in - stream_.avail_in, out - stream_.avail_out,
            result == BZ_STREAM_END ? State::kMemberEnd : (result == BZ_OK ? State::kMore : State::kCorrupt)};
  }

 private:
  bz_stream stream_ = {};
};

class XzDecoder final : public Decoder {
 public:
  XzDecoder() {
    if (lzma_stream_decoder(&stream_, kMemoryLimit, 0) != LZMA_OK) throw std::bad_alloc();
  }
  ~XzDecoder() override { lzma_end(&stream_); }

  Step Decode(std::string_view input, char* output, std::size_t capacity) noexcept override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(output);
    stream_.avail_out = capacity;
    const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
    const bool good = result == LZMA_OK || result == LZMA_BUF_ERROR;
    return {input.size() - stream_.avail_in, capacity - stream_.avail_out,
            result == LZMA_STREAM_END ? State::kMemberEnd : (good ? State::kMore : State::kCorrupt)};
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream(), ZSTD_freeDStream) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }

  Step Decode(std::string_view input, char* output, std::size_t capacity) noexcept override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output, capacity, 0};
    const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
    const State state = ZSTD_isError(result) ? State::kCorrupt : (result == 0 ? State::kMemberEnd : State::kMore);
    return {in.pos, out.pos, state};
  }

 private:
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
};

bool IsBzip2(std::string_view bytes) {
  if (bytes.size() < 10 || !bytes.starts_with("BZh") || bytes[3] < '1' || bytes[3] > '9') return false;
  const std::string_view block = bytes.substr(4, 6);
  return block == "1AY&SY" || block == "\x17rE8P\x90";  // a first block, or the end of an empty stream
}

bool IsZstd(std::string_view bytes) {
  using std::string_view_literals::operator""sv;
  if (bytes.size() < 4) return false;
  // A skippable frame (pzstd begins with one) has sixteen magic numbers.
  return bytes.starts_with("\x28\xB5\x2F\xFD"sv) ||
         ((bytes[0] & 0xF0) == 0x50 && bytes.substr(1, 3) == "\x2A\x4D\x18"sv);
}

}  // namespace

Compression DetectCompression(std::string_view beginning) noexcept {
  using std::string_view_literals::operator""sv;
  if (beginning.starts_with("\x1F\x8B\x08"sv)) return Compression::kGzip;
  if (beginning.starts_with("\xFD\x37zXZ\0"sv)) return Compression::kXz;
  if (IsBzip2(beginning)) return Compression::kBzip2;
  if (IsZstd(beginning)) return Compression::kZstd;
  return Compression::kNone;
}

std::unique_ptr<Decoder> NewDecoder(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return NewGzipDecoder();
    case Compression::kBzip2:
      return std::make_unique<Bzip2Decoder>();
    case Compression::kXz:
      return std::make_unique<XzDecoder>();
    case Compression::kZstd:
      return std::make_unique<ZstdDecoder>();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

}  // namespace hushlog
