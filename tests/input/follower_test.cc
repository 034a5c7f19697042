// Following logs. The cases are named by the numbers that docs/tail.md gives to what can happen to a log.
#include "src/input/follower.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/input/archives.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

void Append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

void Copy(const std::string& from, const std::string& to) { fs::copy_file(from, to); }

constexpr unsigned kMixes = 40;

// Lines that are found in no other call.
std::string Lines(int count, std::size_t width = 20) {
  static int number = 0;
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string line = "line " + std::to_string(number++) + " ";
    text += line + std::string(width - std::min(width, line.size()), '.') + "\n";
  }
  return text;
}

// What is shown of a long text that is not what it should be.
std::string Brief(const std::string& text) {
  constexpr std::size_t kLong = 200;
  if (text.size() <= kLong) return text;
  return text.substr(0, kLong) + "... " + std::to_string(text.size()) + " bytes, hash " +
         std::to_string(IdentityHash(text));
}

// A directory with logs, what has followed them, and what that has given.
class Logs {
 public:
  explicit Logs(bool inotify = true, std::vector<std::string> patterns = {"access.log"}) : patterns_(patterns) {
    options.inotify = inotify;
    options.now = [this] { return now_; };
    if (!inotify) options.poll_interval = milliseconds(0);
  }

  std::string operator/(const std::string& name) const { return directory_ / name; }
  std::string log() const { return directory_ / "access.log"; }

  // Starts following, or anew, with what was given until then as the checkpoints.
  void Start(FirstStart start = FirstStart::kResume) {
    follower_.reset();
    std::vector<std::string> paths;
    for (const std::string& pattern : patterns_) paths.push_back(directory_ / pattern);
    KnownSources known;
    for (const auto& [id, checkpoint] : checkpoints) known.Set(id, checkpoint);
    FollowedLogs followed{paths, start};
    if (start == FirstStart::kResume) followed.since_s = since_s;
    follower_ = std::make_unique<Follower>(std::vector<FollowedLogs>{followed}, known, options);
  }
  void Stop() { follower_.reset(); }

  // What is new: all that can be had without waiting.
  std::string Read() {
    std::string text;
    Chunk chunk;
    for (int idle = 0; idle < 2;) {
      idle = follower_->Poll(milliseconds(0)) ? 0 : idle + 1;
      while (const FollowedFile* file = follower_->Next(&chunk)) {
        idle = 0;
        text += chunk.text();
        checkpoints[file->id] = chunk.checkpoint();
      }
    }
    for (const KnownSource& source : follower_->TakeSkipped()) checkpoints.try_emplace(source.id, source.checkpoint);
    for (std::string& note : follower_->TakeNotes()) notes.push_back(std::move(note));
    return text;
  }
  std::string Restart() {
    Start();
    return Read();
  }
  void Pass(milliseconds time) { now_ += time; }
  Follower& follower() { return *follower_; }

  Follower::Options options;
  std::map<std::int64_t, Checkpoint> checkpoints;
  std::vector<std::string> notes;
  std::int64_t since_s = std::numeric_limits<std::int64_t>::max();

 private:
  TempDir directory_;
  std::vector<std::string> patterns_;
  Follower::Time now_{};
  std::unique_ptr<Follower> follower_;
};

// Runs a test as inotify and as polling sees it.
#define BOTH_WAYS                        \
  bool inotify = true;                   \
  SUBCASE("inotify") { inotify = true; } \
  SUBCASE("polling") { inotify = false; }

// ---- A: reading

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

// ---- B: rotation

TEST_CASE("19: lines that are still written to a file after it was renamed are read, each once") {
  BOTH_WAYS
  Logs logs(inotify);
  Append(logs.log(), "1\n");
  logs.Start();
  CHECK(logs.Read() == "1\n");
  std::ofstream writer(logs.log(), std::ios::app);
  writer << "2\n" << std::flush;
  fs::rename(logs.log(), logs / "access.log.1");
  writer << "3\n" << std::flush;
  CHECK(logs.Read() == "2\n3\n");
  Append(logs.log(), "5\n");
  writer << "4\n" << std::flush;
  CHECK(logs.Read() == "4\n5\n");
  writer << "late\n" << std::flush;
  CHECK(logs.Read() == "late\n");
  CHECK(logs.Restart().empty());
}

TEST_CASE("20: files that were rotated several times between two looks are all read, in order") {
  BOTH_WAYS
  Logs logs(inotify);
  std::string expected = Lines(3);
  Append(logs.log(), expected);
  logs.Start();
  CHECK(Brief(logs.Read()) == Brief(expected));
  expected.clear();
  for (int rotation = 0; rotation < 10; ++rotation) {
    const std::string lines = Lines(3);
    Append(logs.log(), lines);
    expected += lines;
    for (int i = 10; i > 0; --i) {
      const std::string from = logs / ("access.log." + std::to_string(i));
      if (fs::exists(from)) fs::rename(from, logs / ("access.log." + std::to_string(i + 1)));
    }
    fs::rename(logs.log(), logs / "access.log.1");
  }
  Append(logs.log(), "now\n");
  CHECK(Brief(logs.Read()) == Brief(expected + "now\n"));
  CHECK(logs.Restart().empty());
}

TEST_CASE("21, 22, 23: what was rotated away while nobody followed is read first, whatever its name and compression") {
  for (const std::vector<std::string>& patterns :
       {std::vector<std::string>{"access.log"}, std::vector<std::string>{"access.log*"}}) {
    for (const std::string name :
         {"access.log.1", "access.log-20261125", "access.log.1.gz", "access.log-20261125.zst"}) {
      CAPTURE(name);
      CAPTURE(patterns[0]);
      Logs logs(true, patterns);
      const std::string before = Lines(1000), rest = Lines(500), now = Lines(10);
      Append(logs.log(), before);
      logs.Start();
      CHECK(Brief(logs.Read()) == Brief(before));
      logs.Stop();
      fs::remove(logs.log());
      const std::string whole = before + rest;
      Append(logs / name, name.ends_with("gz") ? Gzip(whole) : name.ends_with("zst") ? Zstd(whole) : whole);
      Append(logs.log(), now);
      CHECK(Brief(logs.Restart()) == Brief(rest + now));
      CHECK(logs.Restart().empty());
      CHECK(logs.notes.empty());
    }
  }
}

TEST_CASE("22: whole files that were rotated away while nobody followed are read, older ones are not") {
  Logs logs;
  const std::string old_lines = Lines(10), first = Lines(10), second = Lines(10), third = Lines(10), now = Lines(1);
  Append(logs / "access.log.1", old_lines);
  Append(logs.log(), first);
  logs.Start();
  CHECK(Brief(logs.Read()) == Brief(first));
  logs.Stop();
  fs::rename(logs / "access.log.1", logs / "access.log.4");
  fs::rename(logs.log(), logs / "access.log.3");
  Append(logs / "access.log.2.gz", Gzip(second));
  Append(logs / "access.log.1", third);
  Append(logs.log(), now);
  CHECK(Brief(logs.Restart()) == Brief(second + third + now));
  CHECK(logs.Restart().empty());
}

TEST_CASE("24: an archive that is still being written gives what is there, and then the rest") {
  Logs logs;
  const std::string before = Lines(1000), rest = Lines(60'000), archive = Gzip(before + rest);
  Append(logs.log(), before);
  logs.Start();
  CHECK(Brief(logs.Read()) == Brief(before));
  logs.Stop();
  fs::remove(logs.log());
  Append(logs / "access.log.1.gz", archive.substr(0, archive.size() / 2));
  Append(logs.log(), "now\n");
  std::string text = logs.Restart();
  Append(logs / "access.log.1.gz", archive.substr(archive.size() / 2));
  text += logs.Read();
  CHECK(text.size() == rest.size() + 4);
  text.erase(text.find("now\n"), 4);
  CHECK(Brief(text) == Brief(rest));
  CHECK(logs.Restart().empty());
}

TEST_CASE("26: reading an archive goes on after a crash where it was") {
  Logs logs;
  const std::string before = Lines(1000), rest = Lines(200'000);
  Append(logs.log(), before);
  logs.Start();
  CHECK(Brief(logs.Read()) == Brief(before));
  logs.Stop();
  fs::remove(logs.log());
  Append(logs / "access.log.1.gz", Gzip(before + rest));
  Append(logs.log(), "now\n");
  logs.Start();
  logs.follower().Poll(milliseconds(0));
  Chunk chunk;
  const FollowedFile* file = logs.follower().Next(&chunk);
  REQUIRE(file != nullptr);
  logs.checkpoints[file->id] = chunk.checkpoint();
  const std::string first(chunk.text());
  REQUIRE(first.size() < rest.size());
  CHECK(Brief(first + logs.Restart()) == Brief(rest + "now\n"));
}

TEST_CASE("27, 31: after copytruncate nothing is given twice") {
  BOTH_WAYS
  for (const std::string pattern : {"access.log", "access.log*"}) {
    for (const int count : {1, 3, 1000, 30'000}) {
      CAPTURE(count);
      CAPTURE(pattern);
      Logs logs(inotify, {pattern});
      const std::string before = Lines(count), after = Lines(3);
      Append(logs.log(), before);
      logs.Start();
      CHECK(Brief(logs.Read()) == Brief(before));
      Copy(logs.log(), logs / "access.log.1");
      CHECK(logs.Read().empty());
      fs::resize_file(logs.log(), 0);
      CHECK(logs.Read().empty());
      Append(logs.log(), after);
      CHECK(Brief(logs.Read()) == Brief(after));
      CHECK(logs.Restart().empty());
      CHECK(logs.notes.empty());
    }
  }
}

TEST_CASE("31: a copy that is still being made, or shorter than what was read, gives nothing") {
  BOTH_WAYS
  for (const int count : {10, 1000}) {
    CAPTURE(count);
    Logs logs(inotify, {"access.log*"});
    const std::string before = Lines(count), last = Lines(2);
    Append(logs.log(), before);
    logs.Start();
    CHECK(Brief(logs.Read()) == Brief(before));
    for (const std::size_t end : {std::size_t{0}, before.size() / 3, before.size() / 2, before.size()}) {
      const std::size_t written = fs::exists(logs / "access.log.1") ? fs::file_size(logs / "access.log.1") : 0;
      Append(logs / "access.log.1", before.substr(written, end - written));
      CHECK(logs.Read().empty());
    }
    Append(logs.log(), last);  // after it was copied, before it is truncated
    CHECK(Brief(logs.Read()) == Brief(last));
    fs::resize_file(logs.log(), 0);
    CHECK(logs.Read().empty());
    Append(logs.log(), "now\n");
    CHECK(logs.Read() == "now\n");
    CHECK(logs.notes.empty());
  }
}

TEST_CASE(
    "28, 29: what copytruncate took away before it was read is read from the copy, also if the log has grown again") {
  BOTH_WAYS
  for (const int regrown : {0, 2, 5000}) {
    CAPTURE(regrown);
    Logs logs(inotify);
    const std::string before = Lines(1000), rest = Lines(2000), after = Lines(regrown);
    Append(logs.log(), before);
    logs.Start();
    CHECK(Brief(logs.Read()) == Brief(before));
    Append(logs.log(), rest);
    Copy(logs.log(), logs / "access.log.1");
    fs::resize_file(logs.log(), 0);
    Append(logs.log(), after);
    CHECK(Brief(logs.Read()) == Brief(rest + after));
    CHECK(logs.Restart().empty());
    CHECK(logs.notes.empty());
  }
}

TEST_CASE("28: what is lost with a truncated log of which there is no copy is told") {
  Logs logs;
  const std::string before = Lines(1000), rest = Lines(100'000);
  Append(logs.log(), before + rest);
  logs.Start();
  logs.follower().Poll(milliseconds(0));
  Chunk chunk;
  REQUIRE(logs.follower().Next(&chunk) != nullptr);
  const std::size_t lost = before.size() + rest.size() - chunk.text().size();
  fs::resize_file(logs.log(), 0);
  CHECK(logs.Read().empty());
  REQUIRE(logs.notes.size() == 1);
  CHECK(logs.notes[0].find(" " + std::to_string(lost) + " bytes") != std::string::npos);
}

TEST_CASE("30: copytruncate while nobody followed, also if the log has grown beyond where it was") {
  for (const std::string name : {"access.log.1", "access.log.1.gz"}) {
    for (const int regrown : {0, 2, 5000}) {
      CAPTURE(name);
      CAPTURE(regrown);
      Logs logs(true, {"access.log*"});
      const std::string before = Lines(1000), rest = Lines(2000), after = Lines(regrown);
      Append(logs.log(), before);
      logs.Start();
      CHECK(Brief(logs.Read()) == Brief(before));
      logs.Stop();
      Append(logs / name, name.ends_with("gz") ? Gzip(before + rest) : before + rest);
      std::ofstream(logs.log(), std::ios::trunc) << after;
      CHECK(Brief(logs.Restart()) == Brief(rest + after));
      CHECK(logs.Restart().empty());
    }
  }
}

TEST_CASE("32: files that begin with the same lines are both read") {
  BOTH_WAYS
  Logs logs(inotify, {"*.log"});
  Append(logs / "a.log", "same\n");
  logs.Start();
  CHECK(logs.Read() == "same\n");
  Append(logs / "b.log", "same\nb1\n");
  CHECK(logs.Read() == "same\nb1\n");
  Append(logs / "c.log", "same\n");  // may be a copy, until it differs
  CHECK(logs.Read().empty());
  Append(logs / "c.log", "c1\n");
  CHECK(logs.Read() == "same\nc1\n");
  Append(logs / "a.log", "a1\n");
  CHECK(logs.Read() == "a1\n");
  CHECK(logs.Restart().empty());
  Append(logs / "b.log", "b2\n");
  CHECK(logs.Read() == "b2\n");
}

TEST_CASE("33: a new file with the inode of one that was deleted is a new file") {
  BOTH_WAYS
  Logs logs(inotify);
  const std::string first = Lines(100);
  Append(logs.log(), first);
  logs.Start();
  CHECK(Brief(logs.Read()) == Brief(first));
  struct stat old_status {
  }, new_status{};
  REQUIRE(stat(logs.log().c_str(), &old_status) == 0);
  fs::remove(logs.log());
  logs.Read();
  logs.Pass(logs.options.quiet_time + milliseconds(1));
  logs.Read();
  REQUIRE(logs.follower().open_files() == 0);
  const std::string second = Lines(200);
  for (int tries = 0; tries < 100 && new_status.st_ino != old_status.st_ino; ++tries) {
    fs::remove(logs.log());
    Append(logs.log(), second);
    REQUIRE(stat(logs.log().c_str(), &new_status) == 0);
  }
  CHECK(Brief(logs.Read()) == Brief(second));
}

TEST_CASE("35: a deleted file is read to its end, and closed when nothing comes any more") {
  BOTH_WAYS
  Logs logs(inotify);
  std::ofstream writer(logs.log(), std::ios::app);
  writer << "1\n" << std::flush;
  logs.Start();
  CHECK(logs.Read() == "1\n");
  fs::remove(logs.log());
  writer << "2\n" << std::flush;
  logs.Pass(logs.options.poll_interval);
  CHECK(logs.Read() == "2\n");
  logs.Pass(logs.options.quiet_time / 2);
  writer << "3\n" << std::flush;
  CHECK(logs.Read() == "3\n");
  CHECK(logs.follower().open_files() == 1);
  logs.Pass(logs.options.quiet_time + milliseconds(1));
  CHECK(logs.Read().empty());
  CHECK(logs.follower().open_files() == 0);
}

TEST_CASE("37: a symbolic link that is made to name another file: the old one is read to its end, then the new one") {
  BOTH_WAYS
  for (const std::string folder : {"", "elsewhere/"}) {
    Logs logs(inotify);
    fs::create_directory(logs / "elsewhere");
    Append(logs / (folder + "monday"), "1\n");
    fs::create_symlink(folder + "monday", logs.log());
    logs.Start();
    CHECK(logs.Read() == "1\n");
    Append(logs / (folder + "monday"), "2\n");
    CHECK(logs.Read() == "2\n");
    Append(logs / (folder + "monday"), "3\n");
    Append(logs / (folder + "tuesday"), "4\n");
    fs::create_symlink(folder + "tuesday", logs / "link");
    fs::rename(logs / "link", logs.log());
    const std::string text = logs.Read();
    CHECK((text == "3\n4\n" || text == "4\n3\n"));
    Append(logs / (folder + "tuesday"), "5\n");
    CHECK(logs.Read() == "5\n");
  }
}

TEST_CASE("38: what inotify did not tell is found by looking") {
  Logs logs;
  Append(logs.log(), "1\n");
  logs.options.inotify = false;  // as where the limit of watches is reached
  logs.Start();
  CHECK(logs.Read() == "1\n");
  Append(logs.log(), "2\n");
  CHECK(logs.Read().empty());
  logs.Pass(logs.options.poll_interval);
  CHECK(logs.Read() == "2\n");
}

// ---- the first start

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

// Moves access.log.1 to access.log.2 and so on.
void MakePlaceForRotation(const Logs& logs) {
  for (int i = 60; i > 0; --i) {
    for (const std::string suffix : {"", ".gz"}) {
      const std::string from = logs / ("access.log." + std::to_string(i) + suffix);
      if (fs::exists(from)) fs::rename(from, logs / ("access.log." + std::to_string(i + 1) + suffix));
    }
  }
}

void Compress(const std::string& path) {
  if (!fs::exists(path)) return;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Append(path + ".gz", Gzip(text));
  fs::last_write_time(path + ".gz", fs::last_write_time(path));
  fs::remove(path);
}

std::multiset<std::string> LinesOf(const std::string& text) {
  std::multiset<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  return lines;
}

void RotateSomehow(const Logs& logs, unsigned kind) {
  if (kind == 0) Compress(logs / "access.log.1");
  if (kind == 1) Compress(logs / "access.log.2");
  if (kind < 2) return;
  MakePlaceForRotation(logs);
  if (!fs::exists(logs.log())) return;
  if (kind == 2) {
    Copy(logs.log(), logs / "access.log.1");
    fs::resize_file(logs.log(), 0);
  } else {
    fs::rename(logs.log(), logs / "access.log.1");
  }
}

TEST_CASE("19-31: whatever mix of writing, rotation, reading and restarts, each line is given once") {
  BOTH_WAYS
  for (unsigned seed = 1; seed <= kMixes; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Logs logs(inotify, {random() % 2 == 0 ? "access.log" : "access.log*"});
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    logs.since_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    logs.Start();
    std::string written, got;
    for (int step = 0; step < 40; ++step) {
      const unsigned what = random() % 8;
      if (what <= 1) {
        const std::string lines = Lines(static_cast<int>(random() % 200) + 1);
        Append(logs.log(), lines);
        written += lines;
      } else if (what <= 4) {
        RotateSomehow(logs, random() % 4);
      } else if (what == 5) {
        got += logs.Read();
      } else if (what == 6) {
        logs.Start();
      } else {
        logs.Pass(milliseconds(random() % 100'000));
      }
    }
    got += logs.Read();
    got += logs.Restart();
    CHECK(LinesOf(got).size() == LinesOf(written).size());
    CHECK((LinesOf(got) == LinesOf(written)));
  }
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
