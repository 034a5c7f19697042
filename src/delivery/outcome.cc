#include "src/delivery/outcome.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace hushlog {
namespace {

using Kind = Outcome::Kind;

Outcome Make(Kind kind, std::string message) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.message = std::move(message);
  return outcome;
}

// What Matomo writes: {"status":"success","tracked":2,"invalid":0}.
struct TrackerAnswer {
  std::string status;
  std::optional<std::uint64_t> tracked, invalid;
};

std::optional<std::uint64_t> CountIn(const simdjson::dom::object& object, std::string_view name) {
  std::uint64_t count = 0;
  if (object[name].get(count) != simdjson::SUCCESS) return std::nullopt;
  return count;
}

std::optional<TrackerAnswer> ParseAnswer(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string_view status;
  if (parser.parse(body).get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object["status"].get(status) != simdjson::SUCCESS) return std::nullopt;
  return TrackerAnswer{std::string(status), CountIn(object, "tracked"), CountIn(object, "invalid")};
}

bool SaysJson(const HttpReply& reply) { return reply.content_type.find("json") != std::string::npos; }

Outcome JudgeForeignBody(const HttpReply& reply) {
  if (reply.body.empty()) {
    return Make(Kind::kRefused, "the address answers with nothing: check that the URL is that of Matomo's matomo.php");
  }
  if (reply.body.starts_with("GIF8") || reply.content_type.starts_with("image/")) {
    return Make(Kind::kRefused,
                "the tracker answers with an image instead of counts: activate Matomo's plugin BulkTracking, and "
                "deactivate QueuedTracking, or set the URL of a tracker without it");
  }
  if (SaysJson(reply)) return Make(Kind::kAmbiguous, "the tracker's answer was not understood");
  return Make(
      Kind::kRefused,
      "the address answers with a web page instead of counts: check that the URL is that of Matomo's matomo.php, "
      "that no login page, portal or firewall stands before it, and that Matomo's database works");
}

Outcome JudgeAllInvalid(const SentHits& sent) {
  Outcome outcome =
      Make(Kind::kRefused, sent.with_token ? "Matomo refuses every hit: check that the site exists, and that the token "
                                             "is valid, has write access to it and is not limited to secure requests"
                                           : "Matomo refuses every hit: check that the site exists");
  outcome.all_invalid = true;
  return outcome;
}

Outcome JudgeCounts(const TrackerAnswer& answer, const SentHits& sent) {
  if (answer.status != "success" || !answer.tracked || !answer.invalid || *answer.tracked > sent.rows ||
      *answer.invalid > sent.rows - *answer.tracked) {
    return Make(Kind::kAmbiguous, "the tracker's answer was not understood");
  }
  if (*answer.invalid == sent.rows) return JudgeAllInvalid(sent);
  if (*answer.tracked == 0 && *answer.invalid == 0) {
    return Make(Kind::kRefused,
                "Matomo answers, but records nothing: check that record_statistics in the section Tracker of its "
                "config.ini.php is not 0");
  }
  Outcome outcome;
  outcome.answer.tracked = static_cast<std::int64_t>(*answer.tracked);
  outcome.answer.invalid = static_cast<std::int64_t>(*answer.invalid);
  outcome.answer.unaccounted = static_cast<std::int64_t>(sent.rows) - outcome.answer.tracked - outcome.answer.invalid;
  return outcome;
}

Outcome JudgeOk(const HttpReply& reply, const SentHits& sent) {
  if (reply.fault == HttpReply::Fault::kTransfer) {
    return Make(Kind::kAmbiguous, "the tracker's answer was lost: " + reply.error);
  }
  if (reply.fault != HttpReply::Fault::kNone) {
    return Make(Kind::kRefused, "the address does not answer as a tracker (" + reply.error +
                                    "): check that the URL is that of Matomo's matomo.php");
  }
  const std::optional<TrackerAnswer> answer = ParseAnswer(reply.body);
  return answer ? JudgeCounts(*answer, sent) : JudgeForeignBody(reply);
}

Outcome JudgeServerError(const HttpReply& reply, const SentHits& sent) {
  const std::optional<TrackerAnswer> answer = ParseAnswer(reply.body);
  if (reply.status != 500 || !answer || answer->status != "error") {
    return Make(Kind::kAmbiguous, fmt::format("the tracker's answer was lost (status {})", reply.status));
  }
  return Make(Kind::kRolledBack,
              sent.with_token
                  ? "Matomo fails (status 500): check its database, and whether it has locked this machine out after "
                    "requests with a wrong token"
                  : "Matomo fails (status 500): check its database, and whether it demands a token for bulk requests");
}

std::chrono::seconds ParseRetryAfter(const HttpReply& reply, std::int64_t now_s) {
  const std::string& text = reply.retry_after;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end != text.data() + text.size() || text.empty()) {
    const std::int64_t date_s = curl_getdate(text.c_str(), nullptr);
    seconds = date_s < 0 ? 0 : date_s - (reply.date_s > 0 ? reply.date_s : now_s);
  } else if (error == std::errc::result_out_of_range) {
    seconds = kMaxRetryAfter.count();
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMaxRetryAfter.count()));
}

Outcome JudgeNoAnswer(const HttpReply& reply) {
  if (reply.fault == HttpReply::Fault::kUntrusted) {
    return Make(Kind::kRefused, "the target is not trusted: " + reply.error);
  }
  if (reply.sent == HttpReply::Sent::kWhole) {
    return Make(Kind::kAmbiguous, "the tracker's answer was lost: " + reply.error);
  }
  return Make(Kind::kNotProcessed, "the target cannot be reached: " + reply.error +
                                       "; look whether it runs, at its URL, and at firewalls and proxies in between");
}

Outcome JudgeClientError(const HttpReply& reply) {
  switch (reply.status) {
    case 400:
      return Make(
          Kind::kRefused,
          "Matomo refuses bulk requests (status 400): check that the URL is that of its matomo.php and that its "
          "plugin BulkTracking is active");
    case 401:
    case 403:
      return Make(Kind::kRefused,
                  fmt::format("access is denied (status {}): let this machine post to matomo.php without "
                              "password or login, past any firewall",
                              reply.status));
    case 404:
      return Make(Kind::kRefused, "nothing is at this address (status 404): check the URL of matomo.php");
    case 405:
      return Make(Kind::kRefused,
                  "the address takes no POST requests (status 405): check that the URL is that of matomo.php");
    case 413:
      return Make(Kind::kTooLarge, "the target finds the request too large (status 413)");
    default:
      return Make(Kind::kRefused,
                  fmt::format("the address refuses tracking requests (status {}): check that the URL is "
                              "that of matomo.php and what stands before it",
                              reply.status));
  }
}

}  // namespace

Outcome JudgeReply(const HttpReply& reply, const SentHits& sent, std::int64_t now_s) {
  const int status = reply.status;
  if (status < 200) return JudgeNoAnswer(reply);
  if (status == 200) return JudgeOk(reply, sent);
  if (status < 300) {
    return Make(Kind::kRefused,
                fmt::format("the address answers without counts (status {}): check that the URL is that "
                            "of Matomo's matomo.php",
                            status));
  }
  if (status < 400) {
    return Make(Kind::kRefused,
                fmt::format("the address redirects (status {}), which is not followed: set the final URL "
                            "of matomo.php, perhaps https instead of http",
                            status));
  }
  if (status == 408 || status == 429 || status == 503) {
    Outcome outcome = Make(Kind::kNotProcessed, fmt::format("the target takes no hits now (status {})", status));
    outcome.retry_after = ParseRetryAfter(reply, now_s);
    return outcome;
  }
  return status < 500 ? JudgeClientError(reply) : JudgeServerError(reply, sent);
}

}  // namespace hushlog
