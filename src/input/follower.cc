#include "src/input/follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/input/paths.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;

// Looking at everything takes at most one part in so many of the time.
constexpr int kScanShare = 10;

// Whether two files have the same first bytes, and the same before `size`.
bool AgreeUpTo(int a, int b, std::uint64_t size) {
  std::array<char, kIdentityBytes> of_a, of_b;
  const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(size, kIdentityBytes));
  for (const std::uint64_t begin : {std::uint64_t{0}, size - part}) {
    const auto at = static_cast<off_t>(begin);
    const bool both = pread(a, of_a.data(), part, at) == static_cast<ssize_t>(part) &&
                      pread(b, of_b.data(), part, at) == static_cast<ssize_t>(part);
    if (!both || std::memcmp(of_a.data(), of_b.data(), part) != 0) return false;
  }
  return true;
}

std::uint64_t SizeOf(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

// A file that is not open and has changed, and what is found out about it.
struct Follower::Candidate {
  const LogFile& file;
  std::string log;
  bool current = false;
  std::uint64_t order = 0;
  std::unique_ptr<Source> source = nullptr;
  std::int64_t id = 0;
};

Follower::Follower(std::vector<FollowedLogs> groups, KnownSources known, Options options)
    : groups_(std::move(groups)),
      known_(std::move(known)),
      options_(std::move(options)),
      watcher_(options_.inotify),
      next_id_(known_.largest_id() + 1) {
  for (const FollowedLogs& group : groups_) patterns_.push_back(group.patterns);
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
    next_check_ = now + options_.check_interval;
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

void Follower::Scan() {
  const Time began = options_.now();
  scan_needed_ = false;
  // First the watches, then the look: what changes in between is told.
  all_told_ = watcher_.Watch(DirectoriesOf(patterns_));
  const LogListing listing = ListLogs(patterns_);
  for (const std::string& path : listing.unusable) Note(path, path + " is no regular file, and is left alone");
  for (const auto& file : files_) file->current = false;
  present_.clear();
  logs_.clear();
  awaited_.clear();
  for (const auto& [log, files] : listing.logs) LookAtLog(log, files);
  for (const auto& file : files_) file->gone = !present_.contains(file->key);
  std::erase_if(closed_, [this](const auto& closed) { return !present_.contains(closed.first); });
  for (const Truncated& truncated : std::exchange(truncated_, {})) {
    if (truncated.found || truncated.unread == 0) continue;
    Note(truncated.path, truncated.path + " was truncated, and no copy of it is there: " +
                             std::to_string(truncated.unread) + " bytes that had not been read are lost");
  }
  if (!awaited_.empty()) next_tick_ = began;
  first_scan_ = false;
  const Time ended = options_.now();
  next_scan_ = ended + (kScanShare - 1) * (ended - began);
  next_tick_ = std::min(next_tick_, ended + options_.poll_interval);
}

// From the newest file to the oldest, until one is found that is known to be done: what is older is done, too.
void Follower::LookAtLog(const std::string& log, const std::vector<LogFile>& files) {
  logs_.insert(log);
  std::vector<Candidate> unproven;  // to be read if they are newer than a file that is known
  bool done = false;
  const auto found_known = [&](bool current) {
    for (Candidate& candidate : unproven) BeginNew(&candidate);
    unproven.clear();
    done = done || (!current && !IsSearchedFor(log));
  };
  for (std::size_t i = files.size(); i-- > 0;) {
    const LogFile& file = files[i];
    const bool current = i + 1 == files.size();
    present_.insert(file.key);
    if (IsKnownAlready(file, current)) {
      const auto closed = closed_.find(file.key);
      if (closed == closed_.end() || closed->second.id != 0) found_known(current);
      continue;
    }
    if (done && (!file.matched || HasArchiveSuffix(file.path))) continue;
    Candidate candidate{file, log, current, next_order_ + i};
    switch (LookAt(&candidate)) {
      case Verdict::kContinues:
        Begin(&candidate);
        found_known(true);
        break;
      case Verdict::kNothingNew:
        closed_[file.key] = {file.stamp, candidate.id};
        if (candidate.id != 0) found_known(current);
        break;
      case Verdict::kNew:
        if (first_scan_ && groups_[file.group].start != FirstStart::kResume) {
          const bool whole = file.matched && groups_[file.group].start == FirstStart::kBeginning;
          whole ? BeginNew(&candidate) : Skip(&candidate);
        } else if ((file.matched && !candidate.source->compressed()) || IsNewSinceFirstStart(file)) {
          BeginNew(&candidate);
        } else {
          closed_[file.key] = {file.stamp};
          unproven.push_back(std::move(candidate));
        }
        break;
      case Verdict::kLater:
        break;
    }
  }
  next_order_ += files.size();
}

// Whether a file of the log was truncated, and the rest of what it held has not been found.
bool Follower::IsSearchedFor(const std::string& log) const {
  return std::ranges::any_of(truncated_, [&log](const Truncated& file) { return file.log == log && !file.found; });
}

bool Follower::IsKnownAlready(const LogFile& file, bool current) {
  if (File* const open = FindByKey(file.key)) {
    if (!open->current) open->path = file.path;  // else it has two names
    open->current = open->current || current;
    Refresh(open, file.stamp);
    return true;
  }
  const auto closed = closed_.find(file.key);
  return closed != closed_.end() && closed->second.stamp == file.stamp;
}

Follower::Verdict Follower::LookAt(Candidate* candidate) {
  const LogFile& file = candidate->file;
  if (file.stamp.size == 0) return Verdict::kNothingNew;  // whose it is shows when there is something
  const auto closed = closed_.find(file.key);
  const std::int64_t before = closed == closed_.end() ? 0 : closed->second.id;
  // First whether it goes on where it was closed: of files that begin alike it is this one.
  if (const Checkpoint* checkpoint = known_.Find(before)) {
    candidate->source = Open(file, KnownSources({{before, *checkpoint}}));
  }
  if (candidate->source == nullptr || candidate->source->continues() == 0) candidate->source = Open(file, known_);
  if (candidate->source == nullptr) return Verdict::kLater;
  candidate->id = candidate->source->continues();
  const Source& source = *candidate->source;
  if (candidate->id == 0) {
    candidate->id = FindByHead(*candidate);
    return candidate->id == 0 ? Verdict::kNew : Verdict::kNothingNew;
  }
  if (const File* twin = FindById(candidate->id)) return LookAtTwin(candidate, *twin);
  for (Truncated& truncated : truncated_) truncated.found = truncated.found || truncated.id == candidate->id;
  if (source.compressed()) return Verdict::kContinues;
  const std::uint64_t reached = source.start().offset;
  const bool more = source.bytes_total() > reached;
  return more || (candidate->current && source.bytes_total() == reached) ? Verdict::kContinues : Verdict::kNothingNew;
}

// A copy that is shorter than what identifies the file it is made of: of one that is open, or that was truncated. Its
// id; 0 if there is none.
std::int64_t Follower::FindByHead(const Candidate& candidate) const {
  std::array<char, kIdentityBytes> bytes;
  const ssize_t size = pread(candidate.source->fd(), bytes.data(), bytes.size(), 0);
  if (size <= 0) return 0;
  const std::string_view content(bytes.data(), static_cast<std::size_t>(size));
  for (const auto& file : files_) {
    if (file->log == candidate.log && file->source->head().starts_with(content)) return file->id;
  }
  const auto head = heads_.find(candidate.log);
  const bool copy = head != heads_.end() && head->second.key != candidate.file.key &&
                    std::string_view(head->second.bytes).starts_with(content);
  return copy ? head->second.id : 0;
}

// For a file with the content of one that is open.
Follower::Verdict Follower::LookAtTwin(Candidate* candidate, const File& twin) {
  const Source& source = *candidate->source;
  struct stat status;
  if (source.compressed() || twin.source->compressed()) return Verdict::kNothingNew;
  // It was truncated: then this may be the copy. That shows when it is read.
  if (!twin.source->Intact()) return Verdict::kLater;
  if (fstat(twin.source->fd(), &status) != 0) return Verdict::kLater;
  const auto twin_size = static_cast<std::uint64_t>(status.st_size);
  const bool alike = AgreeUpTo(source.fd(), twin.source->fd(), std::min(source.bytes_total(), twin_size));
  if (alike && source.bytes_total() <= twin_size) return Verdict::kNothingNew;  // a copy, or not different yet
  if (alike && !twin.current && twin.log == candidate->log) {
    awaited_.insert(twin.id);
    return Verdict::kLater;  // the other one is the copy
  }
  candidate->source = Open(candidate->file, {});
  candidate->id = 0;
  return candidate->source == nullptr ? Verdict::kLater : Verdict::kNew;
}

std::unique_ptr<Source> Follower::Open(const LogFile& file, const KnownSources& known) {
  if (!MakeRoom()) {
    scan_needed_ = true;
    return nullptr;
  }
  UniqueFd fd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat status;
  if (!fd || fstat(fd.get(), &status) != 0) {
    if (errno != ENOENT) Note(file.path, "cannot open " + file.path + ": " + std::strerror(errno));
    return nullptr;
  }
  if (KeyOf(status) != file.key || !S_ISREG(status.st_mode)) {  // replaced in the meantime
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

bool Follower::IsNewSinceFirstStart(const LogFile& file) const {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  // File systems take the time from a clock that is a little late.
  return file.stamp.modified_ns / kNanoseconds + 1 >= groups_[file.group].since_s;
}

void Follower::BeginNew(Candidate* candidate) {
  candidate->id = next_id_++;
  Begin(candidate);
}

// At the first start. What an archive holds needs no position: nothing is added to it.
void Follower::Skip(Candidate* candidate) {
  closed_[candidate->file.key] = {candidate->file.stamp};
  if (candidate->source->compressed()) return;
  candidate->source->SkipToEnd();
  candidate->id = next_id_++;
  skipped_.push_back({candidate->id, candidate->source->start()});
  Begin(candidate);
  if (!candidate->current) Close(files_.back().get());
}

void Follower::Begin(Candidate* candidate) {
  auto file = std::make_unique<File>();
  file->id = candidate->id;
  file->log = candidate->log;
  file->path = candidate->file.path;
  file->group = candidate->file.group;
  file->source = std::move(candidate->source);
  file->key = candidate->file.key;
  file->seen = candidate->file.stamp;
  file->size = file->seen.size;
  file->current = candidate->current;
  file->order = candidate->order;
  file->last_news = options_.now();
  file->ends = file->source->compressed();
  if (!file->ends) file->source->Follow();
  for (const std::string& warning : file->source->warnings()) Note(file->path, warning);
  known_.Set(file->id, file->source->start());
  closed_.erase(file->key);
  files_.push_back(std::move(file));
}

// Each file in its turn, but an older file of the same log first.
Follower::File* Follower::NextReady() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::size_t place = (turn_ + i) % files_.size();
    if (!files_[place]->ready) continue;
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
        file->size = SizeOf(file->source->fd());
        known_.Set(file->id, chunk->checkpoint());
        return file;
      case ReadResult::kEnd:
        file->ready = false;
        if (file->ends) Close(file);
        break;
      case ReadResult::kError:
        Note(file->path, file->source->error());
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
  const std::uint64_t unread = file->size > reached.offset ? file->size - reached.offset : 0;
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

std::vector<KnownSource> Follower::TakeSkipped() { return std::exchange(skipped_, {}); }

std::vector<std::string> Follower::TakeNotes() { return std::exchange(notes_, {}); }

}  // namespace hushlog
