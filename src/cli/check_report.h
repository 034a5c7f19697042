// What hushlog check has found: lines for people as they come, or one JSON object at the end.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/exit_status.h"

namespace hushlog {

// Thread-safety: none.
class CheckReport {
 public:
  explicit CheckReport(bool json) : json_(json) {}

  // `subject` is what was looked at, `text` what is so, and what to do. Control characters are made visible.
  // An error says which exit status it stands for.
  void Ok(std::string_view subject, std::string_view text) { Add("ok", subject, text); }
  void Warn(std::string_view subject, std::string_view text) { Add("warning", subject, text); }
  void Error(std::string_view subject, std::string_view text, ExitStatus status);

  // Writes what is to come at the end. Returns the exit status: kExitDone without errors, else the first of kExitUsage,
  // kExitFailed, kExitTarget, kExitUnreadable that there is one for. Throws std::runtime_error if the output cannot be
  // written.
  int Finish();

 private:
  void Add(std::string_view mark, std::string_view subject, std::string_view text);
  int Status() const;

  bool json_;
  std::set<ExitStatus> errors_;
  std::string entries_;  // of the JSON list
};

}  // namespace hushlog
