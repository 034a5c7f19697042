// Follows logs that are being written, through whatever rotates them.
//
// A log is what patterns name, with its rotated files beside it (LogNameOf in paths.h): access.log, access.log.1,
// access.log.2.gz. Each of its files is read to its end before a newer one is begun, and goes on being read while its
// writer still adds to it. Files are told apart by device and inode while they are open, and by their content
// (checkpoint.h) whenever they are opened: a renamed, copied or compressed file is continued where it was left, another
// file that has got the same inode or begins with the same lines is not.
//
//   rename and create   the old file is read to its end, then the new one
//   copytruncate        noticed by what stands before the position; the rest is read from the copy
//   symbolic links      the file they name is followed; one that is made to name another file is a rename and create
//   deleted files       are read to their end, and closed when nothing came for a while
//   archives            are continued if they hold the rest of a log that was not read before it was compressed
//
// A file whose content so far is the beginning of another file's waits until it differs: it may be a copy.
//
// Files are read, never mapped. At most `max_open` are open; others are opened again when they change.
//
// Thread-safety: none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/input/directory_watcher.h"
#include "src/input/known_sources.h"
#include "src/input/log_listing.h"
#include "src/input/source.h"

namespace hushlog {

// What to do with files that exist when the Follower is made and that no earlier run has read. Files that appear later
// are read from their beginning.
enum class FirstStart : std::uint8_t {
  kResume,     // not the first start: as if they had appeared later
  kEnd,        // passes over what they hold
  kBeginning,  // reads those that the patterns match whole, archives, too
};

struct FollowedLogs {
  std::vector<std::string> patterns;  // files and patterns, as for ExpandPaths
  FirstStart start = FirstStart::kEnd;
  // When they were followed first, in seconds since 1970 (UTC), if this is not the first start. A rotated file that
  // nobody knows is read if something was written to it since then.
  std::int64_t since_s = std::numeric_limits<std::int64_t>::max();
};

// A file of a log, as long as it is read.
struct FollowedFile {
  std::int64_t id = 0;    // of its checkpoints: that of the known source it continues, or a new one
  std::string log;        // what the rotated files of a log have in common
  std::string path;       // its name now, for messages
  std::size_t group = 0;  // index of its FollowedLogs
};

// How far a file that is open has been read.
struct FileProgress {
  std::string path;
  std::size_t group = 0;       // index of its FollowedLogs
  std::uint64_t position = 0;  // bytes of the file, as it is on disk
  std::uint64_t size = 0;
  std::chrono::seconds behind{0};  // since when there is something to read; 0 if there is nothing
};

class Follower {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    bool inotify = true;
    std::size_t max_open = 256;
    std::chrono::milliseconds poll_interval{1000};     // for files whose changes inotify cannot tell
    std::chrono::milliseconds check_interval{10'000};  // for all, should inotify not have told
    std::chrono::milliseconds quiet_time{60'000};      // after which a file that was rotated away is let go
    std::function<Time()> now = std::chrono::steady_clock::now;
  };

  // `known` are the checkpoints of earlier runs. New sources get ids beyond the largest of them.
  Follower(std::vector<FollowedLogs> groups, KnownSources known, Options options);
  ~Follower();

  // Waits until there is something to do, at most for `timeout`, and notices what has changed. True if Next() may have
  // something, or Poll() should be called again.
  bool Poll(std::chrono::milliseconds timeout);

  // The next lines of a log, each file in its turn; null if there are none at the moment. The text may be empty: then
  // only the position has moved. What is returned is valid until the next call of a function.
  const FollowedFile* Next(Chunk* chunk);

  // What was given of the file since it was opened counts as not given. It comes again once the file has changed.
  // `file` is that which Next() has returned.
  void PutBack(const FollowedFile& file);

  // Files that were passed over at the first start, with the positions that were reached so.
  std::vector<KnownSource> TakeSkipped();
  // Sentences for the operator, without bytes of a log.
  std::vector<std::string> TakeNotes();

  std::size_t open_files() const noexcept { return files_.size(); }
  std::vector<FileProgress> Progress() const;

 private:
  struct File : FollowedFile {
    std::unique_ptr<Source> source;
    FileKey key;
    FileStamp seen;          // when it was looked at last
    std::uint64_t size = 0;  // when something was read of it last
    bool ready = true;       // there may be something to read
    bool current = true;     // the one of its log that is written to, else it was rotated away or is gone
    bool ends = false;       // to be let go at its end
    bool gone = false;       // was in no listing
    std::size_t order = 0;   // greater than that of older files of the log; 0: is in no listing any more
    Time last_news;
    Time caught_up;  // when there was nothing more to read last
  };
  // A file that is not open.
  struct Closed {
    FileStamp stamp;           // when it was closed or looked at: it is of interest again when this changes
    std::int64_t id = 0;       // whose content it has; 0: of none
    bool passed_over = false;  // was never looked at: it is older than a file that is done
  };
  // What was taken of a file before it was truncated.
  struct Truncated {
    std::int64_t id = 0;
    std::string log, path;
    std::uint64_t unread = 0;
    bool found = false;
  };
  // How the file began that was truncated last, for a copy that was made a moment before and is shorter.
  struct Head {
    std::int64_t id = 0;
    FileKey key;
    std::string bytes;
  };
  enum class Verdict : std::uint8_t { kNothingNew, kContinues, kNew, kLater };
  // A file that is not open and has changed, and what is found out about it.
  struct Candidate {
    const LogFile& file;
    std::string log;
    bool current = false;
    std::size_t order = 0;
    std::unique_ptr<Source> source = nullptr;
    std::int64_t id = 0;
  };

  void Notice(const std::string& path, bool only_content);
  void Tick();
  void LetGoOfQuietFiles();
  void Scan();
  void NoticeMoves(const LogListing& listing);
  void LookAtLog(const std::string& log, const std::vector<LogFile>& files);
  bool IsSearchedFor(const std::string& log) const;
  bool MayPassOver(const LogFile& file, const std::string& log) const;
  std::optional<std::int64_t> KnownAlready(const LogFile& file, bool current, std::size_t order);
  void PlaceUnlisted(std::int64_t id, std::size_t order);
  Verdict LookAt(Candidate* candidate);
  Verdict LookAtTwin(Candidate* candidate, const File& twin);
  void Begin(Candidate* candidate);
  void BeginNew(Candidate* candidate);
  void Skip(Candidate* candidate);
  bool IsNewSinceFirstStart(const LogFile& file) const;
  std::unique_ptr<Source> Open(const LogFile& file, const KnownSources& known);
  bool MakeRoom();
  void Refresh(File* file, const FileStamp& stamp);
  File* NextReady();
  void OnRewritten(File* file);
  void Close(File* file);
  Verdict LookAtUnknown(Candidate* candidate);
  const File* FindTwin(const Candidate& candidate, std::string_view head) const;
  void Note(const std::string& path, const std::string& sentence);
  File* FindByKey(const FileKey& key);
  File* FindById(std::int64_t id);

  std::vector<FollowedLogs> groups_;
  std::vector<std::vector<std::string>> patterns_;
  KnownSources known_;
  Options options_;
  DirectoryWatcher watcher_;
  std::vector<std::unique_ptr<File>> files_;
  std::size_t turn_ = 0;  // of files_, whose is next
  std::map<FileKey, Closed> closed_;
  std::set<FileKey> present_;          // in the last listing
  std::set<std::string> logs_;         // in the last listing
  std::vector<Truncated> truncated_;   // since the last scan
  std::map<std::string, Head> heads_;  // by log
  // Logs that were being rotated during the last scan: there may be files that are older than those that are open, and
  // nothing is read until the next one.
  std::set<std::string> moving_;
  // These, and logs with files that could not be looked at in the last scan: they may be older than one that is done.
  std::set<std::string> unsettled_;
  std::set<std::int64_t> awaited_;           // ids of files that another one waits for
  std::map<std::string, std::string> told_;  // what was said of a path last
  bool first_scan_ = true;
  bool all_told_ = false;  // inotify tells all changes
  bool scan_needed_ = true;
  Time next_scan_{}, next_tick_{}, next_check_{};
  Time::duration scan_time_{0};  // of the last scan
  std::int64_t next_id_;
  std::vector<KnownSource> skipped_;
  std::vector<std::string> notes_;
};

}  // namespace hushlog
