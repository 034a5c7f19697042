#include "src/input/source.h"

#include <fcntl.h>
#include <sys/stat.h>

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

Source::Source(UniqueFd fd, std::string name, bool identify, std::span<const KnownSource> known)
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

void Source::Resume(std::span<const KnownSource> known) {
  const std::string head = ReadUpTo(kIdentityBytes);
  std::vector<const KnownSource*> alike;
  for (const KnownSource& source : known) {
    const Checkpoint& checkpoint = source.checkpoint;
    if (checkpoint.head_bytes == 0 || checkpoint.head_bytes > head.size()) continue;
    const std::string_view beginning = std::string_view(head).substr(0, checkpoint.head_bytes);
    if (IdentityHash(beginning) == checkpoint.head_hash) alike.push_back(&source);
  }
  // Who has read most knows best: a copy or an older state of the same log may be known, too.
  std::ranges::sort(alike, std::ranges::greater{}, [](const KnownSource* source) { return source->checkpoint.offset; });
  for (const KnownSource* source : alike) {
    if (!StartAfter(source->checkpoint, head)) continue;
    continues_ = source->id;
    return;
  }
  if (!alike.empty()) {
    warnings_.push_back(name_ +
                        " begins like a log that was read before, but does not continue it: it was rewritten or cut, "
                        "and is read from its beginning");
  }
  // A fault shows when the beginning is read again.
  (void)content_.Seek(0);
}

// Positions the content after `checkpoint` if what lies before is what was consumed then.
bool Source::StartAfter(const Checkpoint& checkpoint, std::string_view head) {
  if (!content_.Seek(checkpoint.offset - checkpoint.tail_bytes)) return false;
  const std::string tail = ReadUpTo(checkpoint.tail_bytes);
  if (tail.size() != checkpoint.tail_bytes || IdentityHash(tail) != checkpoint.tail_hash) return false;
  trail_.Restart(checkpoint, head, tail);
  skipping_ = checkpoint.mid_line;
  start_ = checkpoint;
  return true;
}

ReadResult Source::Next(Chunk* chunk) noexcept {
  if (chunk->data_ == nullptr) chunk->data_ = std::make_unique_for_overwrite<char[]>(kChunkBytes + kChunkPadding);
  chunk->begin_ = chunk->size_ = 0;
  chunk->unterminated_ = false;

  if (skipping_ && !finished()) SkipRestOfLine(chunk->data_.get());
  if (skipping_) {
    if (finished()) return Finish();
  } else {
    Cut(Fill(chunk->data_.get()), chunk);
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

// Reads on, once: an endless line must not keep the caller from stopping.
void Source::SkipRestOfLine(char* data) noexcept {
  std::size_t size = 0;
  status_ = content_.Read(data, kChunkBytes, &size);
  const std::string_view text(data, size);
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
    chunk->unterminated_ = !skipping_ && status_ == ReadStatus::kEnd;
    if (skipping_ || chunk->unterminated_) end = text.size();
  }
  carry_.assign(text.substr(end));
  trail_.Advance(filled.substr(0, begin + end));
  chunk->begin_ = begin;
  chunk->size_ = end;
}

ReadResult Source::Finish() noexcept {
  if (status_ == ReadStatus::kError) {
    error_ = "cannot read all of " + name_ + ": " + content_.error() + "; the lines before that were read";
    return ReadResult::kError;
  }
  if (content_.trailing_garbage() && !std::exchange(told_garbage_, true)) {
    warnings_.push_back(name_ + " has data after the end of its archive, which was ignored");
  }
  return ReadResult::kEnd;
}

std::unique_ptr<Source> OpenSource(const std::string& path, std::span<const KnownSource> known, std::string* error) {
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
