#include "src/input/follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/input/paths.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;

// Looking at everything, should inotify not have told, takes at most one part in so many of the time.
constexpr int kIdleShare = 300;

}  // namespace

Follower::Follower(std::vector<FollowedLogs> groups, KnownSources known, Options options)
    : groups_(std::move(groups)),
      known_(std::move(known)),
      options_(std::move(options)),
      watcher_(options_.inotify),
      next_id_(known_.largest_id() + 1) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (FollowedLogs& group : groups_) {
    patterns_.push_back(group.patterns);
    if (group.start != FirstStart::kResume) group.since_s = std::chrono::floor<std::chrono::seconds>(now).count();
  }
}

Follower::~Follower() = default;

bool Follower::Poll(milliseconds timeout) {
  const bool ready = std::ranges::any_of(files_, &File::ready);
  Time until = options_.now() + timeout;
  until = std::min(until, next_tick_);
  if (scan_needed_) until = std::min(until, next_scan_);
  const auto wait = std::chrono::ceil<milliseconds>(until - options_.now());
  (void)watcher_.Wait(ready || timeout <= milliseconds(0) ? milliseconds(0) : std::max(wait, milliseconds(0)));
  if (!watcher_.Read([this](const std::string& path, bool content) { Notice(path, content); })) scan_needed_ = true;
  if (options_.now() >= next_tick_) Tick();
  if (scan_needed_ && options_.now() >= next_scan_) Scan();
  return scan_needed_ || std::ranges::any_of(files_, &File::ready);
}

void Follower::Notice(const std::string& path, bool only_content) {
  if (!only_content) {
    scan_needed_ = true;
    return;
  }
  const auto open = std::ranges::find(files_, path, [](const auto& file) { return file->path; });
  if (open != files_.end()) {
    (*open)->ready = true;
  } else if (logs_.contains(LogNameOf(path))) {
    scan_needed_ = true;
  }
}

// What inotify does not tell: of files that were deleted or are changed by others, and what it should have told.
void Follower::Tick() {
  const Time now = options_.now();
  for (const auto& file : files_) {
    struct stat status;
    if (fstat(file->source->fd(), &status) == 0) Refresh(file.get(), StampOf(status));
  }
  LetGoOfQuietFiles();
  if (!all_told_ || now >= next_check_) {
    scan_needed_ = true;
    next_check_ = now + std::max<Time::duration>(options_.check_interval, kIdleShare * scan_time_);
  }
  const bool rotated = std::ranges::any_of(files_, [](const auto& file) { return !file->current; });
  next_tick_ = now + (all_told_ && !rotated ? options_.check_interval : options_.poll_interval);
}

void Follower::Refresh(File* file, const FileStamp& stamp) {
  if (stamp == file->seen) return;
  file->seen = stamp;
  file->ready = true;
}

void Follower::LetGoOfQuietFiles() {
  const Time now = options_.now();
  for (std::size_t i = files_.size(); i-- > 0;) {
    File* const file = files_[i].get();
    const bool awaited = awaited_.contains(file->id);
    if (file->ready || (file->current && !awaited)) continue;
    if (!awaited && now - file->last_news < options_.quiet_time) continue;
    if (!awaited && file->source->holds_unfinished_line()) {  // its writer is gone
      file->source->StopFollowing();
      file->ready = file->ends = true;
    } else {
      Close(file);
    }
  }
}

std::unique_ptr<Source> Follower::Open(const LogFile& file, const KnownSources& known) {
  if (!MakeRoom()) {
    scan_needed_ = true;
    return nullptr;
  }
  UniqueFd fd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat status;
  const bool there = fd && fstat(fd.get(), &status) == 0;
  if (!there && errno != ENOENT) {
    Note(file.path, "cannot open " + file.path + ": " + std::strerror(errno));
    return nullptr;
  }
  if (!there || KeyOf(status) != file.key || !S_ISREG(status.st_mode)) {  // renamed or replaced in the meantime
    moving_.insert(LogNameOf(file.path));
    scan_needed_ = true;
    return nullptr;
  }
  told_.erase(file.path);
  return std::make_unique<Source>(std::move(fd), file.path, true, known);
}

// Closes the file that has been quiet for the longest, if there are too many. One that is gone could not be opened
// again.
bool Follower::MakeRoom() {
  if (files_.size() < options_.max_open) return true;
  File* quiet = nullptr;
  for (const auto& file : files_) {
    if (file->ready || file->gone) continue;
    if (quiet == nullptr || file->last_news < quiet->last_news) quiet = file.get();
  }
  if (quiet == nullptr) return false;
  Close(quiet);
  return true;
}

// Each file in its turn, but an older file of the same log first; and none of a log of which an older file, or the rest
// of one, is searched for.
Follower::File* Follower::NextReady() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::size_t place = (turn_ + i) % files_.size();
    const std::string& log = files_[place]->log;
    if (!files_[place]->ready || IsSearchedFor(log) || moving_.contains(log)) continue;
    turn_ = place + 1;
    File* next = files_[place].get();
    for (const auto& other : files_) {
      if (other->ready && other->log == next->log && other->order < next->order) next = other.get();
    }
    return next;
  }
  return nullptr;
}

const FollowedFile* Follower::Next(Chunk* chunk) {
  while (File* const file = NextReady()) {
    switch (file->source->Next(chunk)) {
      case ReadResult::kChunk:
        file->last_news = options_.now();
        file->size = StampOf(file->source->fd()).size;
        known_.Set(file->id, chunk->checkpoint());
        return file;
      case ReadResult::kEnd:
        file->ready = false;
        file->caught_up = options_.now();
        if (file->ends) Close(file);
        break;
      case ReadResult::kError:
        if (!file->ends || !StampOf(file->source->fd()).JustWritten()) Note(file->path, file->source->error());
        Close(file);
        break;
      case ReadResult::kRewritten:
        OnRewritten(file);
        break;
    }
  }
  return nullptr;
}

// The content is in a copy, if anywhere. What the file holds now is looked at like a new file.
void Follower::OnRewritten(File* file) {
  const Checkpoint reached = file->source->checkpoint();
  // If nothing was read, the copy is a new file like any other, and cannot be missed.
  const std::uint64_t unread = reached.offset > 0 && file->size > reached.offset ? file->size - reached.offset : 0;
  truncated_.push_back({file->id, file->log, file->path, unread});
  heads_[file->log] = {file->id, file->key, std::string(file->source->head())};
  const std::int64_t id = file->id;
  const FileKey key = file->key;
  Close(file);
  closed_.erase(key);
  std::erase_if(closed_, [id](const auto& closed) { return closed.second.id == id; });
  scan_needed_ = true;
}

void Follower::Close(File* file) {
  closed_[file->key] = {file->seen, file->id};
  std::erase_if(files_, [file](const auto& other) { return other.get() == file; });
}

void Follower::PutBack(const FollowedFile& file) {
  const auto open = std::ranges::find(files_, file.id, [](const auto& other) { return other->id; });
  if (open == files_.end()) return;
  known_.Set(file.id, (*open)->source->start());
  Close(open->get());
}

void Follower::Note(const std::string& path, const std::string& sentence) {
  if (std::exchange(told_[path], sentence) != sentence) notes_.push_back(sentence);
}

Follower::File* Follower::FindByKey(const FileKey& key) {
  const auto found = std::ranges::find(files_, key, [](const auto& file) { return file->key; });
  return found == files_.end() ? nullptr : found->get();
}

Follower::File* Follower::FindById(std::int64_t id) {
  const auto found = std::ranges::find(files_, id, [](const auto& file) { return file->id; });
  return found == files_.end() ? nullptr : found->get();
}

std::vector<FileProgress> Follower::Progress() const {
  std::vector<FileProgress> progress;
  for (const auto& file : files_) {
    const Source& source = *file->source;
    const std::uint64_t position = source.bytes_read(), size = std::max(position, StampOf(source.fd()).size);
    const auto behind = position < size ? options_.now() - file->caught_up : Time::duration(0);
    progress.push_back({file->path, file->group, position, size, std::chrono::floor<std::chrono::seconds>(behind)});
  }
  return progress;
}

std::vector<KnownSource> Follower::TakeSkipped() { return std::exchange(skipped_, {}); }

std::vector<std::string> Follower::TakeNotes() { return std::exchange(notes_, {}); }

}  // namespace hushlog
