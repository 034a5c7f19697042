// Following logs that are rotated. The cases are named by the numbers of docs/tail.md.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/input/archives.h"
#include "tests/input/followed_logs.h"

namespace hushlog {
namespace {

constexpr unsigned kMixes = 40;

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

enum class Rotation { kCreate, kCopytruncate, kDelaycompress };

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What logrotate does, one step after the other.
void RotateOnce(const Logs& logs, int files, Rotation rotation) {
  const std::string first = logs / "access.log.1";
  if (rotation == Rotation::kDelaycompress && fs::exists(first)) {
    const std::string archive = Gzip(ReadFile(first));
    std::ofstream compressed(first + ".gz", std::ios::binary);
    compressed << archive.substr(0, archive.size() / 2) << std::flush << archive.substr(archive.size() / 2);
    compressed.close();
    fs::remove(first);
  }
  for (int i = files; i > 0; --i) {
    for (const char* suffix : {"", ".gz"}) {
      const std::string from = logs / fmt::format("access.log.{}{}", i, suffix);
      if (fs::exists(from)) fs::rename(from, logs / fmt::format("access.log.{}{}", i + 1, suffix));
    }
  }
  if (rotation == Rotation::kCopytruncate) {
    fs::copy_file(logs.log(), first);
    fs::resize_file(logs.log(), 0);
  } else {
    fs::rename(logs.log(), first);
  }
}

std::string Sorted(const std::string& text) {
  std::multiset<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.insert(line + "\n");
  std::string sorted;
  for (const std::string& line : lines) sorted += line;
  return sorted;
}

TEST_CASE("20, 23, 28: while files are being rotated, all of them are found, and read once") {
  constexpr int kRounds = 20, kRotations = 30;
  Rotation kind{};
  SUBCASE("create") { kind = Rotation::kCreate; }
  SUBCASE("copytruncate") { kind = Rotation::kCopytruncate; }
  SUBCASE("delaycompress") { kind = Rotation::kDelaycompress; }
  for (int round = 0; round < kRounds; ++round) {
    Logs logs(round % 2 == 0);
    logs.since_s = 0;
    logs.Start();
    std::string expected;
    std::atomic<bool> rotating = true;
    std::jthread logrotate([&] {
      for (int rotation = 0; rotation < kRotations; ++rotation) {
        const std::string lines = Lines(3);
        Append(logs.log(), lines);
        expected += lines;
        RotateOnce(logs, rotation, kind);
      }
      rotating = false;
    });
    std::string text;
    while (rotating) text += logs.Read();
    logrotate.join();
    text += logs.Read();
    text += logs.Restart();
    REQUIRE(Brief(Sorted(text)) == Brief(Sorted(expected)));
  }
}

TEST_CASE("20, 23: what was compressed before it was read comes after what is older") {
  BOTH_WAYS
  Logs logs(inotify, {"access.log*"});
  const std::string first = Lines(3), second = Lines(3), third = Lines(3);
  Append(logs / "access.log.1", first);
  Append(logs.log(), second);
  logs.Start(FirstStart::kBeginning);
  logs.Notice();
  fs::rename(logs / "access.log.1", logs / "access.log.2");
  fs::remove(logs.log());
  std::ofstream(logs / "access.log.1.gz", std::ios::binary) << Gzip(second);
  Append(logs.log(), third);
  CHECK(logs.Read() == first + second + third);
}

TEST_CASE("125: a rotated archive is read, though there was no descriptor for it when a newer file was begun") {
  Logs logs;
  logs.options.max_open = 1;
  logs.since_s = 0;
  Append(logs.log(), "0\n");
  logs.Start();
  CHECK(logs.Read() == "0\n");
  Append(logs / "access.log.2.gz", Gzip("1\n"));
  Append(logs / "access.log.1", "2\n");
  const std::string text = logs.Read() + logs.Read();
  CHECK(text.size() == 4);
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

TEST_CASE(
    "21: the rest of a log that was renamed while nobody followed is read, though it looks older than one that is "
    "done") {
  for (const std::string name : {"access.log-20261128", "access.log.3"}) {
    CAPTURE(name);
    Logs logs;
    Append(logs.log(), Lines(5));
    logs.Start();
    (void)logs.Read();
    fs::rename(logs.log(), logs / "access.log.1");
    const std::string read = Lines(20), rest = Lines(10), now = Lines(3);
    Append(logs.log(), read);
    CHECK(Brief(logs.Read()) == Brief(read));
    logs.Stop();
    Append(logs.log(), rest);
    fs::rename(logs.log(), logs / name);
    Append(logs.log(), now);
    std::string text = logs.Restart();
    CHECK(text.size() == rest.size() + now.size());
    CHECK(logs.Restart().empty());
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

TEST_CASE("24: an archive that has less of the log than identifies it is not read before it is complete") {
  Logs logs;
  logs.since_s = 0;
  const std::string before = Lines(3), archive = Gzip(before);
  Append(logs.log(), before);
  logs.Start();
  CHECK(logs.Read() == before);
  logs.Stop();
  fs::remove(logs.log());
  Append(logs / "access.log.1.gz", archive.substr(0, archive.size() - 12));
  Append(logs.log(), "now\n");
  std::string text = logs.Restart();
  Append(logs / "access.log.1.gz", archive.substr(archive.size() - 12));
  text += logs.Read();
  CHECK(text == "now\n");
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

void RotateSomehow(const Logs& logs, std::size_t kind) {
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
      const auto what = random() % 9;
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
      } else if (what == 7) {
        logs.Notice();
      } else {
        logs.Pass(milliseconds(random() % 100'000));
        for (auto i = random() % 3; i > 0; --i) got += logs.ReadOnce();
      }
    }
    got += logs.Read();
    got += logs.Restart();
    CHECK(LinesOf(got).size() == LinesOf(written).size());
    CHECK((LinesOf(got) == LinesOf(written)));
  }
}

}  // namespace
}  // namespace hushlog
