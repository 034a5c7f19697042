#include "src/input/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace hushlog {
namespace {

constexpr std::string_view kStandardInput = "-";

// Where the last line of `text` begins, that is after the last '\n' before it.
std::size_t EndOfWholeLines(std::string_view text) {
  const void* newline = memrchr(text.data(), '\n', text.size());
  return newline == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(newline) - text.data()) + 1;
}

}  // namespace

Source::Source(UniqueFd fd, std::string name, bool identify, const KnownSources& known)
    : content_(std::move(fd)), name_(std::move(name)), identified_(identify && content_.file().regular()) {
  if (identified_ && !known.empty()) Resume(known);
}

std::string Source::ReadUpTo(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0, got = 0;
  while (filled < size && content_.Read(bytes.data() + filled, size - filled, &got) == ReadStatus::kData) filled += got;
  bytes.resize(filled);
  return bytes;
}

std::string Source::Beginning(bool* cut_off) {
  std::string head = ReadUpTo(kIdentityBytes);
  *cut_off = content_.cut_off();
  (void)content_.Seek(0);
  return head;
}

void Source::Resume(const KnownSources& known) {
  const std::string head = ReadUpTo(kIdentityBytes);
  const std::vector<KnownSource> alike = known.Alike(head);
  const KnownSource* longer = nullptr;
  std::string fault;
  for (const KnownSource& source : alike) {
    const Match match = StartAfter(source.checkpoint, head);
    if (match == Match::kContinues) {
      continues_ = source.id;
      return;
    }
    if (match == Match::kDiffers || longer != nullptr) continue;
    longer = &source;
    // An archive that is cut off is mostly one that is still being written.
    if (content_.failed() && !content_.cut_off()) fault = content_.error();
  }
  if (longer != nullptr) return GiveNothing(*longer, fault);
  if (!alike.empty()) {
    warnings_.push_back(name_ +
                        " begins like a log that was read before, but does not continue it: it was rewritten, and is "
                        "read from its beginning");
  }
  // A fault shows when the beginning is read again.
  (void)content_.Seek(0);
}

// Positions the content after `checkpoint` if what lies before is what was consumed then.
Source::Match Source::StartAfter(const Checkpoint& checkpoint, std::string_view head) {
  if (!content_.Seek(checkpoint.offset - checkpoint.tail_bytes)) return Match::kShorter;
  const std::string tail = ReadUpTo(checkpoint.tail_bytes);
  if (tail.size() != checkpoint.tail_bytes) return Match::kShorter;
  if (IdentityHash(tail) != checkpoint.tail_hash) return Match::kDiffers;
  trail_.Restart(checkpoint, head, tail);
  skipping_ = checkpoint.mid_line;
  start_ = checkpoint;
  if (!content_.compressed()) bytes_skipped_ = content_.file().position();
  return Match::kContinues;
}

// For content that ends before the checkpoint of `source`, or has a fault before it.
void Source::GiveNothing(const KnownSource& source, const std::string& fault) {
  continues_ = source.id;
  start_ = source.checkpoint;
  if (!content_.compressed() && content_.Seek(bytes_total())) bytes_skipped_ = bytes_total();
  status_ = fault.empty() ? ReadStatus::kEnd : ReadStatus::kError;
  if (!fault.empty()) return TellFault(fault);
  warnings_.push_back(name_ + ": shorter than when it was read last; nothing new is in it");
}

void Source::TellFault(const std::string& fault) {
  error_ = "cannot read all of " + name_ + ": " + fault + "; the lines before that were read";
}

void Source::Follow() {
  following_ = true;
  if (trail_.offset() > 0) return;
  expected_.resize(kIdentityBytes);
  const ssize_t size = pread(fd(), expected_.data(), expected_.size(), 0);
  expected_.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
}

void Source::StopFollowing() noexcept {
  following_ = false;
  if (status_ == ReadStatus::kEnd) status_ = ReadStatus::kData;
}

void Source::SkipToEnd() noexcept {
  const std::uint64_t size = bytes_total();
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(size, kIdentityBytes);
  const std::string head = content_.Seek(0) ? ReadUpTo(kIdentityBytes) : "";
  const std::string tail = content_.Seek(size - tail_bytes) ? ReadUpTo(tail_bytes) : "";
  if (tail.empty()) return;
  trail_.Restart({.offset = size - tail_bytes + tail.size()}, head, tail);
  skipping_ = tail.back() != '\n';
  start_ = checkpoint();
}

ReadResult Source::Next(Chunk* chunk) noexcept {
  if (chunk->data_ == nullptr) chunk->data_ = std::make_unique_for_overwrite<char[]>(kChunkBytes + kChunkPadding);
  chunk->begin_ = chunk->size_ = 0;
  chunk->unterminated_ = false;
  if (following_ && status_ == ReadStatus::kEnd) status_ = ReadStatus::kData;

  char* const data = chunk->data_.get();
  if (skipping_ && !finished()) {
    const std::size_t size = ReadRestOfLine(data);
    if (following_ && !Unchanged({})) return ReadResult::kRewritten;
    SkipRestOfLine({data, size});
  }
  if (skipping_) {
    if (finished()) return Finish();
  } else {
    const std::size_t carried = carry_.size();
    const std::size_t size = Fill(data);
    // After reading: what came before was the same then, so what was read belongs to it.
    if (following_ && !Unchanged({data, carried})) return ReadResult::kRewritten;
    Cut(size, chunk);
    if (finished() && chunk->size_ == 0) return Finish();
  }
  std::memset(chunk->data_.get() + chunk->begin_ + chunk->size_, 0, kChunkPadding);
  chunk->checkpoint_ = Here(skipping_ || chunk->unterminated_);
  chunk->sequence_ = next_sequence_++;
  return ReadResult::kChunk;
}

Checkpoint Source::Here(bool mid_line) noexcept {
  if (identified_) return trail_.At(mid_line);
  Checkpoint position;
  position.offset = trail_.offset();
  position.mid_line = mid_line;
  return position;
}

// Whether the file still has what was consumed last, and what is carried over.
bool Source::Unchanged(std::string_view carried) const noexcept {
  const std::string_view tail = trail_.tail();
  if (trail_.offset() == 0 && !content_.file().Holds(expected_, 0)) return false;
  return content_.file().Holds(tail, trail_.offset() - tail.size()) && content_.file().Holds(carried, trail_.offset());
}

// Reads on, once: an endless line must not keep the caller from stopping.
std::size_t Source::ReadRestOfLine(char* data) noexcept {
  std::size_t size = 0;
  status_ = content_.Read(data, kChunkBytes, &size);
  return size;
}

void Source::SkipRestOfLine(std::string_view text) noexcept {
  const std::size_t newline = text.find('\n');
  if (newline == text.npos) return trail_.Advance(text);
  trail_.Advance(text.substr(0, newline + 1));
  carry_.assign(text.substr(newline + 1));
  skipping_ = false;
}

// Fills the buffer with what was carried over and what comes next; returns how much that is.
std::size_t Source::Fill(char* data) noexcept {
  std::size_t size = carry_.copy(data, carry_.size());
  carry_.clear();
  while (size < kChunkBytes && !finished()) {
    std::size_t got = 0;
    status_ = content_.Read(data + size, kChunkBytes - size, &got);
    const bool has_line = EndOfWholeLines({data + size, got}) > 0;
    size += got;
    if (status_ == ReadStatus::kIdle) break;
    if (has_line && !content_.file().regular()) break;  // lines of a live stream shall not wait
  }
  return size;
}

// Gives the whole lines of the filled buffer to the chunk and keeps the rest.
void Source::Cut(std::size_t size, Chunk* chunk) noexcept {
  const std::string_view filled(chunk->data_.get(), size);
  // A writer that goes on at its old offset after the file was truncated (logrotate's copytruncate) leaves a hole.
  const std::size_t begin = std::min(filled.find_first_not_of('\0'), size);
  const std::string_view text = filled.substr(begin);
  std::size_t end = EndOfWholeLines(text);
  if (end == 0 && !text.empty()) {
    skipping_ = text.size() == kChunkBytes;
    chunk->unterminated_ = !skipping_ && !following_ && status_ == ReadStatus::kEnd;
    if (skipping_ || chunk->unterminated_) end = text.size();
  }
  carry_.assign(text.substr(end));
  trail_.Advance(filled.substr(0, begin + end));
  chunk->begin_ = begin;
  chunk->size_ = end;
}

ReadResult Source::Finish() noexcept {
  if (status_ == ReadStatus::kError) {
    if (error_.empty()) TellFault(content_.error());
    return ReadResult::kError;
  }
  if (content_.trailing_garbage() && !std::exchange(told_garbage_, true)) {
    warnings_.push_back(name_ + " has data after the end of its archive, which was ignored");
  }
  return ReadResult::kEnd;
}

std::unique_ptr<Source> OpenSource(const std::string& path, const KnownSources& known, std::string* error) {
  const bool standard_input = path == kStandardInput;
  // O_NONBLOCK: do not wait for the writer of a named pipe.
  UniqueFd fd(standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                             : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (!fd || fstat(fd.get(), &status) != 0) {
    *error = "cannot open " + path + ": " + std::strerror(errno);
    return nullptr;
  }
  if (S_ISDIR(status.st_mode)) {
    *error = "cannot open " + path + ": it is a directory; name its files, like " + path + "/*";
    return nullptr;
  }
  return std::make_unique<Source>(std::move(fd), standard_input ? "standard input" : path, !standard_input, known);
}

}  // namespace hushlog
