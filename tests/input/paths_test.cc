#include "src/input/paths.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

using Names = std::vector<std::string>;

// Expands `arguments`, relative to the directory, to names relative to it.
Names Expand(const TempDir& directory, const Names& arguments) {
  Names full;
  for (const std::string& argument : arguments) full.push_back(argument == "-" ? argument : directory / argument);
  Names names;
  for (const std::string& path : ExpandPaths(full).paths) {
    names.push_back(path == "-" ? path : path.substr(directory.path().size() + 1));
  }
  return names;
}

TEST_CASE("rotated files come oldest first, by pattern or named in any order") {
  const Names table[] = {
      {"access.log.10.gz", "access.log.9.gz", "access.log.2.gz", "access.log.1", "access.log"},
      {"access.log-20251231.gz", "access.log-20260101", "access.log"},
      {"access.log.2025-12-31", "access.log.2026-01-01", "access.log"},
      {"access-20251231.log.xz", "access-20260101.log.zst", "access.log"},
      {"access.2.log.gz", "access.1.log", "access.log"},
      {"access.log.1767139200", "access.log.1767225600", "access.log"},
      {"access.log-2026013109", "access.log-2026013110"},
      {"ex260101.log", "ex260102.log"},
      {"web2.log", "web10.log"},
      {"host-1.log", "host-2.log", "host-10.log"},
  };
  for (const Names& expected : table) {
    CAPTURE(expected.front());
    const TempDir directory;
    for (const std::string& name : expected) directory.Write(name, name);
    CHECK(Expand(directory, {"*"}) == expected);
    if (!expected.back().ends_with("0.log") && expected.back() != "ex260102.log") {
      CHECK(Expand(directory, Names(expected.rbegin(), expected.rend())) == expected);
    }
  }
}

TEST_CASE("different logs stay in the order they were named") {
  const TempDir directory;
  for (const char* name : {"a.log", "a.log.1", "b.log", "b.log.1"}) directory.Write(name, name);
  CHECK(Expand(directory, {"b.log", "a.log", "a.log.1", "b.log.1", "-"}) ==
        Names{"b.log.1", "b.log", "a.log.1", "a.log", "-"});
}

TEST_CASE("a file is taken once, however it is named") {
  const TempDir directory;
  const std::string path = directory.Write("log", "x");
  std::filesystem::create_hard_link(path, directory / "hard");
  std::filesystem::create_symlink(path, directory / "soft");
  CHECK(Expand(directory, {"log", "log", "./log", "*", "hard", "soft", "-", "-"}) == Names{"log", "-"});
}

TEST_CASE("a file whose name looks like a pattern wins over the pattern") {
  const TempDir directory;
  directory.Write("a[1].log", "x");
  directory.Write("a1.log", "y");
  CHECK(Expand(directory, {"a[1].log"}) == Names{"a[1].log"});
  CHECK(Expand(directory, {"a?.log"}) == Names{"a1.log"});
}

TEST_CASE("a pattern leaves out directories and special files, but not a broken link") {
  const TempDir directory;
  directory.Write("log", "x");
  std::filesystem::create_directory(directory / "old");
  std::filesystem::create_symlink("nowhere", directory / "broken");
  REQUIRE(mkfifo((directory / "pipe").c_str(), 0600) == 0);
  CHECK(Expand(directory, {"*"}) == Names{"broken", "log"});
  CHECK(Expand(directory, {"pipe", "old"}) == Names{"pipe", "old"});
}

TEST_CASE("an argument that names no file is an error, and the others are expanded") {
  const TempDir directory;
  directory.Write("log", "x");
  std::filesystem::create_directory(directory / "only");
  std::filesystem::create_directory(directory / "only/directories");
  const ExpandedPaths expanded =
      ExpandPaths({directory / "missing", directory / "log", directory / "*.gz", directory / "only/*"});
  CHECK(expanded.paths == Names{directory / "log"});
  CHECK(expanded.errors == Names{"cannot open " + (directory / "missing") + ": No such file or directory",
                                 "no file matches " + (directory / "*.gz"),
                                 "no file matches " + (directory / "only/*")});
}

}  // namespace
}  // namespace hushlog
