#include "src/cli/check_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "parsers/line_parser.h"
#include "parsers/line_splitter.h"
#include "parsers/log_format.h"
#include "rules/pseudonym.h"
#include "src/cli/dry_run.h"
#include "src/cli/format_names.h"
#include "src/cli/line_processor.h"
#include "src/cli/site_rules.h"
#include "src/input/paths.h"
#include "src/input/source.h"

namespace hushlog {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostLogs = 20;  // of a source whose lines are looked at
constexpr int kGoodShare = 90;         // percent of lines that fit

const std::string kSetFormat = "; set `format` to the log_format or LogFormat string of the server";

// Whole lines, with kLinePadding readable bytes behind them.
class LastLines {
 public:
  // Of an archive the first ones: it is dear to read to its end.
  explicit LastLines(const std::string& path) {
    const std::unique_ptr<Source> source = OpenSource(path, {}, &error_);
    Chunk chunk;
    if (source == nullptr) return;
    if (source->Next(&chunk) == ReadResult::kError) error_ = source->error();
    text_ = chunk.text();
    if (!source->compressed()) ReadEnd(source->fd(), source->bytes_total());
    size_ = WholeLines(text_).size();
    text_.resize(size_ + kLinePadding);
  }
  std::string_view text() const { return std::string_view(text_).substr(0, size_); }
  const std::string& error() const { return error_; }  // empty if there is none

 private:
  void ReadEnd(int fd, std::uint64_t total) {
    if (total <= kMostBytes) return;
    text_.resize(kMostBytes);
    const ssize_t n = pread(fd, text_.data(), text_.size(), static_cast<off_t>(total - kMostBytes));
    text_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    text_.erase(0, std::min(text_.find('\n'), text_.size() - 1) + 1);
  }

  std::string text_;
  std::size_t size_ = 0;
  std::string error_;
};

struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

// The last hit that the actions become, as a dry run shows it; empty if they become none.
std::string LastHitOf(const RuleSet& rules, const ActionBatch& actions) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* memory = open_memstream(&text, &size);
  if (memory == nullptr) throw std::runtime_error("out of memory");
  {
    DryRun hits(rules, memory, {}, Config().max_visits);
    hits.Consume(actions);
    hits.Finish();
  }
  std::fclose(memory);
  const std::unique_ptr<char, FreeText> owner(text);
  std::string_view lines(text, size);
  if (lines.empty()) return {};
  lines.remove_suffix(1);
  return std::string(lines.substr(lines.rfind('\n') + 1));
}

class SourceCheck {
 public:
  SourceCheck(const SourceConfig& source, const RuleSet& rules, const TrustedProxies* proxies, CheckReport* report)
      : source_(source),
        rules_(rules),
        proxies_(proxies),
        report_(report),
        subject_(fmt::format("source '{}'", source.name)) {}

  void Run() {
    const ExpandedPaths files = ExpandPaths(source_.paths);
    for (const std::string& error : files.errors) report_->Error(subject_, error, kExitUnreadable);
    std::map<std::string, std::string> logs;  // the newest file that can be read, by log
    for (const std::string& path : files.paths) {
      if (IsDirectory(path)) {
        report_->Error(subject_, fmt::format("{0} is a directory; name its files: {0}/*access.log", path),
                       kExitUnreadable);
      } else if (IsReadable(path)) {
        logs[LogNameOf(path)] = path;
      }
    }
    TellFiles(files.paths.size(), logs.size());
    for (const auto& [name, path] : logs | std::views::take(kMostLogs)) CheckLog(path);
    if (logs.size() <= kMostLogs) return;
    report_->Ok(subject_, fmt::format("{} more logs, whose lines were not looked at", logs.size() - kMostLogs));
  }

 private:
  static bool IsDirectory(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
  }

  // Whether it is a file with lines to look at; of pipes nothing is said.
  bool IsReadable(const std::string& path) {
    std::error_code error;
    const auto type = std::filesystem::status(path, error).type();
    if (faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) {
      return type == std::filesystem::file_type::regular;
    }
    if (++unreadable_ == 1) first_unreadable_ = fmt::format("{}: {}", path, std::strerror(errno));
    return false;
  }

  void TellFiles(std::size_t files, std::size_t logs) {
    if (unreadable_ > 0) {
      report_->Error(
          subject_,
          fmt::format("{} of {} files cannot be read, the first is {}; let the user of hushlog read them, for "
                      "instance as a member of their group",
                      unreadable_, files, first_unreadable_),
          kExitUnreadable);
    } else if (files > 0) {
      report_->Ok(subject_, fmt::format("files: {}, logs: {}", files, logs));
    }
  }

  // Null, and it is told, if none fits.
  std::shared_ptr<const LogFormat> FormatOf(const std::string& path, std::string_view lines) {
    if (source_.format != "auto") {
      return std::make_shared<const LogFormat>(CompileFormat(source_.format, rules_.extra_fields()));
    }
    Detection detection = DetectFormat(lines, rules_.extra_fields());
    if (detection.format == nullptr) {
      report_->Error(subject_, fmt::format("{}: {}{}", path, detection.message, kSetFormat), kExitUsage);
    }
    return std::move(detection.format);
  }

  void CheckLog(const std::string& path) {
    const LastLines lines(path);
    if (!lines.error().empty()) return report_->Error(subject_, lines.error(), kExitUnreadable);
    if (lines.text().empty()) {
      return report_->Warn(subject_, fmt::format("{} is empty: its format shows with its first lines", path));
    }
    const std::shared_ptr<const LogFormat> format = FormatOf(path, lines.text());
    if (format == nullptr) return;
    EphemeralDayKeys keys;
    LineProcessor processor(rules_, keys, proxies_, false);
    ActionBatch actions;
    LineCounts counts;
    processor.Process(format, lines.text(), &actions, &counts);
    if (!TellShare(path, lines.text(), *format, counts)) return;
    TellSample(counts, actions);
    TellLacks(*format);
  }

  // False if most of the lines do not fit.
  bool TellShare(const std::string& path, std::string_view lines, const LogFormat& format, const LineCounts& counts) {
    const std::int64_t fit = counts.lines - counts.MisfitLines();
    const std::string text =
        fmt::format("{}: {} of the last {} lines fit the format {}", path, fit, counts.lines, format.name());
    if (!counts.Fit()) {
      const Detection other = DetectFormat(lines, rules_.extra_fields());
      report_->Error(subject_,
                     text + (other.format == nullptr ? kSetFormat : "; they look like " + other.format->name()),
                     kExitUsage);
    } else if (fit * 100 < counts.lines * kGoodShare) {
      report_->Warn(subject_, text + "; the others are left out: look whether `format` is that of the server");
    } else {
      report_->Ok(subject_, text);
    }
    return counts.Fit();
  }

  void TellSample(const LineCounts& counts, const ActionBatch& actions) {
    if (counts.actions == 0) {
      return report_->Warn(subject_,
                           "none of these lines is use of a Matomo's interface: is it the log of the server in front "
                           "of it? To see what each line is: hushlog explain --all LOG");
    }
    const std::string hit = LastHitOf(rules_, actions);
    report_->Ok(subject_, fmt::format("{} of them are use of a Matomo's interface{}{}", counts.actions,
                                      hit.empty() ? "" : ", and become hits such as ", hit));
  }

  void TellLacks(const LogFormat& format) {
    if (!format.has_request_time()) {
      report_->Warn(subject_,
                    "the format has no request time, so durations are not measured: add $request_time to the "
                    "log_format of nginx, %D to the LogFormat of Apache");
    }
    for (const std::string& sentence : MissingFields(rules_, format)) report_->Warn(subject_, sentence);
  }

  const SourceConfig& source_;
  const RuleSet& rules_;
  const TrustedProxies* proxies_;
  CheckReport* report_;
  std::string subject_;
  std::size_t unreadable_ = 0;
  std::string first_unreadable_;
};

}  // namespace

void CheckSource(const SourceConfig& source, const RuleSet& rules, const TrustedProxies* proxies, CheckReport* report) {
  SourceCheck(source, rules, proxies, report).Run();
}

}  // namespace hushlog
