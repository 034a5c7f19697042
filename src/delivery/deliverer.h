// Sends the hits in the spool to the targets, each target on its own.
//
// Promises, for each target: nothing is lost while the state database is intact; a visitor's hits go out in order; no
// hit is sent again once it may have been recorded, except as `on_ambiguous` allows and, after a crash of this program,
// for at most one batch per lane; a tracker that does not work is asked with requests that record nothing, never with
// many hits; the ledger always adds up (TargetLedger in src/spool/store.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/delivery/clock.h"
#include "src/spool/store.h"

namespace hushlog {

// What to do with hits that were sent, but whose answer was lost: Matomo has no way to recognise a repetition.
enum class OnAmbiguous : std::uint8_t {
  kPark,    // not sent again: kept aside for the operator to decide (Store::ReleaseParked)
  kResend,  // sent again up to `ambiguous_retries` times, then parked: may be recorded more than once
  kDrop,    // not sent again, and counted as unaccounted
};

struct TargetConfig {
  std::string name;
  std::string url;  // of matomo.php; completed by NormalizeTrackerUrl
  std::uint32_t site_id = 0;
  bool reports = false;     // gets the uses of reports, too; this and the next are of no matter to the delivery
  bool identified = false;  // gets user, title and URL as they are
  std::string token_auth;   // secret; empty if none. Without it addresses are not sent, nor hits older than 24 hours
  int lanes = kLanes;       // lanes that send at the same time, 1..kLanes
  std::size_t batch_rows = 200;
  std::size_t batch_bytes = 512 << 10;
  OnAmbiguous on_ambiguous = OnAmbiguous::kPark;
  // After a crash of this program, kPark too sends what was in flight again (that often): nearly always the crash came
  // before the sending. kDrop never does.
  int ambiguous_retries = 1;
  int max_attempts = 6;                         // failures in a row until the target is given up as unreachable
  std::chrono::milliseconds retry_delay{1000};  // doubled with each failure, up to a minute, with full jitter
  std::chrono::seconds request_timeout{300};
  std::chrono::hours keep_sent{0};  // how long copies of what was sent are kept in the state database; 0: none
};

// Why a target does or does not take hits.
enum class TargetState : std::uint8_t {
  kDrained,      // everything was sent
  kInterrupted,  // stopped by request
  kUnreachable,  // does not answer, or answers that it cannot process hits now
  kRefused,      // answers, but not as a Matomo tracker that accepts our hits: token, site, address wrong
  kNeedsToken,   // hits older than 24 hours and no token
};

struct TargetResult {
  std::string name;
  TargetState state = TargetState::kDrained;
  // For the user: what happened and what to do. Empty if all went well. Never holds a token, any part of the URL, of an
  // answer or of a hit.
  std::string message;
  TargetLedger ledger;
};

// Delivers what the spool holds for `targets`, all at the same time, until each is drained or stopped by its own
// trouble, or `stop_requested` returns true; then requests on their way are still waited for, anything else ends at
// once.
//
// `stop_requested` is called about ten times a second, by the calling thread: it may also show progress. Must not be
// called twice at the same time for the same store and target. The results are in the order of `targets`; messages are
// also stored as the trouble of their target. Throws std::invalid_argument (a URL) before anything is sent, and
// StoreError.
std::vector<TargetResult> Deliver(Store& store, const std::vector<TargetConfig>& targets,
                                  const std::function<bool()>& stop_requested, Clock& clock = SystemClock());

// "https://example.org/matomo" -> "https://example.org/matomo/matomo.php". A path that ends with .php stays, except
// that index.php becomes matomo.php. Throws std::invalid_argument, with a message that does not repeat the URL.
std::string NormalizeTrackerUrl(const std::string& url);

}  // namespace hushlog
