#include "tests/input/archives.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <stdexcept>

namespace hushlog {
namespace {

void Require(bool good) {
  if (!good) throw std::runtime_error("compression failed");
}

std::size_t Bound(std::string_view text) { return text.size() + text.size() / 50 + 1024; }

}  // namespace

std::string Gzip(std::string_view text) {
  std::string out(Bound(text), '\0');
  z_stream stream = {};
  Require(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  Require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Bzip2(std::string_view text) {
  std::string out(Bound(text), '\0');
  auto size = static_cast<unsigned>(out.size());
  Require(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                   static_cast<unsigned>(text.size()), 1, 0, 0) == BZ_OK);
  out.resize(size);
  return out;
}

std::string Xz(std::string_view text) {
  std::string out(Bound(text), '\0');
  std::size_t size = 0;
  Require(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size,
                                  out.size()) == LZMA_OK);
  out.resize(size);
  return out;
}

std::string Zstd(std::string_view text) {
  std::string out(Bound(text), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1);
  Require(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

}  // namespace hushlog
