// Where log lines come from: plain files, compressed archives, standard input.
//
// A Source gives Chunks of whole lines, each with the position after it. Compression (gzip, bzip2, xz, zstd) is told by
// magic bytes, not by the file name; positions always count decompressed bytes, so that access.log, access.log.1 and
// access.log.2.gz of the same log are the same source.
//
// Thread-safety: a Source belongs to one thread; a Chunk may be handed to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/unique_fd.h"
#include "src/input/checkpoint.h"
#include "src/input/content_reader.h"
#include "src/input/known_sources.h"

namespace hushlog {

// A chunk holds at most so much, and so does a line; more than kMaxLineBytes of parsers/, so that the parser of a line
// that was cut says that it is too long.
inline constexpr std::size_t kChunkBytes = (1 << 20) + (16 << 10);
inline constexpr std::size_t kChunkPadding = 64;  // readable bytes after the text; >= kLinePadding of parsers/

// Whole lines, ending with '\n' except for
// - the last line of a source that does not end with '\n'; see unterminated(),
// - a line of more than kChunkBytes: it is given cut to kChunkBytes, and the rest of it is left out.
class Chunk {
 public:
  // Valid until the chunk is given to Next() again. Empty if a pipe or terminal had nothing for a moment (so that the
  // caller can look whether it shall stop), or while the rest of an over-long line is skipped.
  std::string_view text() const noexcept { return {data_.get() + begin_, size_}; }
  // State after this chunk. Belongs to a source that can be continued if head_bytes > 0, else it is a mere position.
  const Checkpoint& checkpoint() const noexcept { return checkpoint_; }
  std::uint64_t sequence() const noexcept { return sequence_; }  // counts the chunks of a source from 0
  // The text is the last line of the source, and has no '\n': it may be unfinished. It comes as a chunk of its own, so
  // that who does not want it leaves out this chunk with its checkpoint; the next run then gets the line again.
  bool unterminated() const noexcept { return unterminated_; }

 private:
  friend class Source;
  std::unique_ptr<char[]> data_;  // kChunkBytes + kChunkPadding, allocated when first used
  std::size_t begin_ = 0, size_ = 0;
  Checkpoint checkpoint_;
  std::uint64_t sequence_ = 0;
  bool unterminated_ = false;
};

// Outcomes are values.
enum class ReadResult : std::uint8_t {
  kChunk,
  kEnd,
  kError,
  kRewritten,  // only when following: what was read is not in the file any more
};

class Source {
 public:
  // See OpenSource. `identify` is for regular files only: look for the content in `known`, give checkpoints with a
  // head.
  Source(UniqueFd fd, std::string name, bool identify, const KnownSources& known);

  // From now on the end of this plain file is not the end for good: after kEnd, Next() may be called again, and a last
  // line without '\n' is not given before it is complete. A file that was truncated or rewritten gives kRewritten, also
  // if it has grown beyond the position again: what was read last is compared with what stands there.
  void Follow();
  // The file will not grow any more: gives its unfinished last line, like that of any source.
  void StopFollowing() noexcept;
  // The first kIdentityBytes of the content; `cut_off` tells whether it has fewer because an archive has no end. Before
  // the first Next(), of a source that continues nothing.
  std::string Beginning(bool* cut_off);
  // Whether the file still has what was consumed last.
  bool Intact() const noexcept { return Unchanged({}); }
  // Passes over what the plain file holds now, and the rest of its unfinished last line. Before the first Next().
  void SkipToEnd() noexcept;

  // Fills *chunk, recycling its memory. After kError, error() says why; all whole lines before the fault were given,
  // the line in which it happened was not.
  [[nodiscard]] ReadResult Next(Chunk* chunk) noexcept;

  const std::string& name() const noexcept { return name_; }      // path, or "standard input"
  std::int64_t continues() const noexcept { return continues_; }  // id of the known source; 0: a new one
  const Checkpoint& start() const noexcept { return start_; }     // where reading began
  // State after the last chunk.
  Checkpoint checkpoint() noexcept { return Here(skipping_); }
  // The beginning of what was consumed, at most kIdentityBytes. Valid until the next call.
  std::string_view head() const noexcept { return trail_.head(); }
  bool holds_unfinished_line() const noexcept { return !carry_.empty(); }
  bool compressed() const noexcept { return content_.compressed(); }  // once something was read
  // For fstat and pread; its position is the source's own.
  int fd() const noexcept { return content_.file().fd(); }
  // One sentence each, with the name, without bytes of the content.
  const std::string& error() const noexcept { return error_; }
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  // Bytes of the file on disk read so far and its size (0 if unknown): for progress.
  std::uint64_t bytes_read() const noexcept { return content_.file().position(); }
  std::uint64_t bytes_total() const noexcept { return content_.file().size(); }
  // Of bytes_read(), what was passed over when it was opened, because it was read before. 0 for archives: what was read
  // before has to be decompressed again.
  std::uint64_t bytes_skipped() const noexcept { return bytes_skipped_; }

 private:
  // How content goes on whose beginning is known.
  enum class Match : std::uint8_t { kContinues, kShorter, kDiffers };

  void Resume(const KnownSources& known);
  Match StartAfter(const Checkpoint& checkpoint, std::string_view head);
  void GiveNothing(const KnownSource& source, const std::string& fault);
  void TellFault(const std::string& fault);
  std::string ReadUpTo(std::size_t size);
  bool Unchanged(std::string_view carried) const noexcept;
  std::size_t ReadRestOfLine(char* data) noexcept;
  void SkipRestOfLine(std::string_view text) noexcept;
  std::size_t Fill(char* data) noexcept;
  void Cut(std::size_t size, Chunk* chunk) noexcept;
  ReadResult Finish() noexcept;
  Checkpoint Here(bool mid_line) noexcept;
  bool finished() const noexcept { return status_ == ReadStatus::kEnd || status_ == ReadStatus::kError; }

  ContentReader content_;
  std::string name_;
  bool identified_;
  bool following_ = false;
  std::string expected_;  // when following: the beginning of the file, as long as nothing is consumed
  Trail trail_;
  std::string carry_;  // read, but not given yet: the beginning of a line
  ReadStatus status_ = ReadStatus::kData;
  bool skipping_ = false;  // the position is in the middle of a line of which no more is wanted
  bool told_garbage_ = false;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t bytes_skipped_ = 0;
  std::int64_t continues_ = 0;
  Checkpoint start_;
  std::string error_;
  std::vector<std::string> warnings_;
};

// Opens a file, or standard input for "-".
//
// Of the `known` checkpoints of earlier runs, the source continues that whose content this is, told by its beginning:
// - What lies before its offset is the same, too: gives what comes after it.
// - The content ends before its offset (a log that was cut, a copy or archive that is still being written): all of it
//   was read before. Gives nothing, with a warning; if it ends there because it cannot be read on, with kError.
// - What lies before its offset is other content (the log was rewritten): continues nothing, but gives all of it, with
//   a warning.
// Content of less than the known beginning is not recognised, and is a new source. To read content once that is found
// under two paths (hard link, copy, a log and its archive), update `known` after each file.
//
// Standard input, pipes, terminals and devices have no identity: they never continue anything, and their checkpoints
// have head_bytes 0.
//
// Null if it cannot be opened; then *error is a sentence like "cannot open access.log: No such file or directory".
std::unique_ptr<Source> OpenSource(const std::string& path, const KnownSources& known, std::string* error);

}  // namespace hushlog
