// The part of the Follower that looks for files, and finds out what they are.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "src/input/follower.h"
#include "src/input/paths.h"

namespace hushlog {
namespace {

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

// Whether a file begins with `head`, as far as it goes.
bool BeginAlike(int fd, std::string_view head) {
  std::array<char, kIdentityBytes> bytes;
  const ssize_t size = pread(fd, bytes.data(), head.size(), 0);
  return size > 0 && head.starts_with({bytes.data(), static_cast<std::size_t>(size)});
}

}  // namespace

void Follower::Scan() {
  const Time began = options_.now();
  // First the watches, then the look: what changes in between is told.
  all_told_ = watcher_.Watch(DirectoriesOf(patterns_));
  const LogListing listing = ListLogs(patterns_);
  // What was truncated before is noticed now, so that the rest of it is found among the files of the listing.
  for (std::size_t i = files_.size(); i-- > 0;) {
    if (!files_[i]->source->compressed() && !files_[i]->source->Intact()) OnRewritten(files_[i].get());
  }
  scan_needed_ = false;
  moving_.clear();
  for (const std::string& path : listing.unusable) Note(path, path + " is no regular file, and is left alone");
  for (const auto& file : files_) {
    file->current = false;
    file->order = 0;
  }
  present_.clear();
  logs_.clear();
  awaited_.clear();
  for (const auto& [log, files] : listing.logs) LookAtLog(log, files);
  NoticeMoves(listing);
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
  scan_time_ = ended - began;
  next_scan_ = ended + (kScanShare - 1) * scan_time_;
  next_tick_ = std::min(next_tick_, ended + options_.poll_interval);
}

// A listing that was overtaken may lack files; also such that are older than what was begun, which was not there yet.
void Follower::NoticeMoves(const LogListing& listing) {
  moving_.merge(ChangedLogs(listing, ListLogs(patterns_)));
  unsettled_.insert(moving_.begin(), moving_.end());
  if (!unsettled_.empty()) std::erase_if(closed_, [](const auto& closed) { return closed.second.passed_over; });
  scan_needed_ = scan_needed_ || !moving_.empty();
}

// From the newest file to the oldest, until one is found that is known to be done: what is older is done, too. One that
// was begun in this scan, or is a copy of it, proves nothing of the kind.
void Follower::LookAtLog(const std::string& log, const std::vector<LogFile>& files) {
  logs_.insert(log);
  std::vector<Candidate> unproven;  // to be read if they are newer than a file that is known
  bool done = false, settled = true;
  const std::int64_t first_new = next_id_;
  const auto found_known = [&](std::int64_t id, bool current) {
    for (Candidate& candidate : unproven) BeginNew(&candidate);
    unproven.clear();
    done = done || (!current && id < first_new && !IsSearchedFor(log));
  };
  for (std::size_t i = files.size(); i-- > 0;) {
    const LogFile& file = files[i];
    const bool current = i + 1 == files.size();
    present_.insert(file.key);
    if (const std::optional<std::int64_t> known = KnownAlready(file, current, i + 1)) {
      PlaceUnlisted(*known, i + 1);
      if (*known != 0) found_known(*known, current);
      continue;
    }
    if (done && MayPassOver(file, log)) {
      closed_[file.key] = {file.stamp, 0, true};
      continue;
    }
    Candidate candidate{file, log, current, i + 1};
    switch (LookAt(&candidate)) {
      case Verdict::kContinues:
        Begin(&candidate);
        found_known(candidate.id, true);
        break;
      case Verdict::kNothingNew:
        settled = settled && (candidate.id != 0 || !HasArchiveSuffix(file.path));  // it may have just been begun
        closed_[file.key] = {file.stamp, candidate.id};
        PlaceUnlisted(candidate.id, candidate.order);
        if (candidate.id != 0) found_known(candidate.id, current);
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
        settled = false;
        break;
    }
  }
  if (settled) {
    unsettled_.erase(log);
  } else {
    unsettled_.insert(log);
  }
}

// Whether a file that is older than one that is done is done, too, and need not be looked at. That it is older says
// nothing if it may be the one that could not be looked at before.
bool Follower::MayPassOver(const LogFile& file, const std::string& log) const {
  if (file.matched && !HasArchiveSuffix(file.path)) return false;
  if (first_scan_) return false;  // what it was called when it was read is not known
  if (unsettled_.contains(log)) return false;
  const auto closed = closed_.find(file.key);
  return closed == closed_.end() || closed->second.passed_over;
}

// Whether a file of the log was truncated, and the rest of what it held has not been found.
bool Follower::IsSearchedFor(const std::string& log) const {
  return std::ranges::any_of(truncated_, [&log](const Truncated& file) { return file.log == log && !file.found; });
}

// The id of a file that is open, or has not changed since it was closed or looked at (0: it has no content of a log);
// nothing for others.
std::optional<std::int64_t> Follower::KnownAlready(const LogFile& file, bool current, std::size_t order) {
  if (File* const open = FindByKey(file.key)) {
    if (!open->current) open->path = file.path;  // else it has two names
    open->current = open->current || current;
    open->order = std::max(open->order, order);
    Refresh(open, file.stamp);
    return open->id;
  }
  const auto closed = closed_.find(file.key);
  if (closed == closed_.end() || closed->second.stamp != file.stamp) return std::nullopt;
  return closed->second.id;
}

// A file that is open and in no listing any more, as it was compressed, has the place of its archive.
void Follower::PlaceUnlisted(std::int64_t id, std::size_t order) {
  File* const open = FindById(id);
  if (open != nullptr && open->order == 0) open->order = order;
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
  if (candidate->id == 0) return LookAtUnknown(candidate);
  if (const File* twin = FindById(candidate->id)) return LookAtTwin(candidate, *twin);
  for (Truncated& truncated : truncated_) truncated.found = truncated.found || truncated.id == candidate->id;
  if (source.compressed()) return Verdict::kContinues;
  const std::uint64_t reached = source.start().offset;
  const bool more = source.bytes_total() > reached;
  return more || (candidate->current && source.bytes_total() == reached) ? Verdict::kContinues : Verdict::kNothingNew;
}

// The file of the same log that is open and has the same content as far as both go; null if there is none.
const Follower::File* Follower::FindTwin(const Candidate& candidate, std::string_view head) const {
  const auto found = std::ranges::find_if(files_, [&](const auto& file) {
    const int fd = file->source->fd();
    const std::uint64_t size = std::min(candidate.source->bytes_total(), StampOf(fd).size);
    if (file->log != candidate.log || size == 0) return false;
    const bool archive = candidate.source->compressed();
    return archive ? BeginAlike(fd, head) : AgreeUpTo(candidate.source->fd(), fd, size);
  });
  return found == files_.end() ? nullptr : found->get();
}

// A copy that is shorter than what identifies the other file, or of a file of which nothing was read, is known by its
// beginning only.
Follower::Verdict Follower::LookAtUnknown(Candidate* candidate) {
  bool cut_off = false;
  const std::string head = candidate->source->Beginning(&cut_off);
  // An archive that has just been begun does not yet tell what it is of.
  if (cut_off && StampOf(candidate->source->fd()).JustWritten()) return Verdict::kLater;
  if (head.empty()) return Verdict::kNothingNew;
  if (const File* twin = FindTwin(*candidate, head)) return LookAtTwin(candidate, *twin);
  const auto truncated = heads_.find(candidate->log);
  if (truncated == heads_.end() || truncated->second.key == candidate->file.key) return Verdict::kNew;
  if (!truncated->second.bytes.starts_with(head)) return Verdict::kNew;
  candidate->id = truncated->second.id;
  return Verdict::kNothingNew;
}

// For a file with the content of one that is open.
Follower::Verdict Follower::LookAtTwin(Candidate* candidate, const File& twin) {
  const Source& source = *candidate->source;
  candidate->id = twin.id;
  if (source.compressed() || twin.source->compressed()) return Verdict::kNothingNew;
  // It was truncated: then this may be the copy. That shows when it is read.
  if (!twin.source->Intact()) return Verdict::kLater;
  const std::uint64_t twin_size = StampOf(twin.source->fd()).size;
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
  file->last_news = file->caught_up = options_.now();
  file->ends = file->source->compressed();
  if (!file->ends) file->source->Follow();
  for (const std::string& warning : file->source->warnings()) Note(file->path, warning);
  known_.Set(file->id, file->source->start());
  closed_.erase(file->key);
  files_.push_back(std::move(file));
}

}  // namespace hushlog
