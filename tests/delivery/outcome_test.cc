#include "src/delivery/outcome.h"

#include <doctest/doctest.h>

#include <string>

namespace hushlog {
namespace {

using Kind = Outcome::Kind;
using Fault = HttpReply::Fault;
using Sent = HttpReply::Sent;

constexpr const char* kJson = "application/json";
constexpr const char* kHtml = "text/html; charset=UTF-8";

HttpReply Reply(int status, std::string type, std::string body) {
  HttpReply reply;
  reply.sent = Sent::kWhole;
  reply.status = status;
  reply.content_type = std::move(type);
  reply.body = std::move(body);
  return reply;
}

HttpReply Broken(Sent sent, Fault fault = Fault::kTransfer) {
  HttpReply reply;
  reply.sent = sent;
  reply.fault = fault;
  reply.error = "the connection broke";
  return reply;
}

TEST_CASE("only counts that account for every hit are an acknowledgement") {
  const struct {
    std::string body;
    std::int64_t tracked, invalid, unaccounted;
  } rows[] = {
      {R"({"status":"success","tracked":3,"invalid":0})", 3, 0, 0},
      {R"({"status":"success","tracked":2,"invalid":1,"invalid_indices":[1]})", 2, 1, 0},
      {"\n{ \"invalid\": 0, \"tracked\": 3, \"status\": \"success\" }\n", 3, 0, 0},
      {R"({"status":"success","tracked":2,"invalid":0})", 2, 0, 1},  // Matomo skips a hit after a lock wait
      {R"({"status":"success","tracked":0,"invalid":2})", 0, 2, 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    const Outcome outcome = JudgeReply(Reply(200, kJson, row.body), {3, false}, 0);
    CHECK(outcome.kind == Kind::kProcessed);
    CHECK(outcome.answer.tracked == row.tracked);
    CHECK(outcome.answer.invalid == row.invalid);
    CHECK(outcome.answer.unaccounted == row.unaccounted);
  }
}

TEST_CASE("every other answer has its class and says what to do") {
  const struct {
    int status;
    const char* type;
    std::string body;
    Kind kind;
    std::string says;
  } rows[] = {
      {200, kJson, R"({"status":"success","tracked":0,"invalid":0})", Kind::kRefused, "record_statistics"},
      {200, kJson, R"({"status":"success","tracked":0,"invalid":3})", Kind::kRefused, "site"},
      {200, kJson, R"({"status":"success"})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"success","tracked":3})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"success","tracked":"3","invalid":"0"})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"success","tracked":3.5,"invalid":0})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"success","tracked":4,"invalid":-1})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"success","tracked":3,"invalid":1})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"error","tracked":3,"invalid":0})", Kind::kAmbiguous, "not understood"},
      {200, kJson, R"({"status":"success","tra)", Kind::kAmbiguous, "not understood"},
      {200, kHtml, "Error:SQLSTATE[HY000]: General error: 2006", Kind::kRefused, "database"},
      {200, kHtml, "<html>Sign in</html>", Kind::kRefused, "login page"},
      {200, "image/gif", "GIF89a\x01", Kind::kRefused, "QueuedTracking"},
      {200, kHtml, "", Kind::kRefused, "matomo.php"},
      {204, kJson, "", Kind::kRefused, "204"},
      {206, kJson, R"({"status":"success","tracked":3,"invalid":0})", Kind::kRefused, "206"},
      {301, kHtml, "", Kind::kRefused, "redirects"},
      {307, kHtml, "", Kind::kRefused, "redirects"},
      {400, kHtml, "", Kind::kRefused, "BulkTracking"},
      {401, kHtml, "", Kind::kRefused, "denied"},
      {403, kHtml, "", Kind::kRefused, "firewall"},
      {404, kHtml, "", Kind::kRefused, "URL"},
      {405, kHtml, "", Kind::kRefused, "POST"},
      {408, kHtml, "", Kind::kNotProcessed, "408"},
      {413, kHtml, "", Kind::kTooLarge, "too large"},
      {418, kHtml, "", Kind::kRefused, "418"},
      {429, kHtml, "", Kind::kNotProcessed, "429"},
      {500, kJson, R"({"status":"error","tracked":2,"invalid":0})", Kind::kRolledBack, "database"},
      {500, kHtml, "<html>oops</html>", Kind::kAmbiguous, "500"},
      {500, kJson, R"({"status":"succ)", Kind::kAmbiguous, "500"},
      {502, kHtml, "", Kind::kAmbiguous, "502"},
      {503, kHtml, "", Kind::kNotProcessed, "503"},
      {504, kHtml, "", Kind::kAmbiguous, "504"},
      {520, kHtml, "", Kind::kAmbiguous, "520"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    const Outcome outcome = JudgeReply(Reply(row.status, row.type, row.body), {3, false}, 0);
    CHECK(outcome.kind == row.kind);
    CAPTURE(outcome.message);
    CHECK(outcome.message.find(row.says) != std::string::npos);
  }
}

TEST_CASE("without an answer it counts how much of the body was out") {
  const struct {
    HttpReply reply;
    Kind kind;
  } rows[] = {
      {Broken(Sent::kNothing), Kind::kNotProcessed},
      {Broken(Sent::kPartly), Kind::kNotProcessed},
      {Broken(Sent::kWhole), Kind::kAmbiguous},
      {Broken(Sent::kNothing, Fault::kStopped), Kind::kNotProcessed},
      {Broken(Sent::kNothing, Fault::kUntrusted), Kind::kRefused},
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.reply.sent));
    CHECK(JudgeReply(row.reply, {3, false}, 0).kind == row.kind);
  }
}

TEST_CASE("an answer that breaks off is ambiguous after a 200, else its status counts") {
  HttpReply reply = Reply(200, kJson, R"({"status":"success","tracked":3,"invalid":0})");
  reply.fault = Fault::kTransfer;
  CHECK(JudgeReply(reply, {3, false}, 0).kind == Kind::kAmbiguous);
  reply.status = 413;
  CHECK(JudgeReply(reply, {3, false}, 0).kind == Kind::kTooLarge);
  reply.status = 200;
  reply.fault = Fault::kTooLarge;
  CHECK(JudgeReply(reply, {3, false}, 0).kind == Kind::kRefused);
}

TEST_CASE("the advice depends on whether there is a token") {
  const HttpReply all_invalid = Reply(200, kJson, R"({"status":"success","tracked":0,"invalid":1})");
  CHECK(JudgeReply(all_invalid, {1, true}, 0).message.find("secure requests") != std::string::npos);
  CHECK(JudgeReply(all_invalid, {1, false}, 0).message.find("token") == std::string::npos);
  const HttpReply failing = Reply(500, kJson, R"({"status":"error","tracked":0,"invalid":0})");
  CHECK(JudgeReply(failing, {1, true}, 0).message.find("locked") != std::string::npos);
  CHECK(JudgeReply(failing, {1, false}, 0).message.find("demands a token") != std::string::npos);
}

TEST_CASE("Retry-After is honoured in seconds and as a date, up to a quarter of an hour") {
  const struct {
    std::string header;
    std::int64_t seconds;
  } rows[] = {
      {"120", 120},
      {"0", 0},
      {"99999999", 900},
      {"99999999999999999999999", 900},
      {"-5", 0},
      {"soon", 0},
      {"", 0},
      {"12 s", 0},
      {"Mon, 23 Nov 2026 05:30:10 GMT", 10},
      {"Mon, 23 Nov 2026 09:30:00 GMT", 900},
      {"Mon, 23 Nov 2026 05:29:00 GMT", 0},
  };
  constexpr std::int64_t kNow = 1795411800;  // Mon, 23 Nov 2026 05:30:00 GMT
  for (const auto& row : rows) {
    CAPTURE(row.header);
    for (const int status : {429, 503}) {
      HttpReply reply = Reply(status, kHtml, "");
      reply.retry_after = row.header;
      CHECK(JudgeReply(reply, {3, false}, kNow).retry_after.count() == row.seconds);
    }
  }
}

TEST_CASE("a date in Retry-After is compared with the clock of the target") {
  HttpReply reply = Reply(503, kHtml, "");
  reply.retry_after = "Mon, 23 Nov 2026 05:30:10 GMT";
  reply.date_s = 1795411800;
  CHECK(JudgeReply(reply, {3, false}, 1795411800 - 3600).retry_after.count() == 10);
}

}  // namespace
}  // namespace hushlog
