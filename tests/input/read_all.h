// Reads a source to its end, as a consumer does.
#pragma once

#include <string>
#include <vector>

#include "src/input/source.h"

namespace hushlog {

struct Reading {
  std::string text;  // of all chunks that were taken
  Checkpoint checkpoint;
  ReadResult result = ReadResult::kChunk;
  std::string error;
  std::vector<std::string> warnings;
  std::int64_t continues = 0;
};

// Whether the last line is taken if it has no '\n'.
enum class LastLine { kTake, kLeave };

inline Reading ReadAll(Source* source, LastLine last_line = LastLine::kTake) {
  Reading reading;
  reading.continues = source->continues();
  reading.checkpoint = source->start();
  Chunk chunk;
  while ((reading.result = source->Next(&chunk)) == ReadResult::kChunk) {
    if (chunk.unterminated() && last_line == LastLine::kLeave) continue;
    reading.text += chunk.text();
    reading.checkpoint = chunk.checkpoint();
  }
  reading.error = source->error();
  reading.warnings = source->warnings();
  return reading;
}

inline Reading ReadAll(const std::string& path, const std::vector<KnownSource>& known = {},
                       LastLine last_line = LastLine::kTake) {
  Reading reading;
  const auto source = OpenSource(path, known, &reading.error);
  if (source == nullptr) {
    reading.result = ReadResult::kError;
    return reading;
  }
  return ReadAll(source.get(), last_line);
}

}  // namespace hushlog
