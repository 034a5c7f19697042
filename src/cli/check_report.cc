#include "src/cli/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "src/base/json_writer.h"
#include "src/cli/printable.h"

namespace hushlog {

void CheckReport::Add(std::string_view mark, std::string_view subject, std::string_view text) {
  if (!json_) {
    fmt::print("{:8} {}: {}\n", mark, Printable(subject), Printable(text));
    (void)std::fflush(stdout);  // a target may take its time
    return;
  }
  entries_.append(entries_.empty() ? "" : ",").append("{\"mark\":");
  AppendJsonString(&entries_, mark);
  AppendJsonString(&entries_.append(",\"subject\":"), subject);
  AppendJsonString(&entries_.append(",\"text\":"), text);
  entries_.append("}");
}

void CheckReport::Error(std::string_view subject, std::string_view text, ExitStatus status) {
  Add("error", subject, text);
  errors_.insert(status);
}

int CheckReport::Status() const {
  for (const ExitStatus status : {kExitUsage, kExitFailed, kExitTarget, kExitUnreadable}) {
    if (errors_.contains(status)) return status;
  }
  return kExitDone;
}

int CheckReport::Finish() {
  const int status = Status();
  if (json_) fmt::print("{{\"status\":{},\"checks\":[{}]}}\n", status, entries_);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw std::runtime_error("the output cannot be written: is the disk full?");
  }
  return status;
}

}  // namespace hushlog
