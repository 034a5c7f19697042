#include "src/input/source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "tests/input/archives.h"
#include "tests/input/read_all.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

// Lines of different length, each with its number, that do not compress too well.
std::string Lines(int count, int first = 0) {
  std::string text;
  unsigned random = 1;
  for (int i = first; i < first + count; ++i) {
    random = random * 1664525 + 1013904223 + static_cast<unsigned>(i);
    text += "line " + std::to_string(i) + " " + std::string(random >> 27, 'x') + std::to_string(random) + "\n";
  }
  return text;
}

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0); }
  UniqueFd TakeReader() { return UniqueFd(ends[0]); }
  void Write(std::string_view text) {
    REQUIRE(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void Close() { close(ends[1]); }
  std::array<int, 2> ends;
};

TEST_CASE("a file gives all its bytes in chunks of whole lines") {
  const TempDir directory;
  for (const int count : {1, 10, 60000}) {
    CAPTURE(count);
    const std::string content = Lines(count);
    std::string error;
    const auto source = OpenSource(directory.Write("log", content), {}, &error);
    REQUIRE(source != nullptr);
    std::string text;
    Chunk chunk;
    std::uint64_t chunks = 0;
    while (source->Next(&chunk) == ReadResult::kChunk) {
      text += chunk.text();
      CHECK(chunk.text().ends_with('\n'));
      CHECK_FALSE(chunk.unterminated());
      CHECK(chunk.sequence() == chunks++);
      CHECK(chunk.checkpoint().offset == text.size());
      CHECK(std::string_view(chunk.text().data() + chunk.text().size(), kChunkPadding) ==
            std::string(kChunkPadding, '\0'));
    }
    CHECK(text == content);
    CHECK(source->bytes_total() == content.size());
    CHECK(source->bytes_read() == content.size());
    CHECK(source->warnings().empty());
  }
}

TEST_CASE("an empty file is a clean end") {
  const TempDir directory;
  const Reading reading = ReadAll(directory.Write("log", ""));
  CHECK(reading.result == ReadResult::kEnd);
  CHECK(reading.text.empty());
  CHECK(reading.checkpoint.head_bytes == 0);
}

TEST_CASE("a last line without newline is a chunk of its own") {
  const TempDir directory;
  const std::string whole = Lines(50000);
  std::string error;
  const auto source = OpenSource(directory.Write("log", whole + "torn"), {}, &error);
  REQUIRE(source != nullptr);
  Chunk chunk;
  std::string text;
  while (source->Next(&chunk) == ReadResult::kChunk && !chunk.unterminated()) text += chunk.text();
  CHECK(text == whole);
  CHECK(chunk.unterminated());
  CHECK(chunk.text() == "torn");
  CHECK(chunk.checkpoint().mid_line);
  CHECK(source->Next(&chunk) == ReadResult::kEnd);
}

TEST_CASE("a line of up to a chunk is given whole, a longer one is cut and its neighbours are intact") {
  const TempDir directory;
  for (const std::size_t size : {kChunkBytes - 1, kChunkBytes, kChunkBytes + 1, 3 * kChunkBytes, 5 * kChunkBytes + 7}) {
    CAPTURE(size);
    const std::string path = directory.Write("log", "before\n" + std::string(size, 'a') + "\nafter\n");
    const Reading reading = ReadAll(path);
    CHECK(reading.result == ReadResult::kEnd);
    CHECK(reading.checkpoint.offset == 7 + size + 1 + 6);
    const std::string newline = size < kChunkBytes ? "\n" : "";
    CHECK(reading.text == "before\n" + std::string(std::min(size, kChunkBytes), 'a') + newline + "after\n");
  }
}

TEST_CASE("the cut piece of an over-long line is a chunk of its own and ends its line") {
  const TempDir directory;
  std::string error;
  const auto source = OpenSource(directory.Write("log", "before\n" + std::string(3 << 20, 'a')), {}, &error);
  Chunk chunk;
  REQUIRE(source->Next(&chunk) == ReadResult::kChunk);
  CHECK(chunk.text() == "before\n");
  REQUIRE(source->Next(&chunk) == ReadResult::kChunk);
  CHECK(chunk.text().size() == kChunkBytes);
  CHECK_FALSE(chunk.unterminated());
  CHECK(chunk.checkpoint().mid_line);
  ReadResult result;
  while ((result = source->Next(&chunk)) == ReadResult::kChunk) CHECK(chunk.text().empty());
  CHECK(result == ReadResult::kEnd);
  CHECK(chunk.checkpoint().offset == 7 + (3 << 20));
}

TEST_CASE("a hole left by a truncated log is not part of its first line") {
  const TempDir directory;
  for (const std::size_t hole : {std::size_t{1}, std::size_t{5000}, std::size_t{3} << 20}) {
    CAPTURE(hole);
    const Reading reading = ReadAll(directory.Write("log", std::string(hole, '\0') + "first\nsecond\n"));
    CHECK(reading.text == "first\nsecond\n");
    CHECK(reading.checkpoint.offset == hole + 13);
  }
}

TEST_CASE("what cannot be opened is told with its reason") {
  const TempDir directory;
  const struct {
    std::string path, reason;
  } table[] = {
      {directory / "missing.log", "No such file or directory"},
      {directory / "missing/access.log", "No such file or directory"},
      {directory.Write("file", "x") + "/access.log", "Not a directory"},
      {directory.path(), "it is a directory"},
      {"", "No such file or directory"},
  };
  for (const auto& row : table) {
    CAPTURE(row.path);
    std::string error;
    CHECK(OpenSource(row.path, {}, &error) == nullptr);
    CHECK(error.starts_with("cannot open " + row.path + ": " + row.reason));
  }
}

TEST_CASE("an unreadable file is told with its reason") {
  const TempDir directory;
  const std::string path = directory.Write("log", "x\n");
  REQUIRE(chmod(path.c_str(), 0) == 0);
  constexpr uid_t kNobody = 65534;
  const bool is_root = geteuid() == 0;  // who may read everything
  if (is_root) REQUIRE(seteuid(kNobody) == 0);
  std::string error;
  const auto source = OpenSource(path, {}, &error);
  if (is_root) REQUIRE(seteuid(0) == 0);
  CHECK(source == nullptr);
  CHECK(error == "cannot open " + path + ": Permission denied");
}

using Compress = std::string (*)(std::string_view);
const struct {
  const char* name;
  Compress compress;
} kArchives[] = {{"gzip", Gzip}, {"bzip2", Bzip2}, {"xz", Xz}, {"zstd", Zstd}};

TEST_CASE("an archive is told by its content, not by its name") {
  const TempDir directory;
  const std::string content = Lines(60000);
  for (const auto& archive : kArchives) {
    CAPTURE(archive.name);
    const Reading reading = ReadAll(directory.Write("access.log", archive.compress(content)));
    CHECK(reading.result == ReadResult::kEnd);
    CHECK(reading.text == content);
    CHECK(reading.checkpoint.offset == content.size());
    CHECK(reading.warnings.empty());
  }
  CHECK(ReadAll(directory.Write("access.log.gz", content)).text == content);
}

TEST_CASE("an archive of several members gives them all, with or without padding") {
  const TempDir directory;
  for (const auto& archive : kArchives) {
    CAPTURE(archive.name);
    const std::string first = Lines(3000), second = Lines(20, 3000);
    const std::string empty = archive.compress("");
    for (const std::string& padding : {std::string(), std::string(512, '\0'), std::string(300000, '\0')}) {
      const std::string bytes = archive.compress(first) + padding + empty + archive.compress(second) + padding;
      const Reading reading = ReadAll(directory.Write("log", bytes));
      CHECK(reading.result == ReadResult::kEnd);
      CHECK(reading.text == first + second);
      CHECK(reading.warnings.empty());
    }
  }
}

TEST_CASE("a line may go from one member to the next") {
  const TempDir directory;
  CHECK(ReadAll(directory.Write("log", Gzip("one li") + Gzip("ne\nanother\n"))).text == "one line\nanother\n");
}

TEST_CASE("an archive of nothing is a clean end") {
  const TempDir directory;
  for (const auto& archive : kArchives) {
    CAPTURE(archive.name);
    const Reading reading = ReadAll(directory.Write("log", archive.compress("")));
    CHECK(reading.result == ReadResult::kEnd);
    CHECK(reading.text.empty());
  }
}

TEST_CASE("a cut archive gives its good lines, then one error, and not the torn line") {
  const TempDir directory;
  const std::string content = Lines(30000);
  for (const auto& archive : kArchives) {
    CAPTURE(archive.name);
    const std::string bytes = archive.compress(content);
    const Reading reading = ReadAll(directory.Write("log", bytes.substr(0, bytes.size() * 3 / 4)));
    CHECK(reading.result == ReadResult::kError);
    CHECK(reading.error.find("the archive is cut off") != std::string::npos);
    CHECK(content.starts_with(reading.text));
    CHECK(reading.text.ends_with('\n'));
    CHECK(reading.text.size() > content.size() / 4);
  }
}

TEST_CASE("a small gzip archive that is cut off loses no line before the cut") {
  const TempDir directory;
  const std::string content = Lines(200);
  const std::string bytes = Gzip(content);
  const Reading reading = ReadAll(directory.Write("log", bytes.substr(0, bytes.size() - 9)));
  CHECK(reading.result == ReadResult::kError);
  CHECK(reading.text.size() > content.size() - 200);
}

TEST_CASE("every cut of an archive is an error, and so is every damaged checksum") {
  const TempDir directory;
  const std::string content = Lines(20);
  for (const auto& archive : kArchives) {
    const std::string bytes = archive.compress(content);
    for (std::size_t size = kMagicBytes; size < bytes.size(); ++size) {
      CAPTURE(archive.name);
      CAPTURE(size);
      const Reading reading = ReadAll(directory.Write("log", bytes.substr(0, size)));
      CHECK(reading.result == ReadResult::kError);
      CHECK(content.starts_with(reading.text));
    }
  }
  std::string damaged = Gzip(content);
  damaged[damaged.size() - 6] ^= 1;  // in the CRC
  const Reading reading = ReadAll(directory.Write("log", damaged));
  CHECK(reading.result == ReadResult::kError);
  CHECK(reading.text == content);
  CHECK(reading.error.find("the archive is damaged") != std::string::npos);
}

TEST_CASE("data after an archive is left out with one warning") {
  const TempDir directory;
  for (const auto& archive : kArchives) {
    CAPTURE(archive.name);
    const Reading reading = ReadAll(directory.Write("log", archive.compress("good\n") + "garbage\n"));
    CHECK(reading.result == ReadResult::kEnd);
    CHECK(reading.text == "good\n");
    CHECK(reading.warnings.size() == 1);
  }
}

TEST_CASE("text that only resembles an archive is text") {
  const TempDir directory;
  const std::string table[] = {"BZh", "BZh9\n", "BZh9 GET / HTTP\n", "(\n", "P*M\n", std::string("\x1F\x8B", 2)};
  for (const std::string& content : table) {
    CAPTURE(content);
    CHECK(ReadAll(directory.Write("log", content)).text == content);
  }
}

TEST_CASE("an archive within an archive is not unpacked") {
  const TempDir directory;
  const std::string inner = Gzip("line\n");
  CHECK(ReadAll(directory.Write("log", Gzip(inner))).text == inner);
}

TEST_CASE("an archive of one endless line takes constant memory") {
  const TempDir directory;
  const std::string path = directory.Write("bomb", Gzip(std::string(200 << 20, 'a')) + Gzip("\ngood\n"));
  rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  const Reading reading = ReadAll(path);
  getrusage(RUSAGE_SELF, &after);
  CHECK(reading.result == ReadResult::kEnd);
  CHECK(reading.text == std::string(kChunkBytes, 'a') + "good\n");
  CHECK(after.ru_maxrss - before.ru_maxrss < 20 << 10);  // KiB
}

TEST_CASE("a pipe gives lines as they come, is unpacked, and has no identity") {
  for (const bool packed : {false, true}) {
    CAPTURE(packed);
    Pipe pipe;
    Source source(pipe.TakeReader(), "pipe", true, {});
    Chunk chunk;
    pipe.Write(packed ? Gzip("first line\n") : "first line\n");
    REQUIRE(source.Next(&chunk) == ReadResult::kChunk);
    CHECK(chunk.text() == "first line\n");
    CHECK(chunk.checkpoint().head_bytes == 0);
    REQUIRE(source.Next(&chunk) == ReadResult::kChunk);  // nothing for a moment
    CHECK(chunk.text().empty());
    pipe.Write(packed ? Gzip("second\nlast") : "second\nlast");
    REQUIRE(source.Next(&chunk) == ReadResult::kChunk);
    CHECK(chunk.text() == "second\n");
    pipe.Close();
    while (source.Next(&chunk) == ReadResult::kChunk && chunk.text().empty()) continue;
    CHECK(chunk.text() == "last");
    CHECK(chunk.unterminated());
    CHECK(source.Next(&chunk) == ReadResult::kEnd);
    CHECK(source.bytes_total() == 0);
  }
}

TEST_CASE("a minus is standard input, which is never continued, not even if it is a file") {
  const TempDir directory;
  const std::string content = Lines(100);
  const std::string path = directory.Write("log", content);
  const Checkpoint all = ReadAll(path).checkpoint;
  const int saved = dup(STDIN_FILENO);
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(dup2(file.get(), STDIN_FILENO) == STDIN_FILENO);
  const Reading reading = ReadAll("-", {{1, all}});
  dup2(saved, STDIN_FILENO);
  close(saved);
  CHECK(reading.text == content);
  CHECK(reading.continues == 0);
  CHECK(reading.checkpoint.head_bytes == 0);
}

TEST_CASE("a named pipe without a writer does not block") {
  const TempDir directory;
  const std::string path = directory / "fifo";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  std::string error;
  const auto source = OpenSource(path, {}, &error);
  REQUIRE(source != nullptr);
  Chunk chunk;
  CHECK(source->Next(&chunk) == ReadResult::kChunk);
  CHECK(chunk.text().empty());
}

}  // namespace
}  // namespace hushlog
