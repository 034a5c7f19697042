// What an answer of a tracker says about the hits that were sent.
//
// That a status of 200 alone means nothing, and what each answer means for Matomo's database, was observed on
// Matomo 5.2 (its bulk request is one database transaction, and it runs on when the client or a gateway gives up).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/delivery/http_client.h"
#include "src/spool/store.h"

namespace hushlog {

struct Outcome {
  enum class Kind : std::uint8_t {
    kProcessed,     // recorded, or refused one by one; `answer` says how many
    kNotProcessed,  // nothing was recorded: may be sent again later
    kRolledBack,    // nothing was recorded, as the tracker failed: a hit that it cannot digest, or it is in trouble
    kTooLarge,      // nothing was recorded, as the body was too large
    kRefused,       // nothing was recorded, nor will be until somebody changes something: wrong address, site, token
    kAmbiguous,     // may have been recorded
  };
  Kind kind = Kind::kProcessed;
  Store::Answer answer;
  bool all_invalid = false;             // kRefused, as each of the hits was refused
  std::chrono::seconds retry_after{0};  // what the target asked for; at most kMaxRetryAfter
  std::string message;                  // what happened and what to do; never a part of the answer itself
};

inline constexpr std::chrono::seconds kMaxRetryAfter{15 * 60};

struct SentHits {
  std::size_t rows = 0;
  bool with_token = false;
};

// `now_s`: seconds since 1970, for a Retry-After that is a date.
Outcome JudgeReply(const HttpReply& reply, const SentHits& sent, std::int64_t now_s);

}  // namespace hushlog
