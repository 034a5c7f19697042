#include "src/cli/log_reader.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "src/base/tell.h"
#include "src/cli/format_names.h"
#include "src/cli/printable.h"
#include "src/cli/site_rules.h"
#include "src/cli/subscribers.h"
#include "src/input/source.h"

namespace hushlog {
namespace {

// Fewer may all be bad by accident.
constexpr std::int64_t kTellingLines = 20;

bool IsAuto(const std::string& format) { return format == "auto" || format == "AUTO"; }

std::string_view WholeLines(std::string_view text) { return text.substr(0, text.rfind('\n') + 1); }

}  // namespace

LogReader::LogReader(const Config& config, const RuleSet& rules, Store& store, Consumer& consumer)
    : rules_(rules),
      keys_(store),
      consumer_(consumer),
      identified_(AnyIdentified(config.targets)),
      proxies_(ProxiesOf(config)) {
  for (const SourceConfig& source : config.sources) {
    configured_.push_back(IsAuto(source.format)
                              ? nullptr
                              : std::make_shared<const LogFormat>(CompileFormat(source.format, rules.extra_fields())));
  }
  ForgetKeys();
}

void LogReader::ForgetKeys() { processor_.emplace(rules_, keys_, proxies_ ? &*proxies_ : nullptr, identified_); }

void LogReader::TellOnce(const std::string& sentence) {
  if (told_.insert(sentence).second) Tell(sentence);
}

// That of the configuration, else that which the log had before, else that which its beginning shows.
LogReader::Format LogReader::FormatOf(const FollowedFile& file, const Chunk& chunk) {
  if (configured_[file.group] != nullptr) return configured_[file.group];
  Format& format = formats_[file.log];
  if (format != nullptr) return format;
  Chunk head;
  std::string_view sample = chunk.text();
  std::string error;
  const std::unique_ptr<Source> beginning = OpenSource(file.path, {}, &error);
  if (beginning != nullptr && beginning->Next(&head) == ReadResult::kChunk) sample = head.text();
  Detection detection = DetectFormat(WholeLines(sample), rules_.extra_fields());
  TellOnce(
      fmt::format("{}{}: {}", detection.format == nullptr ? "warning: " : "", Printable(file.path), detection.message));
  return format = std::move(detection.format);
}

void LogReader::Process(const Format& format, std::string_view text) {
  actions_.clear();
  counts_ = {};
  processor_->Process(format, text, &actions_, &counts_);
}

bool LogReader::Read(const FollowedFile& file, const Chunk& chunk) {
  counts_ = {};
  if (chunk.text().empty()) return true;
  const Format format = FormatOf(file, chunk);
  if (format == nullptr) return false;
  for (const std::string& sentence : MissingFields(rules_, *format)) TellOnce("warning: " + sentence);
  Process(format, chunk.text());
  if (counts_.lines >= kTellingLines && !counts_.Fit()) {
    formats_.erase(file.log);  // of a log whose format was detected, it may have changed
    const Format other = FormatOf(file, chunk);
    if (other != nullptr && other != format) Process(other, chunk.text());
    if (chunk.sequence() == 0 && !counts_.Fit()) {
      TellOnce(fmt::format("warning: {}: most of its lines do not fit the format, and are left alone. Look at `format`",
                           file.path));
      return false;
    }
  }
  consumer_.Consume(actions_);
  return true;
}

}  // namespace hushlog
