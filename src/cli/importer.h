// Reads logs into a Consumer: the data flow from files to actions in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/log_format.h"
#include "rules/rule_set.h"
#include "src/cli/chunk_pipeline.h"
#include "src/cli/consumer.h"
#include "src/cli/progress.h"
#include "src/cli/summary.h"
#include "src/input/known_sources.h"
#include "src/input/source.h"

namespace hushlog {

// Files that share a format.
struct ImportInput {
  std::vector<std::string> paths;           // files, patterns, "-"
  std::shared_ptr<const LogFormat> format;  // null: to be detected in each file
};

// Thread-safety: none.
class Importer {
 public:
  // `rules` ask log formats for fields. `known` are the checkpoints of earlier runs.
  // All references must outlive the object.
  Importer(const std::vector<ImportInput>& inputs, const RuleSet& rules, Consumer& consumer, ChunkPipeline& pipeline,
           KnownSources known);

  // Reads everything, unless a signal asks to stop. Input that cannot be read is told on standard error and noted in
  // summary.unreadable. Throws what the consumer throws.
  void Run();

  ImportSummary summary;

 private:
  struct File {
    std::string path;
    std::shared_ptr<const LogFormat> format;
  };

  void ReadFile(const File& file);
  std::shared_ptr<const LogFormat> Detect(const File& file, const Source& source, const Chunk& chunk);
  void ConsumeOldest(const Source& source, std::int64_t* source_id);
  void NoteMissingFields(const LogFormat& format);
  void Unreadable(std::string sentence);
  void Note(std::string_view kind, std::string_view sentence);

  std::vector<File> files_;
  const RuleSet& rules_;
  std::set<std::string> told_;  // about missing fields
  Consumer& consumer_;
  ChunkPipeline& pipeline_;
  KnownSources known_;
  bool wrong_format_ = false;       // of the file being read
  std::uint64_t bytes_before_ = 0;  // on disk, of the files read so far
  std::optional<Progress> progress_;
};

}  // namespace hushlog
