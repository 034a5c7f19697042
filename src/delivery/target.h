// What the lanes of one target share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "src/delivery/bulk_body.h"
#include "src/delivery/clock.h"
#include "src/delivery/deliverer.h"
#include "src/delivery/gate.h"
#include "src/delivery/http_client.h"
#include "src/delivery/observer.h"
#include "src/delivery/target_clock.h"
#include "src/spool/store.h"

namespace hushlog {

HttpClient::Options HttpOptionsOf(const TargetConfig& config);

// How lanes come to an end.
struct Stops {
  std::stop_token
      finish;  // a lane ends when there is nothing to send, or the target is in trouble: nothing is waited for
  std::stop_token stop;  // requests that are not out yet are broken off
};

// Outlives its lanes. Thread-safety: all may be used from any thread.
class Target {
 public:
  // `tell` gets sentences about the target, and must be callable from any thread. `store`, `clock` and `observer`,
  // which may be null, must outlive the object.
  Target(Store& store, Clock& clock, TargetConfig config, std::int64_t id, Until until, Stops stops,
         std::function<void(const std::string&)> tell, DeliveryObserver* observer);

  Store& store;
  Clock& clock;
  const TargetConfig config;
  const std::int64_t id;
  const Until until;
  const Stops stops;
  DeliveryObserver* const observer;
  const TargetKey key;
  Gate gate;
  TargetClock its_clock;
  std::atomic<bool> token_works{false};      // a hit that needs the token was accepted
  std::atomic<bool> has_tracked{false};      // a hit
  std::atomic<int> buried_in_a_row{0};       // hits buried since one was accepted
  std::atomic<int> refused_in_a_row{0};      // likewise, hits that were refused alone
  std::atomic<std::int64_t> held_for_ms{0};  // Until::kDrained: how far hits that were left are ahead of its clock

  // A copy of the token, which may be another one each time.
  std::string Token();
  // Asks whether there is another one.
  bool HasNewToken();

  // --- hits that come
  std::uint64_t news() const { return news_; }
  void Wake();
  // Waits until Wake was called since news() was `seen`. False: to be finished; at once with Until::kDrained.
  [[nodiscard]] bool WaitForNews(std::uint64_t seen);

  // --- its condition
  // The target does not take hits. That may pass soon: only Condition() shows it.
  void NoteTrouble(TargetState state, const std::string& message);
  // The same, and told once.
  void SetTrouble(TargetState state, const std::string& message);
  void ClearTrouble();
  // For what is no news when it happens again.
  void TellOnce(const std::string& words);
  // How long to leave it alone when it has refused hits: more each time, until ClearTrouble.
  std::chrono::milliseconds NextPause();
  void NoteAnswer(std::string words);
  TargetCondition Condition();

 private:
  void TellOf(const std::string& words) const;
  void KeepTrouble(const std::string& message);

  const std::function<void(const std::string&)> tell_;
  std::atomic<std::uint64_t> news_{1};
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any woken_;
  std::string token_;
  TargetState state_ = TargetState::kDrained;
  std::string trouble_, last_answer_;
  std::set<std::string> told_once_;
  bool told_ = false;            // of the trouble
  bool trouble_is_kept_ = true;  // in the store; perhaps by an earlier run
  std::int64_t last_answer_ms_ = 0;
  std::chrono::milliseconds pause_{0};
};

}  // namespace hushlog
