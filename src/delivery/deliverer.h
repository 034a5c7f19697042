// Sends the hits in the spool to the targets, each target on its own.
//
// Promises, for each target: nothing is lost while the state database is intact, but what its limits of the backlog
// give up, counted; a visitor's hits go out in order; no hit is sent again once it may have been recorded, except as
// `on_ambiguous` allows and, after a crash of this program, for at most one batch per lane; a tracker that does not
// work is asked with requests that record nothing, never with many hits; hits that its clock would call future wait;
// the ledger always adds up (TargetLedger in src/spool/store.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/delivery/clock.h"
#include "src/spool/store.h"

namespace hushlog {

class DeliveryObserver;

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
  // The next three are of no matter to the delivery.
  bool reports = false;       // gets the uses of reports, too
  bool identified = false;    // gets user, title and URL as they are
  bool system_report = true;  // gets the daily system report
  std::string token_auth;     // secret; empty if none. Without it addresses are not sent, nor hits older than 24 hours
  // Gives the token if it has changed since the last call, else nothing; called from any thread, one at a time. Empty:
  // it does not change.
  std::function<std::optional<std::string>()> new_token;
  std::string ca_file;  // certificates (PEM) that are trusted instead of those of the system; empty: these
  std::string proxy;    // URL, secret as it may hold a password; empty: none, whatever the environment says
  int lanes = kLanes;   // lanes that send at the same time, 1..kLanes
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
  // Until::kFinished: what may wait for the target, in size and time; beyond that the oldest is given up.
  std::int64_t max_backlog_bytes = std::int64_t{4} << 30;
  std::chrono::hours max_backlog_age{90 * 24};
};

// Why a target does or does not take hits.
enum class TargetState : std::uint8_t {
  kDrained,      // everything was sent
  kInterrupted,  // stopped by request
  kUnreachable,  // does not answer, or answers that it cannot process hits now
  kRefused,      // answers, but not as a Matomo tracker that accepts our hits: token, site, address wrong
  kNeedsToken,   // hits older than 24 hours and no token
  kClockBehind,  // hits are from the future for it
  kDiskFull,     // what it answers cannot be kept
};
// One word for programs: "drained", "unreachable", ...
std::string_view StateWord(TargetState state);

struct TargetResult {
  std::string name;
  TargetState state = TargetState::kDrained;
  // For the user: what happened and what to do. Empty if all went well. Never holds a token, any part of the URL, of an
  // answer or of a hit.
  std::string message;
  TargetLedger ledger;
};

// What is going on with a target, for status pages. Like TargetResult::message, no text holds a secret.
struct TargetCondition {
  std::string name;
  TargetState state = TargetState::kDrained;  // kDrained: takes hits
  std::string trouble;                        // why it does not; else empty
  std::string last_answer;                    // in words; empty if there was none
  std::int64_t last_answer_ms = 0;            // UTC
  std::int64_t clock_behind_ms = 0;           // its clock, against ours
  int senders = 1;                            // how many requests may be on their way at the same time
};

// When a target is done.
enum class Until : std::uint8_t {
  kDrained,   // when nothing waits for it; one in trouble is given up
  kFinished,  // when told; one in trouble is tried again, more and more seldom
};

// Threads that deliver, a few for each target, which keep their connections.
//
// Thread-safety: belongs to the thread that made it.
class Deliverer {
 public:
  // `tell` gets sentences for the operator, in any thread: a target waits, takes hits again, hits were given up.
  // `observer`, if there is one, is told of each request with hits.
  // `store`, `clock` and `observer` must outlive the object. Must not exist twice at the same time for the same store
  // and target. Throws std::invalid_argument (a URL) before anything is sent, and StoreError.
  Deliverer(Store& store, const std::vector<TargetConfig>& targets, Until until,
            std::function<void(const std::string& sentence)> tell = {}, Clock& clock = SystemClock(),
            DeliveryObserver* observer = nullptr);
  // Waits for requests that are on their way.
  ~Deliverer();

  // There are new hits.
  void Wake();
  // To be called about once a second. Throws what a thread has failed with: StoreError.
  void Check();
  // Waits for `limit` at most until all is delivered to targets that work; then requests that are on their way have a
  // second left. False if some still are: their answers count as lost.
  [[nodiscard]] bool Finish(std::chrono::milliseconds limit);
  // Waits until all targets are done or `stop_requested`, which is called about ten times a second, returns true; then
  // requests on their way are still waited for, anything else ends at once. Throws StoreError.
  void Wait(const std::function<bool()>& stop_requested);

  // In the order of the targets. After Wait; messages are also stored as the trouble of their target.
  std::vector<TargetResult> Results();
  std::vector<TargetCondition> Conditions();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Delivers what the spool holds until each target is drained or stopped by its own trouble, or `stop_requested`: a
// Deliverer with Until::kDrained.
std::vector<TargetResult> Deliver(Store& store, const std::vector<TargetConfig>& targets,
                                  const std::function<bool()>& stop_requested, Clock& clock = SystemClock());

// "example.org/matomo" -> "https://example.org/matomo/matomo.php": https unless it says http, as a token goes there;
// without a scheme, the host must have a dot or be localhost. A path that ends with .php stays, except that index.php
// becomes matomo.php. Throws std::invalid_argument, with a message that does not repeat the URL.
std::string NormalizeTrackerUrl(const std::string& url);
// The same for index.php, the user interface and the reporting API: also from the URL of the tracker.
std::string NormalizeInterfaceUrl(const std::string& url);

}  // namespace hushlog
