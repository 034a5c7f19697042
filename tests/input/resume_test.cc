// Continuing sources of earlier runs.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "src/input/source.h"
#include "tests/input/archives.h"
#include "tests/input/read_all.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

std::string Lines(int count, std::string_view word = "line") {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::string(word) + " " + std::to_string(i) + "\n";
  return text;
}

TEST_CASE("a checkpoint survives encoding") {
  const Checkpoint table[] = {
      {},
      {.head_bytes = 10, .head_hash = 1, .offset = 10, .tail_bytes = 10, .tail_hash = 2, .mid_line = true},
      {.head_bytes = 4096, .head_hash = ~0ull, .offset = 1ull << 40, .tail_bytes = 4096, .tail_hash = 1ull << 63},
  };
  for (const Checkpoint& checkpoint : table) {
    Checkpoint decoded;
    REQUIRE(Checkpoint::Decode(checkpoint.Encode(), &decoded));
    CHECK(decoded == checkpoint);
  }
}

TEST_CASE("a broken or newer checkpoint is refused") {
  const Checkpoint good{.head_bytes = 10, .head_hash = 1, .offset = 10, .tail_bytes = 10, .tail_hash = 2};
  const std::string bytes = good.Encode();
  std::string newer = bytes, odd_flag = bytes;
  newer[0] = 2;
  odd_flag[1] = 7;
  Checkpoint long_head = good, early = good;
  long_head.head_bytes = 4097;
  early.offset = 9;
  const std::string table[] = {"",       bytes.substr(1),    bytes + "x",    newer,
                               odd_flag, long_head.Encode(), early.Encode(), std::string(34, '\xFF')};
  for (const std::string& broken : table) {
    Checkpoint out;
    CHECK_FALSE(Checkpoint::Decode(broken, &out));
  }
}

TEST_CASE("the hash of content is the same in every run and on every machine") {
  CHECK(IdentityHash("") == 18035780366625982052u);
  CHECK(IdentityHash("127.0.0.1 - - [") == 5752518938622891852u);
}

TEST_CASE("a file that has grown gives what is new, whatever its name and compression now") {
  for (const int before : {1, 10, 1000, 100000}) {
    for (const int added : {0, 1, 1000}) {
      CAPTURE(before);
      CAPTURE(added);
      const TempDir directory;
      const std::string old_text = Lines(before), new_text = Lines(added, "new");
      const Reading first = ReadAll(directory.Write("access.log", old_text));
      REQUIRE(first.text == old_text);
      const std::vector<KnownSource> known = {{7, first.checkpoint}};
      const std::string table[] = {
          directory.Write("access.log", old_text + new_text),
          directory.Write("access.log.1", old_text + new_text),
          directory.Write("access.log.2.gz", Gzip(old_text + new_text)),
          directory.Write("access.log.3.gz", Gzip(old_text) + Gzip(new_text)),
          directory.Write("access.log.4.xz", Xz(old_text + new_text)),
          directory.Write("access.log.5.bz2", Bzip2(old_text + new_text)),
          directory.Write("access.log.6.zst", Zstd(old_text + new_text)),
      };
      for (const std::string& path : table) {
        CAPTURE(path);
        const Reading second = ReadAll(path, known);
        CHECK(second.result == ReadResult::kEnd);
        CHECK(second.continues == 7);
        CHECK(second.text == new_text);
        CHECK(second.warnings.empty());
        CHECK(second.checkpoint == ReadAll(path).checkpoint);  // as if it had been read in one go
      }
    }
  }
}

TEST_CASE("other content is a new source, without a warning") {
  const TempDir directory;
  const std::string text = Lines(10);
  const std::vector<KnownSource> known = {{7, ReadAll(directory.Write("a", text)).checkpoint}, {8, Checkpoint{}}};
  const std::string table[] = {
      Lines(10, "other"),
      text.substr(0, text.size() / 2),                   // shorter than the recorded head
      text.substr(0, text.size() - 1) + "0\nline 10\n",  // same first lines
      "",
  };
  for (const std::string& content : table) {
    CAPTURE(content);
    const Reading reading = ReadAll(directory.Write("b", content), known);
    CHECK(reading.continues == 0);
    CHECK(reading.text == content);
    CHECK(reading.warnings.empty());
  }
}

TEST_CASE("a file with the same beginning but other content after it is read from its beginning, with a warning") {
  const std::string head = Lines(1000);
  const std::string text = head + Lines(2000, "old");
  std::string changed = text;
  changed[text.size() - 2000] = '#';
  const std::string table[] = {
      head + Lines(3000, "new"),  // rewritten
      changed + Lines(10),        // edited and grown
      changed,                    // edited
  };
  for (const std::string& content : table) {
    const TempDir directory;
    const std::vector<KnownSource> known = {{7, ReadAll(directory.Write("a", text)).checkpoint}};
    for (const std::string& path : {directory.Write("b", content), directory.Write("b.gz", Gzip(content))}) {
      const Reading reading = ReadAll(path, known);
      CHECK(reading.result == ReadResult::kEnd);
      CHECK(reading.continues == 0);
      CHECK(reading.text == content);
      CHECK(reading.warnings.size() == 1);
    }
  }
}

TEST_CASE("a partial copy of a log that was read further gives nothing, with a warning") {
  const TempDir directory;
  const std::string text = Lines(30000);
  const Checkpoint checkpoint = ReadAll(directory.Write("access.log.1", text)).checkpoint;
  const std::string archive = Gzip(text);
  const struct {
    const char* name;
    std::string content;
  } table[] = {
      {"prefix", text.substr(0, text.size() / 2)},
      {"line_torn", text.substr(0, text.size() - 10)},
      {"no_more_than_the_head", text.substr(0, kIdentityBytes)},
      {"whole.gz", Gzip(text.substr(0, text.size() / 2))},
      {"being_written.gz", archive.substr(0, archive.size() / 2)},
      {"nearly_written.gz", archive.substr(0, archive.size() - 100)},
  };
  for (const auto& row : table) {
    CAPTURE(row.name);
    const std::string path = directory.Write(row.name, row.content);
    const Reading reading = ReadAll(path, {{7, checkpoint}});
    CHECK(reading.result == ReadResult::kEnd);
    CHECK(reading.text.empty());
    CHECK(reading.continues == 7);
    CHECK(reading.checkpoint == checkpoint);
    REQUIRE(reading.warnings.size() == 1);
    CHECK(reading.warnings[0] == path + ": shorter than when it was read last; nothing new is in it");
    CHECK(reading.error.empty());
  }
}

TEST_CASE("an archive that is damaged before the position that was reached gives nothing but its fault") {
  const TempDir directory;
  const std::string text = Lines(30000);
  std::string archive = Gzip(text);
  archive.replace(archive.size() / 2, 40, 40, '\xFF');
  const std::vector<KnownSource> known = {{7, ReadAll(directory.Write("log", text)).checkpoint}};
  const Reading reading = ReadAll(directory.Write("log.gz", archive), known);
  CHECK(reading.result == ReadResult::kError);
  CHECK(reading.text.empty());
  CHECK(reading.continues == 7);
  CHECK(reading.warnings.empty());
  CHECK(reading.error.find("the archive is damaged") != std::string::npos);
}

TEST_CASE("an archive whose text is complete but not its end has nothing new") {
  const TempDir directory;
  const std::string text = Lines(30000), archive = Gzip(text);
  const std::vector<KnownSource> known = {{7, ReadAll(directory.Write("log", text)).checkpoint}};
  const Reading reading = ReadAll(directory.Write("log.gz", archive.substr(0, archive.size() - 4)), known);
  CHECK(reading.result == ReadResult::kError);
  CHECK(reading.text.empty());
  CHECK(reading.continues == 7);
}

TEST_CASE("a log that was emptied and started anew is a new source") {
  const TempDir directory;
  const std::vector<KnownSource> known = {{7, ReadAll(directory.Write("log", Lines(3000))).checkpoint}};
  for (const std::string& content : {Lines(2000, "anew"), Lines(1, "anew")}) {
    const Reading reading = ReadAll(directory.Write("log", content), known);
    CHECK(reading.continues == 0);
    CHECK(reading.text == content);
    CHECK(reading.warnings.empty());
  }
}

TEST_CASE("what is skipped of a file on disk is told") {
  const TempDir directory;
  const std::string text = Lines(3000), grown = text + Lines(10, "new"), other = Lines(4000, "other");
  const std::vector<KnownSource> known = {{7, ReadAll(directory.Write("log", text)).checkpoint}};
  const struct {
    std::string content;
    std::uint64_t skipped;
  } table[] = {
      {other, 0}, {text, text.size()}, {grown, text.size()}, {text.substr(0, 5000), 5000}, {Gzip(grown), 0}, {"", 0},
  };
  for (const auto& row : table) {
    CAPTURE(row.skipped);
    std::string error;
    const auto source = OpenSource(directory.Write("file", row.content), known, &error);
    CHECK(source->bytes_skipped() == row.skipped);
    CHECK(source->bytes_read() >= row.skipped);
    (void)ReadAll(source.get());
    CHECK(source->bytes_skipped() == row.skipped);
    CHECK(source->bytes_read() == row.content.size());
  }
}

TEST_CASE("known sources are found by how their content begins") {
  const auto checkpoint = [](std::string_view head, std::uint64_t offset) {
    return Checkpoint{
        .head_bytes = static_cast<std::uint32_t>(head.size()), .head_hash = IdentityHash(head), .offset = offset};
  };
  KnownSources known;
  CHECK(known.Alike("abcdef").empty());
  known.Set(1, checkpoint("abc", 3));
  known.Set(2, checkpoint("abcde", 7));
  known.Set(3, checkpoint("abcde", 9));
  known.Set(4, checkpoint("x", 1));
  known.Set(5, Checkpoint{});
  const auto ids = [&known](std::string_view head) {
    std::vector<std::int64_t> found;
    for (const KnownSource& source : known.Alike(head)) found.push_back(source.id);
    return found;
  };
  using Ids = std::vector<std::int64_t>;
  CHECK(ids("abcdef") == Ids{3, 2});  // the longest beginning decides, who read most is first
  CHECK(ids("abcd") == Ids{1});
  CHECK(ids("ab") == Ids{});
  CHECK(ids("") == Ids{});
  CHECK(ids("xabc") == Ids{4});
  known.Set(2, checkpoint("abcde", 12));
  CHECK(ids("abcdef") == Ids{2, 3});
  known.Set(2, checkpoint("abcdefg", 12));  // its beginning has become longer
  CHECK(ids("abcdef") == Ids{3});
  CHECK(ids("abcdefg") == Ids{2});
}

TEST_CASE("of several known sources with the same beginning, the one is continued whose content it is") {
  const TempDir directory;
  const std::string head = Lines(1000);
  const std::string ours = head + Lines(2000, "ours"), theirs = head + Lines(2500, "theirs");
  const std::vector<KnownSource> known = {
      {1, ReadAll(directory.Write("theirs", theirs)).checkpoint},
      {2, ReadAll(directory.Write("early", ours.substr(0, head.size() + 1000 * 10))).checkpoint},
      {3, ReadAll(directory.Write("ours", ours)).checkpoint},
  };
  for (const std::string& path : {directory.Write("x", ours + "new\n"), directory.Write("y", Gzip(ours + "new\n"))}) {
    const Reading reading = ReadAll(path, known);
    CHECK(reading.continues == 3);
    CHECK(reading.text == "new\n");
    CHECK(reading.warnings.empty());
  }
}

TEST_CASE("the same content under another path is not read again once the checkpoint is known") {
  const TempDir directory;
  const std::string text = Lines(5000);
  const std::string path = directory.Write("access.log", text);
  std::filesystem::create_hard_link(path, directory / "hard");
  std::filesystem::create_symlink(path, directory / "soft");
  directory.Write("copy", text);
  directory.Write("access.log.gz", Gzip(text));
  const std::vector<KnownSource> known = {{7, ReadAll(path).checkpoint}};
  for (const char* name : {"access.log", "hard", "soft", "copy", "access.log.gz"}) {
    CAPTURE(name);
    const Reading reading = ReadAll(directory / name, known);
    CHECK(reading.continues == 7);
    CHECK(reading.text.empty());
  }
}

TEST_CASE("an unfinished last line that was taken is not taken again when it is finished") {
  const struct {
    std::string before, added, again;
  } table[] = {
      {"one\ntwo", "", ""},
      {"one\ntwo", "\n", ""},
      {"one\ntwo", " and the rest\n", ""},
      {"one\ntwo", "\nthree\n", "three\n"},
      {"one\ntwo", " and the rest\nthree\n", "three\n"},
      {"one\ntwo", " and still more", ""},
      {"two", "\nthree", "three"},
  };
  const TempDir directory;
  for (const auto& row : table) {
    CAPTURE(row.before);
    CAPTURE(row.added);
    const Reading first = ReadAll(directory.Write("log", row.before));
    CHECK(first.text == row.before);
    const Reading second = ReadAll(directory.Write("log", row.before + row.added), {{7, first.checkpoint}});
    CHECK(second.continues == 7);
    CHECK(second.text == row.again);
    const std::string later = row.before + row.added + "\nlater\n";
    CHECK(ReadAll(directory.Write("log", later), {{7, second.checkpoint}}).text.ends_with("later\n"));
  }
}

TEST_CASE("an unfinished last line that was left is read whole in the next run") {
  const TempDir directory;
  const std::string whole = Lines(3000);
  for (const std::string& before : {std::string("one\n"), whole}) {
    const Reading first = ReadAll(directory.Write("log", before + "unfin"), {}, LastLine::kLeave);
    CHECK(first.text == before);
    const Reading second = ReadAll(directory.Write("log", before + "unfinished\nnew\n"), {{7, first.checkpoint}});
    CHECK(second.continues == 7);
    CHECK(second.text == "unfinished\nnew\n");
  }
}

TEST_CASE("reading can be continued after every chunk, also within an over-long line") {
  const TempDir directory;
  const std::string text = Lines(150000) + std::string(4 << 20, 'a') + "\n" + Lines(150000, "later");
  for (const std::string& path : {directory.Write("log", text), directory.Write("log.gz", Gzip(text))}) {
    std::string error;
    const auto source = OpenSource(path, {}, &error);
    std::string all, given;
    all = ReadAll(path).text;
    Chunk chunk;
    int chunks = 0;
    while (source->Next(&chunk) == ReadResult::kChunk) {
      given += chunk.text();
      const Reading rest = ReadAll(path, {{7, chunk.checkpoint()}});
      CHECK(rest.continues == 7);
      CHECK(given + rest.text == all);
      ++chunks;
    }
    CHECK(chunks > 5);
  }
}

TEST_CASE("an archive that was cut off is continued when it is complete") {
  const TempDir directory;
  const std::string text = Lines(20000), bytes = Gzip(text);
  const Reading first = ReadAll(directory.Write("log.gz", bytes.substr(0, bytes.size() / 2)));
  REQUIRE(first.result == ReadResult::kError);
  REQUIRE_FALSE(first.text.empty());
  const Reading second = ReadAll(directory.Write("log.gz", bytes), {{7, first.checkpoint}});
  CHECK(second.continues == 7);
  CHECK(first.text + second.text == text);
}

TEST_CASE("a damaged archive still continues, and still tells its fault") {
  const TempDir directory;
  const std::string bytes = Gzip(Lines(20000));
  const std::string path = directory.Write("log.gz", bytes.substr(0, bytes.size() / 2));
  const Reading second = ReadAll(path, {{7, ReadAll(path).checkpoint}});
  CHECK(second.continues == 7);
  CHECK(second.text.empty());
  CHECK(second.result == ReadResult::kError);
}

}  // namespace
}  // namespace hushlog
