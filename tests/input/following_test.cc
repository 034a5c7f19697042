// Reading a file that is still being written.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "src/input/source.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

void Append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

// What is new, and how that ended.
struct News {
  std::string text;
  ReadResult result = ReadResult::kChunk;
};

News ReadOn(Source* source) {
  News news;
  Chunk chunk;
  while ((news.result = source->Next(&chunk)) == ReadResult::kChunk) news.text += chunk.text();
  return news;
}

std::unique_ptr<Source> FollowFile(const std::string& path) {
  std::string error;
  auto source = OpenSource(path, {}, &error);
  REQUIRE(source != nullptr);
  source->Follow();
  return source;
}

TEST_CASE("a followed file gives what is appended, in whole lines") {
  const TempDir directory;
  const std::string path = directory.Write("log", "one\n");
  const auto source = FollowFile(path);
  const struct {
    const char *added, *news;
  } table[] = {{"", "one\n"},    {"", ""},  {"two\nthr", "two\n"}, {"e", ""}, {"e\nfour\n", "three\nfour\n"},
               {"\n\n", "\n\n"}, {"x", ""}, {"\n", "x\n"}};
  for (const auto& row : table) {
    Append(path, row.added);
    const News news = ReadOn(source.get());
    CHECK(news.result == ReadResult::kEnd);
    CHECK(news.text == row.news);
  }
  CHECK(source->checkpoint().offset == std::filesystem::file_size(path));
}

TEST_CASE("a followed file that was truncated or rewritten says so, however large it is then") {
  const std::string old_lines = "first line\nsecond line\nunfini";
  for (const std::string& now : {std::string(), std::string("anew\n"), std::string("FIRST LINE\nSECOND LINE\nUNFINI"),
                                 std::string(9000, 'y') + "\n", std::string("first line\nsecond line\nother\n")}) {
    CAPTURE(now);
    const TempDir directory;
    const std::string path = directory.Write("log", old_lines);
    const auto source = FollowFile(path);
    REQUIRE(ReadOn(source.get()).text == "first line\nsecond line\n");
    directory.Write("log", now);  // truncates
    const News news = ReadOn(source.get());
    CHECK(news.result == ReadResult::kRewritten);
    CHECK(news.text.empty());
    CHECK(source->checkpoint().offset == 23);
  }
}

TEST_CASE("an unfinished last line is given when the file is not followed any more") {
  const TempDir directory;
  const auto source = FollowFile(directory.Write("log", "one\ntwo"));
  CHECK(ReadOn(source.get()).text == "one\n");
  CHECK(source->holds_unfinished_line());
  source->StopFollowing();
  CHECK(ReadOn(source.get()).text == "two");
}

TEST_CASE("5: a line without end takes no more memory than a chunk, and is passed over as it grows") {
  const TempDir directory;
  const std::string path = directory.Write("log", std::string(kChunkBytes + 5, 'x'));
  const auto source = FollowFile(path);
  CHECK(ReadOn(source.get()).text.size() == kChunkBytes);
  for (int i = 0; i < 3; ++i) {
    Append(path, std::string(100000, 'x'));
    CHECK(ReadOn(source.get()).text.empty());
    CHECK(source->checkpoint().offset == std::filesystem::file_size(path));
  }
  Append(path, "x\nnext\n");
  CHECK(ReadOn(source.get()).text == "next\n");
}

TEST_CASE("a followed file can begin at its end, after an unfinished line") {
  const TempDir directory;
  const struct {
    std::string before;
    const char* news;
  } table[] = {{"one\n", "two\nthree\n"}, {"on", "three\n"}, {std::string(20000, 'x') + "\n", "two\nthree\n"}};
  for (const auto& row : table) {
    const std::string path = directory.Write("log", row.before);
    const auto source = FollowFile(path);
    source->SkipToEnd();
    CHECK(source->start().offset == row.before.size());
    CHECK(ReadOn(source.get()).text.empty());
    Append(path, "two\nthree\n");
    CHECK(ReadOn(source.get()).text == row.news);
    std::string error;
    const auto again = OpenSource(path, {{{7, source->checkpoint()}}}, &error);
    CHECK(again->continues() == 7);
    CHECK(ReadOn(again.get()).text.empty());
  }
}

}  // namespace
}  // namespace hushlog
