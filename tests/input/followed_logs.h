// Logs of a test, and the Follower that is driven step by step: nothing waits for anything.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/input/follower.h"
#include "tests/support/temp_dir.h"

namespace hushlog {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

inline void Append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

inline void Copy(const std::string& from, const std::string& to) { fs::copy_file(from, to); }

// Lines that are found in no other call.
inline std::string Lines(int count, std::size_t width = 20) {
  static int number = 0;
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string line = "line " + std::to_string(number++) + " ";
    text += line + std::string(width - std::min(width, line.size()), '.') + "\n";
  }
  return text;
}

// What is shown of a long text that is not what it should be.
inline std::string Brief(const std::string& text) {
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
  // Notices what has changed, and reads of one file.
  std::string ReadOnce() {
    Chunk chunk;
    (void)follower_->Poll(milliseconds(0));
    const FollowedFile* const file = follower_->Next(&chunk);
    if (file == nullptr) return "";
    checkpoints[file->id] = chunk.checkpoint();
    return std::string(chunk.text());
  }
  // Only notices what has changed.
  void Notice() { (void)follower_->Poll(milliseconds(0)); }
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

}  // namespace hushlog
