// POST requests to one URL, over a connection that is kept alive, where it is always known how much of a request went
// out.
//
// What tells this from common use of libcurl: nothing is ever sent twice behind the caller's back (libcurl by itself
// repeats a POST when a reused connection dies before the answer, and a tracker would count it twice), redirects and
// proxies of the environment are not followed (the body holds a token), peer and host name of TLS are verified, and
// answers are bounded in time and size.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace hushlog {

struct HttpReply {
  // How much of the body may have gone out. With less than all of it no tracker can have processed it.
  enum class Sent : std::uint8_t { kNothing, kPartly, kWhole };
  // Why there is no answer, or no whole one.
  enum class Fault : std::uint8_t { kNone, kTransfer, kUntrusted, kTooLarge, kStopped };

  Sent sent = Sent::kNothing;
  Fault fault = Fault::kNone;
  int status = 0;  // 0: none came
  std::string content_type;
  std::string retry_after;  // the header as it came
  std::string body;         // as far as it came; at most Options::max_reply
  std::int64_t date_s = 0;  // the header `Date`, seconds since 1970; 0 if there was none
  std::string error;        // the fault in words; without URL or host name
};

inline constexpr std::size_t kMaxReplyBody = 64 << 10;  // of a tracker
inline constexpr std::size_t kMaxReplyHeaders = 16 << 10;

// Thread-safety: belongs to one thread.
class HttpClient {
 public:
  struct Options {
    std::string url;                                    // http or https
    std::chrono::milliseconds timeout{300'000};         // for a whole request
    std::chrono::milliseconds connect_timeout{10'000};  // part of it
    std::string ca_file;                                // certificates (PEM) to trust; empty: those of the system
    std::string proxy;                                  // URL; empty: none
    std::string content_type = "application/json";      // of the bodies that are sent
    std::size_t max_reply = kMaxReplyBody;              // bytes of an answer that are taken
    bool stop_gives_up_answer = false;                  // for requests that change nothing
  };

  // Throws std::runtime_error if libcurl cannot be set up.
  explicit HttpClient(const Options& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends `body` and waits for the answer. `stop` ends it early only while the body is not out, unless an option says
  // otherwise: after that, the answer is worth the wait.
  HttpReply Post(std::string_view body, const std::stop_token& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog
