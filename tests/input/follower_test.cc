// Following logs. The cases are named by the numbers that docs/tail.md gives to what can happen to a log.
#include "src/input/follower.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/input/archives.h"
#include "tests/input/followed_logs.h"

namespace hushlog {
namespace {

TEST_CASE("1: a line that is written in pieces is given once, whole") {
  BOTH_WAYS
  Logs logs(inotify);
  logs.Start();
  std::string got;
  for (const char* piece : {"one ", "two ", "three\n", "four\n"}) {
    Append(logs.log(), piece);
    got += logs.Read();
  }
  CHECK(got == "one two three\nfour\n");
}

TEST_CASE("2: an unfinished last line is left for the next start") {
  Logs logs;
  Append(logs.log(), "one\ntw");
  logs.Start();
  CHECK(logs.Read() == "one\n");
  logs.Stop();
  Append(logs.log(), "o\n");
  CHECK(logs.Restart() == "two\n");
}

TEST_CASE("3: an unfinished line of a file that was rotated away is given after a while, apart from the new file") {
  BOTH_WAYS
  Logs logs(inotify);
  Append(logs.log(), "one\nunfin");
  logs.Start();
  CHECK(logs.Read() == "one\n");
  fs::rename(logs.log(), logs / "access.log.1");
  Append(logs.log(), "new\n");
  CHECK(logs.Read() == "new\n");
  logs.Pass(logs.options.quiet_time + milliseconds(1));
  CHECK(logs.Read() == "unfin");
  CHECK(logs.Restart().empty());
}

TEST_CASE("4: a line that is too long is cut, its neighbours are not, and the file goes on") {
  Logs logs;
  Append(logs.log(), "before\n");
  logs.Start();
  CHECK(logs.Read() == "before\n");
  Append(logs.log(), std::string(3 * kChunkBytes, 'x') + "\nafter\n");
  const std::string text = logs.Read();
  CHECK(text.size() == kChunkBytes + 6);
  CHECK(text.ends_with("after\n"));
}

TEST_CASE("7: a hole that a writer leaves which goes on at its old offset after copytruncate is passed over") {
  BOTH_WAYS
  Logs logs(inotify);
  const std::string before = Lines(3000), after = Lines(2);
  Append(logs.log(), before);
  logs.Start();
  CHECK(Brief(logs.Read()) == Brief(before));
  Copy(logs.log(), logs / "access.log.1");
  fs::resize_file(logs.log(), 0);
  fs::resize_file(logs.log(), before.size());
  Append(logs.log(), after);
  CHECK(Brief(logs.Read()) == Brief(after));
  CHECK(logs.Restart().empty());
}

TEST_CASE("10: empty lines move the position, also over a restart") {
  Logs logs;
  Append(logs.log(), "\n\n\n");
  logs.Start();
  CHECK(logs.Read() == "\n\n\n");
  CHECK(logs.Restart().empty());
}

TEST_CASE("11: positions go beyond 4 GiB") {
  Logs logs;
  Append(logs.log(), "one\n");
  fs::resize_file(logs.log(), (std::uintmax_t{1} << 32) + 5);
  Append(logs.log(), "\ntwo\n");
  logs.Start(FirstStart::kEnd);
  CHECK(logs.Read().empty());
  Append(logs.log(), "three\n");
  CHECK(logs.Read() == "three\n");
  CHECK(logs.checkpoints.at(1).offset == (std::uint64_t{1} << 32) + 16);
  CHECK(logs.Restart().empty());
}

TEST_CASE("12: files come and go, all lines are read and few files are open") {
  BOTH_WAYS
  Logs logs(inotify, {"*.log"});
  logs.options.max_open = 10;
  logs.Start();
  std::map<std::string, int> given;
  for (int round = 0; round < 5; ++round) {
    std::string expected, got;
    for (int i = 0; i < 50; ++i) {
      const std::string lines = Lines(2);
      Append(logs / ("site" + std::to_string(i + 10 * round) + ".log"), lines);
      expected += lines;
    }
    got = logs.Read();
    CHECK(got.size() == expected.size());
    for (std::size_t at = 0; at < expected.size(); at += 21) CHECK(got.find(expected.substr(at, 21)) != got.npos);
    CHECK(logs.follower().open_files() <= 10);
    for (int i = 0; i < 10; ++i) fs::remove(logs / ("site" + std::to_string(i + 10 * round) + ".log"));
  }
}

TEST_CASE("13: directories of a matching name, and ones that come and go, do no harm") {
  BOTH_WAYS
  Logs logs(inotify, {"*/access.log"});
  fs::create_directories(logs / "a/access.log");
  logs.Start();
  CHECK(logs.Read().empty());
  CHECK(logs.Read().empty());
  CHECK(logs.notes.size() <= 1);
  fs::create_directory(logs / "b");
  CHECK(logs.Read().empty());
  Append(logs / "b/access.log", "one\n");
  CHECK(logs.Read() == "one\n");
  fs::remove_all(logs / "b");
  CHECK(logs.Read().empty());
  Append(logs / "b", "a file now\n");
  CHECK(logs.Read().empty());
  fs::remove(logs / "b");
  fs::create_directory(logs / "b");
  Append(logs / "b/access.log", "two\n");
  CHECK(logs.Read() == "two\n");
}

TEST_CASE("14: a file that may not be read is told once, and read from its beginning once it may") {
  if (geteuid() == 0) return;  // may read everything
  Logs logs;
  Append(logs.log(), "one\n");
  fs::permissions(logs.log(), fs::perms::none);
  logs.Start();
  CHECK(logs.Read().empty());
  Append(logs / "access.log.9", "x");
  CHECK(logs.Read().empty());
  CHECK(logs.notes.size() == 1);
  fs::permissions(logs.log(), fs::perms::owner_all);
  CHECK(logs.Read() == "one\n");
}

TEST_CASE("15: what is no regular file is left alone, and told once") {
  Logs logs;
  REQUIRE(mkfifo(logs.log().c_str(), 0600) == 0);
  logs.Start();
  CHECK(logs.Read().empty());
  Append(logs / "other", "x");
  CHECK(logs.Read().empty());
  REQUIRE(logs.notes.size() == 1);
  CHECK(logs.notes[0].find("no regular file") != std::string::npos);
}

TEST_CASE("16: a file with several names is read once") {
  BOTH_WAYS
  Logs logs(inotify, {"*.log", "access.log"});
  Append(logs.log(), "one\n");
  fs::create_hard_link(logs.log(), logs / "hard.log");
  fs::create_symlink("access.log", logs / "soft.log");
  logs.Start();
  CHECK(logs.Read() == "one\n");
  Append(logs / "soft.log", "two\n");
  CHECK(logs.Read() == "two\n");
  Append(logs / "hard.log", "three\n");
  CHECK(logs.Read() == "three\n");
  CHECK(logs.Restart().empty());
}

TEST_CASE("17: a quiet file does not wait until a busy one is read") {
  Logs logs(true, {"*.log"});
  Append(logs / "busy.log", Lines(200'000, 50));
  for (int i = 0; i < 20; ++i) Append(logs / ("quiet" + std::to_string(i) + ".log"), "quiet\n");
  logs.Start();
  logs.follower().Poll(milliseconds(0));
  Chunk chunk;
  for (int turn = 0; turn < 21; ++turn) REQUIRE(logs.follower().Next(&chunk) != nullptr);
  const FollowedFile* file = logs.follower().Next(&chunk);
  REQUIRE(file != nullptr);
  CHECK(file->path == logs / "busy.log");  // all the others had their turn
}

TEST_CASE("18: a file that an editor has replaced goes on if it begins as before, else it is a new one") {
  BOTH_WAYS
  const std::string old_lines = Lines(300), more = Lines(1);
  const struct {
    std::string now, news;
  } table[] = {{old_lines + more, more}, {"changed" + old_lines + more, "changed" + old_lines + more}};
  for (const auto& row : table) {
    Logs logs(inotify);
    Append(logs.log(), old_lines);
    logs.Start();
    CHECK(Brief(logs.Read()) == Brief(old_lines));
    Append(logs / "temporary", row.now);
    fs::rename(logs / "temporary", logs.log());
    logs.Read();
    logs.Pass(logs.options.quiet_time + milliseconds(1));
    logs.Read();
    std::string text;
    for (const auto& [id, checkpoint] : logs.checkpoints) text += std::to_string(checkpoint.offset) + " ";
    const bool continued = row.now.starts_with(old_lines);
    CHECK(text == (continued ? std::to_string(row.now.size()) + " "
                             : std::to_string(old_lines.size()) + " " + std::to_string(row.now.size()) + " "));
  }
}

TEST_CASE(
    "117: at the first start a log is followed from its end or its beginning, files that come later from theirs") {
  for (const FirstStart start : {FirstStart::kEnd, FirstStart::kBeginning}) {
    Logs logs(true, {"access.log*"});
    Append(logs / "access.log.2.gz", Gzip("1\n"));
    Append(logs / "access.log.1", "2\n");
    Append(logs.log(), "3\n");
    logs.Start(start);
    CHECK(logs.Read() == (start == FirstStart::kEnd ? "" : "1\n2\n3\n"));
    Append(logs.log(), "4\n");
    CHECK(logs.Read() == "4\n");
    CHECK(logs.Restart().empty());
    fs::rename(logs / "access.log.1", logs / "access.log.2");
    fs::rename(logs.log(), logs / "access.log.1");
    Append(logs.log(), "5\n");
    CHECK(logs.Read() == "5\n");
    CHECK(logs.Restart().empty());
  }
}

TEST_CASE(
    "117: rotated files that are there at the first start are not read, also if something is added to them later") {
  for (const FirstStart start : {FirstStart::kEnd, FirstStart::kBeginning}) {
    Logs logs;
    Append(logs / "access.log.1", "1\n");
    Append(logs.log(), "");
    logs.Start(start);
    CHECK(logs.Read().empty());
    Append(logs / "access.log.1", "late\n");
    Append(logs.log(), "2\n");
    CHECK(logs.Read() == "late\n2\n");
  }
}

TEST_CASE("22: a whole file that was rotated away while nobody followed is read, also if no other file is known") {
  Logs logs;
  logs.Start(FirstStart::kEnd);
  CHECK(logs.Read().empty());
  logs.Stop();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  logs.since_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  Append(logs / "access.log.2.gz", Gzip("old\n"));
  fs::last_write_time(logs / "access.log.2.gz", fs::file_time_type::clock::now() - std::chrono::hours(1));
  Append(logs / "access.log.1", "1\n");
  Append(logs.log(), "2\n");
  CHECK(logs.Restart() == "1\n2\n");
}

TEST_CASE("what was put back comes again when the file has changed") {
  Logs logs;
  Append(logs.log(), "1\n");
  logs.Start();
  logs.follower().Poll(milliseconds(0));
  Chunk chunk;
  const FollowedFile* file = logs.follower().Next(&chunk);
  REQUIRE(file != nullptr);
  logs.follower().PutBack(*file);
  CHECK(logs.Read().empty());
  Append(logs.log(), "2\n");
  CHECK(logs.Read() == "1\n2\n");
  CHECK(logs.Restart().empty());
}

}  // namespace
}  // namespace hushlog
