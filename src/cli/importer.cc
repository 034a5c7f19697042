#include "src/cli/importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "src/base/stop_signal.h"
#include "src/base/tell.h"
#include "src/cli/format_names.h"
#include "src/cli/site_rules.h"
#include "src/input/paths.h"

namespace hushlog {
namespace {

// What src/input gives is what parsers/ needs: readable bytes after a line, and over-long lines that are seen as such.
static_assert(kChunkPadding >= kLinePadding && kChunkBytes > kMaxLineBytes);

// On disk; 0 for what is no file.
std::uint64_t FileSize(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

Importer::Importer(const std::vector<ImportInput>& inputs, const RuleSet& rules, Consumer& consumer,
                   ChunkPipeline& pipeline, KnownSources known)
    : rules_(rules), consumer_(consumer), pipeline_(pipeline), known_(std::move(known)) {
  for (const ImportInput& input : inputs) {
    ExpandedPaths expanded = ExpandPaths(input.paths);
    for (std::string& error : expanded.errors) Unreadable(std::move(error));
    for (std::string& path : expanded.paths) files_.push_back({std::move(path), input.format});
  }
  std::uint64_t total_bytes = 0;
  for (const File& file : files_) total_bytes += FileSize(file.path);
  progress_.emplace(total_bytes);
}

void Importer::Note(std::string_view kind, std::string_view sentence) {
  if (progress_) progress_->Clear();
  Tell(fmt::format("{}{}", kind, sentence));
}

void Importer::NoteMissingFields(const LogFormat& format) {
  for (const std::string& sentence : MissingFields(rules_, format)) {
    if (told_.insert(sentence).second) Note("warning: ", sentence);
  }
}

void Importer::Unreadable(std::string sentence) {
  Note("error: ", sentence);
  summary.unreadable.push_back(std::move(sentence));
}

void Importer::Run() {
  const auto start = std::chrono::steady_clock::now();
  for (const File& file : files_) {
    if (StopSignal() != 0) break;
    ReadFile(file);
  }
  consumer_.Finish();
  summary.hits = consumer_.hits();
  summary.visits_closed_early = consumer_.visits_closed_early();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  progress_->Clear();
}

// Looks at the beginning of the file, not at where this run continues: a log has one format, and few new lines may not
// tell it. Null if none fits.
std::shared_ptr<const LogFormat> Importer::Detect(const File& file, const Source& source, const Chunk& chunk) {
  Chunk head;
  std::string_view sample = chunk.text();
  if (source.start().offset > 0) {
    std::string error;
    const std::unique_ptr<Source> again = OpenSource(file.path, {}, &error);
    if (again != nullptr && again->Next(&head) == ReadResult::kChunk) sample = head.text();
  }
  Detection detection = DetectFormat(WholeLines(sample), rules_.extra_fields());
  if (detection.format != nullptr) {
    Note("", fmt::format("{}: {}", source.name(), detection.message));
  } else if (!chunk.unterminated() || chunk.checkpoint().head_bytes == 0) {
    Unreadable(fmt::format("{}: {}{}", source.name(), detection.message, kGiveFormat));
  }  // else there is only an unfinished line yet
  return std::move(detection.format);
}

void Importer::ReadFile(const File& file) {
  std::string error;
  const std::unique_ptr<Source> source = OpenSource(file.path, known_, &error);
  if (source == nullptr) return Unreadable(std::move(error));
  std::int64_t source_id = source->continues();
  const LineCounts before = summary.counts;
  std::shared_ptr<const LogFormat> format = file.format;
  // Chunks go to the workers as they are read, and come back in order.
  wrong_format_ = false;
  while (StopSignal() == 0 && !wrong_format_) {
    if (pipeline_.full()) ConsumeOldest(*source, &source_id);
    std::unique_ptr<ChunkWork> work = pipeline_.Take();
    const ReadResult result = source->Next(&work->chunk);
    const bool has_lines = result == ReadResult::kChunk && !work->chunk.text().empty();
    if (has_lines && format == nullptr) format = Detect(file, *source, work->chunk);
    if (has_lines && format != nullptr) {
      NoteMissingFields(*format);
      work->format = format;
      pipeline_.Submit(std::move(work));
      continue;
    }
    pipeline_.Recycle(std::move(work));
    if (result != ReadResult::kChunk || has_lines) break;
    // A pipe has nothing for the moment: what came of it need not wait.
    while (!pipeline_.empty()) ConsumeOldest(*source, &source_id);
    consumer_.Idle();
  }
  while (!pipeline_.empty()) ConsumeOldest(*source, &source_id);
  TellDetail(fmt::format("{}: {} lines, {} of them usage", source->name(), summary.counts.lines - before.lines,
                         summary.counts.actions - before.actions));
  bytes_before_ += source->bytes_total() - source->bytes_skipped();
  for (const std::string& warning : source->warnings()) Note("warning: ", warning);
  if (!source->error().empty()) Unreadable(source->error());
}

void Importer::ConsumeOldest(const Source& source, std::int64_t* source_id) {
  std::unique_ptr<ChunkWork> work = pipeline_.Finish();
  const bool recoverable = work->chunk.checkpoint().head_bytes > 0;
  if (source.start().offset == 0 && work->chunk.sequence() == 0 && !work->counts.Fit()) {
    // Taking it would mean that nobody ever reads it in the right format.
    wrong_format_ = true;
    const Detection other = DetectFormat(WholeLines(work->chunk.text()), rules_.extra_fields());
    Unreadable(fmt::format(
        "{}: {} of its first {} lines do not fit the format, and nothing of it was taken{}", source.name(),
        work->counts.MisfitLines(), work->counts.lines,
        other.format == nullptr ? kGiveFormat : fmt::format("; they look like --format {}", other.format->name())));
  }
  if (wrong_format_ || (work->chunk.unterminated() && recoverable && work->counts.BadLines() > 0)) {
    // Or the server may still be writing this line: the next run finds it whole.
    pipeline_.Recycle(std::move(work));
    return;
  }
  consumer_.Consume(work->actions);
  *source_id = consumer_.Reached(*source_id, work->chunk.checkpoint(), work->counts);
  // So that the same content under a second path is not read again.
  if (*source_id != 0) known_.Set(*source_id, work->chunk.checkpoint());
  summary.counts += work->counts;
  summary.bytes += static_cast<std::int64_t>(work->chunk.text().size());
  progress_->Update(bytes_before_ + source.bytes_read() - source.bytes_skipped(), summary.counts.lines);
  pipeline_.Recycle(std::move(work));
}

}  // namespace hushlog
