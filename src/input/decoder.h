// Decompresses one stream of bytes at a time: gzip, bzip2, xz or zstd.
//
// libarchive would do all four, but gives up the last 64 KiB of good text when an archive is cut off, which for most
// rotated logs is all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hushlog {

enum class Compression : std::uint8_t { kNone, kGzip, kBzip2, kXz, kZstd };

// So many bytes tell the compression.
inline constexpr std::size_t kMagicBytes = 10;

// By magic number. Shorter beginnings are recognised if the magic number is complete.
Compression DetectCompression(std::string_view beginning) noexcept;

// Thread-safety: none. Memory: at most 128 MiB (a zstd or xz window), mostly below 10 MiB.
class Decoder {
 public:
  enum class State : std::uint8_t { kMore, kMemberEnd, kCorrupt };
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    State state = State::kMore;
  };

  virtual ~Decoder() = default;
  // Decompresses some of `input` into `output`. Whatever was produced is good, also when the rest is corrupt. An empty
  // input is fine: there may be output left.
  virtual Step Decode(std::string_view input, char* output, std::size_t capacity) noexcept = 0;
};

// A decoder for one member (gzip, bzip2 and xz stream, zstd frame); null for kNone. Throws std::bad_alloc.
std::unique_ptr<Decoder> NewDecoder(Compression compression);

// Of kGzip: by ISA-L where Debian has it, which is four times as fast, else by zlib.
std::unique_ptr<Decoder> NewGzipDecoder();

}  // namespace hushlog
