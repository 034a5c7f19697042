// Lines of followed logs -> actions, in the format of each log.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/log_format.h"
#include "src/cli/config.h"
#include "src/cli/consumer.h"
#include "src/cli/line_processor.h"
#include "src/cli/stored_state.h"
#include "src/input/follower.h"

namespace hushlog {

// Thread-safety: none.
class LogReader {
 public:
  // All must outlive the object.
  LogReader(const Config& config, const RuleSet& rules, Store& store, Consumer& consumer);

  // Gives the actions of the chunk to the consumer. False, and nothing is given, if its lines are in no known format:
  // then the log is better left alone until somebody has set the format. That is told on standard error.
  [[nodiscard]] bool Read(const FollowedFile& file, const Chunk& chunk);
  // Of the last chunk.
  const LineCounts& counts() const { return counts_; }

  // Forgets keys of days, which may have been destroyed, and what was made with them.
  void ForgetKeys();

 private:
  using Format = std::shared_ptr<const LogFormat>;

  Format FormatOf(const FollowedFile& file, const Chunk& chunk);
  void Process(const Format& format, std::string_view text);
  void TellOnce(const std::string& sentence);

  const RuleSet& rules_;
  StoredDayKeys keys_;
  Consumer& consumer_;
  bool identified_;  // some target gets hits that identify people
  std::optional<TrustedProxies> proxies_;
  std::optional<LineProcessor> processor_;
  std::vector<Format> configured_;         // by group; null: to be detected
  std::map<std::string, Format> formats_;  // detected, by log
  std::set<std::string> told_;
  ActionBatch actions_;
  LineCounts counts_;
};

}  // namespace hushlog
