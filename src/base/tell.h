// Sentences for the operator: the log of hushlog itself.
#pragma once

#include <string_view>

namespace hushlog {

struct LogStyle {
  enum class Amount { kQuiet, kUsual, kVerbose };
  Amount amount = Amount::kUsual;  // quiet: warnings and errors
  bool json = false;               // {"time":"2026-11-23T05:19:28.123Z","level":"warning","message":"..."}
};
// To be called before threads are started.
void SetLogStyle(LogStyle style) noexcept;
LogStyle CurrentLogStyle() noexcept;

// "hushlog: <sentence>" on standard error, as one piece. A sentence that begins with "error: ", "warning: " or "note: "
// has that level, others "info". That it cannot be written, because a disk is full or nobody reads, is no reason to
// stop. Thread-safe. Never pass a secret.
void Tell(std::string_view sentence) noexcept;
// Only if hushlog is verbose; level "debug".
void TellDetail(std::string_view sentence) noexcept;
// `json`, a JSON value, under "details" if the log is JSON, else `text` as it stands. Not if hushlog is quiet.
void TellDetails(std::string_view sentence, std::string_view json, std::string_view text) noexcept;

}  // namespace hushlog
