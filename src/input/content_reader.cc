#include "src/input/content_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace hushlog {
namespace {

constexpr std::size_t kBufferBytes = 128 << 10;
constexpr int kIdleMilliseconds = 200;
constexpr int kPipeBytes = 1 << 20;

}  // namespace

FdReader::FdReader(UniqueFd fd) noexcept : fd_(std::move(fd)) {
  struct stat status;
  if (fstat(fd_.get(), &status) != 0) return;
  regular_ = S_ISREG(status.st_mode);
  if (regular_) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    const off_t position = lseek(fd_.get(), 0, SEEK_CUR);
    position_ = position > 0 ? static_cast<std::uint64_t>(position) : 0;
    (void)posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  } else if (S_ISFIFO(status.st_mode)) {
    (void)fcntl(fd_.get(), F_SETPIPE_SZ, kPipeBytes);  // bigger reads; may be refused
  }
}

ReadStatus FdReader::Read(char* data, std::size_t capacity, std::size_t* size) noexcept {
  *size = 0;
  if (!regular_) {
    pollfd wait{fd_.get(), POLLIN, 0};
    if (poll(&wait, 1, kIdleMilliseconds) <= 0) return ReadStatus::kIdle;
  }
  ssize_t got;
  do {
    got = read(fd_.get(), data, capacity);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    *size = static_cast<std::size_t>(got);
    position_ += *size;
    return ReadStatus::kData;
  }
  if (got == 0) return ReadStatus::kEnd;
  if (errno == EAGAIN) return ReadStatus::kIdle;
  error_number_ = errno;
  return ReadStatus::kError;
}

bool FdReader::Seek(std::uint64_t offset) noexcept {
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return false;
  if (lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) return false;
  position_ = offset;
  return true;
}

bool FdReader::Holds(std::string_view bytes, std::uint64_t offset) const noexcept {
  char buffer[8 << 10];
  while (!bytes.empty()) {
    const ssize_t got = pread(fd_.get(), buffer, std::min(sizeof(buffer), bytes.size()), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || std::memcmp(buffer, bytes.data(), static_cast<std::size_t>(got)) != 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

ContentReader::ContentReader(UniqueFd fd) : file_(std::move(fd)) {}

ReadStatus ContentReader::Read(char* data, std::size_t capacity, std::size_t* size) noexcept {
  *size = 0;
  if (failed_) return ReadStatus::kError;
  if (!detected_) {
    if (const ReadStatus status = Detect(); status != ReadStatus::kData) return status;
  }
  const bool plain = compression_ == Compression::kNone;
  const ReadStatus status = plain ? ReadPlain(data, capacity, size) : ReadDecoded(data, capacity, size);
  position_ += *size;
  return status;
}

// Adds raw bytes to the input.
ReadStatus ContentReader::Refill() noexcept {
  if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<char[]>(kBufferBytes);
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  std::size_t got = 0;
  const ReadStatus status = file_.Read(buffer_.get() + end_, kBufferBytes - end_, &got);
  end_ += got;
  return status == ReadStatus::kError ? Fail(std::strerror(file_.error_number())) : status;
}

ReadStatus ContentReader::Detect() noexcept {
  while (input().size() < kMagicBytes) {
    const ReadStatus status = Refill();
    if (status == ReadStatus::kEnd) break;
    if (status != ReadStatus::kData) return status;
  }
  detected_ = true;
  compression_ = DetectCompression(input());
  decoder_ = NewDecoder(compression_);
  return ReadStatus::kData;
}

ReadStatus ContentReader::ReadPlain(char* data, std::size_t capacity, std::size_t* size) noexcept {
  if (!input().empty()) {  // what was read to tell the compression
    *size = input().copy(data, capacity);
    begin_ += *size;
    return ReadStatus::kData;
  }
  buffer_.reset();  // not needed any more, and a follower has many files
  begin_ = end_ = 0;
  const ReadStatus status = file_.Read(data, capacity, size);
  return status == ReadStatus::kError ? Fail(std::strerror(file_.error_number())) : status;
}

ReadStatus ContentReader::ReadDecoded(char* data, std::size_t capacity, std::size_t* size) noexcept {
  while (true) {
    if (decoder_ == nullptr) {
      if (const ReadStatus status = NextMember(); status != ReadStatus::kData) return status;
    }
    if (input().empty() && !output_pending_) {
      const ReadStatus status = Refill();
      cut_off_ = status == ReadStatus::kEnd;
      if (cut_off_) return Fail("the archive is cut off");
      if (status != ReadStatus::kData) return status;
    }
    const Decoder::Step step = decoder_->Decode(input(), data, capacity);
    begin_ += step.consumed;
    output_pending_ = step.produced == capacity;
    if (step.state == Decoder::State::kMemberEnd) decoder_.reset();
    if (step.state == Decoder::State::kCorrupt) (void)Fail("the archive is damaged");
    *size = step.produced;
    if (step.produced > 0) return ReadStatus::kData;
    if (failed_) return ReadStatus::kError;
  }
}

// At the end of a member: goes on to the next one. Zeros between members are padding.
ReadStatus ContentReader::NextMember() noexcept {
  output_pending_ = false;
  while (true) {
    begin_ += std::min(input().find_first_not_of('\0'), input().size());
    if (input().size() >= kMagicBytes) break;
    const ReadStatus status = Refill();
    if (status == ReadStatus::kEnd && !input().empty()) break;
    if (status != ReadStatus::kData) return status;
  }
  if (DetectCompression(input()) != compression_) {
    trailing_garbage_ = true;
    return ReadStatus::kEnd;
  }
  decoder_ = NewDecoder(compression_);
  return ReadStatus::kData;
}

ReadStatus ContentReader::Fail(std::string message) noexcept {
  failed_ = true;
  error_ = std::move(message);
  return ReadStatus::kError;
}

void ContentReader::Rewind() noexcept {
  begin_ = end_ = 0;
  position_ = 0;
  decoder_.reset();
  detected_ = output_pending_ = failed_ = cut_off_ = trailing_garbage_ = false;
  error_.clear();
  if (!file_.Seek(0)) (void)Fail(std::strerror(errno));
}

bool ContentReader::Seek(std::uint64_t offset) noexcept {
  if (detected_ && compression_ == Compression::kNone && !failed_) {
    begin_ = end_ = 0;
    position_ = offset;
    return offset <= file_.size() && file_.Seek(offset);
  }
  if (offset < position_ || failed_) Rewind();
  char scratch[16 << 10];
  while (position_ < offset) {
    std::size_t got = 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof(scratch), offset - position_));
    if (Read(scratch, wanted, &got) != ReadStatus::kData) return false;
  }
  return true;
}

}  // namespace hushlog
