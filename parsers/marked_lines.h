// Cuts a block of text into lines, and finds in the same pass the bytes that give a line its shape. Internal to
// parsers/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hushlog {

// The marks of a text: its newlines, quotes, backslashes and NUL bytes, in their order, as offsets from `base`.
// Behind the marks of a line there is always another one at its end or later, so that a search needs no other limit.
struct Marks {
  const char* base = nullptr;
  const std::uint32_t* next = nullptr;

  // The first mark at or after p. Never goes back: p must not be before the p of an earlier call.
  const char* From(const char* p) noexcept {
    while (base + *next < p) ++next;
    return base + *next;
  }
};

struct MarkedLine {
  std::string_view text;  // without the '\n'
  Marks marks;
  std::size_t mark_count = 0;  // in the line
  bool only_quotes = true;     // all of these are quotes
  bool has_nul = false;
};

// Appends the marks of `blocks` times 64 bytes at p, which stand at `offset`, to `out`; returns the end of them. Up to
// two more elements may be written to.
using MarkFinder = std::uint32_t* (*)(const char* p, std::size_t blocks, std::uint32_t offset, std::uint32_t* out);
// All that run on this processor, the fastest first. They find the same.
std::span<const MarkFinder> MarkFinders();

// Reused from text to text without allocating; belongs to one thread.
class MarkedLines {
 public:
  explicit MarkedLines(MarkFinder find = MarkFinders().front());

  // Begins with the lines of `text`, which must stay and be followed by kLinePadding readable bytes.
  void Start(std::string_view text) noexcept;
  // False when there is no line left. A last line without '\n' is a line too. The marks live until the next call.
  [[nodiscard]] bool Next(MarkedLine* line);
  // `text` as one line, whatever is in it, for a caller that has cut it already. As above, in the place of Start.
  MarkedLine Only(std::string_view text);

 private:
  bool Refill();
  MarkedLine Take(std::size_t marks, const char* end, bool only_quotes) const;
  MarkedLine Last(std::size_t marks, bool only_quotes);

  MarkFinder find_;
  const char* base_ = nullptr;    // begin of the text
  const char* line_ = nullptr;    // begin of the next line
  const char* marked_ = nullptr;  // what is before it has been looked at for marks
  const char* end_ = nullptr;
  std::vector<std::uint32_t> marks_;
  std::uint32_t* next_ = nullptr;   // in marks_: the first of the next line
  std::uint32_t* found_ = nullptr;  // in marks_: behind the last one found
};

}  // namespace hushlog
