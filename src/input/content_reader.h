// The bytes of a file or stream, decompressed if they begin with the magic number of a compression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/unique_fd.h"
#include "src/input/decoder.h"

namespace hushlog {

enum class ReadStatus : std::uint8_t {
  kData,  // at least one byte
  kIdle,  // a pipe or terminal gave nothing for a moment
  kEnd,
  kError,  // see error()
};

// Raw bytes of a descriptor. Thread-safety: none.
class FdReader {
 public:
  explicit FdReader(UniqueFd fd) noexcept;

  ReadStatus Read(char* data, std::size_t capacity, std::size_t* size) noexcept;
  bool Seek(std::uint64_t offset) noexcept;
  // Whether the file has these bytes there. Leaves the position alone.
  bool Holds(std::string_view bytes, std::uint64_t offset) const noexcept;
  int fd() const noexcept { return fd_.get(); }
  // A file, with a size and positions; not a pipe or terminal.
  bool regular() const noexcept { return regular_; }
  std::uint64_t position() const noexcept { return position_; }
  std::uint64_t size() const noexcept { return size_; }  // when it was opened; 0 unless regular
  int error_number() const noexcept { return error_number_; }

 private:
  UniqueFd fd_;
  bool regular_ = false;
  std::uint64_t position_ = 0, size_ = 0;
  int error_number_ = 0;
};

// Thread-safety: none. Memory is constant: a buffer and the window of the decompressor.
class ContentReader {
 public:
  explicit ContentReader(UniqueFd fd);

  // Reads up to `capacity` (> 0) bytes. All that comes before a fault is given before kError.
  ReadStatus Read(char* data, std::size_t capacity, std::size_t* size) noexcept;
  // Continues at this position of the content, from the beginning if necessary. False if the content ends or is broken
  // before it; then the position is unspecified. Only for regular files.
  [[nodiscard]] bool Seek(std::uint64_t offset) noexcept;

  const FdReader& file() const noexcept { return file_; }
  const std::string& error() const noexcept { return error_; }
  bool trailing_garbage() const noexcept { return trailing_garbage_; }
  bool compressed() const noexcept { return compression_ != Compression::kNone; }  // once something was read
  bool failed() const noexcept { return failed_; }
  bool cut_off() const noexcept { return cut_off_; }  // failed, because an archive has no end

 private:
  ReadStatus Refill() noexcept;
  ReadStatus Detect() noexcept;
  ReadStatus ReadPlain(char* data, std::size_t capacity, std::size_t* size) noexcept;
  ReadStatus ReadDecoded(char* data, std::size_t capacity, std::size_t* size) noexcept;
  ReadStatus NextMember() noexcept;
  ReadStatus Fail(std::string message) noexcept;
  void Rewind() noexcept;
  std::string_view input() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }

  FdReader file_;
  std::unique_ptr<char[]> buffer_;  // raw bytes not yet used: [begin_, end_); null while there are none
  std::size_t begin_ = 0, end_ = 0;
  bool detected_ = false;
  Compression compression_ = Compression::kNone;
  std::unique_ptr<Decoder> decoder_;  // null: plain, or between two members
  bool output_pending_ = false;       // the decoder filled the output: it may have more without new input
  bool failed_ = false;
  bool cut_off_ = false;
  bool trailing_garbage_ = false;
  std::uint64_t position_ = 0;  // in the content
  std::string error_;
};

}  // namespace hushlog
