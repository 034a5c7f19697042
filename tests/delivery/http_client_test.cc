#include "src/delivery/http_client.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "src/base/unique_fd.h"
#include "tests/support/http_socket.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;
using Fault = HttpReply::Fault;
using Sent = HttpReply::Sent;

constexpr const char* kBody = R"({"requests":[{"idsite":1,"rec":"1"}]})";

HttpClient::Options OptionsFor(const ScriptedTracker& tracker) {
  HttpClient::Options options;
  options.url = tracker.url();
  return options;
}

std::string LargeBody() { return R"({"requests":[{"idsite":1,"rec":"1","x":")" + std::string(32 << 20, 'x') + "\"}]}"; }

TEST_CASE("requests share a connection and say who sends them") {
  const ScriptedTracker tracker;
  HttpClient client(OptionsFor(tracker));
  for (int i = 0; i < 3; ++i) {
    const HttpReply reply = client.Post(kBody, {});
    CHECK(reply.status == 200);
    CHECK(reply.sent == Sent::kWhole);
    CHECK(reply.fault == Fault::kNone);
    CHECK(reply.content_type == "application/json");
    CHECK(reply.body == R"({"status":"success","tracked":1,"invalid":0})");
    CHECK(reply.date_s > 0);
  }
  REQUIRE(tracker.requests().size() == 3);
  for (const auto& request : tracker.requests()) {
    CHECK(request.connection == 0);
    CHECK(request.headers.starts_with("POST /matomo.php HTTP/1.1\r\n"));
    CHECK(request.headers.find("User-Agent: hushlog/") != std::string::npos);
    CHECK(request.headers.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(request.headers.find("Expect") == std::string::npos);
    CHECK(request.headers.find("Accept-Encoding") == std::string::npos);
  }
}

TEST_CASE("a kept connection that is closed when the request arrives does not make it go out again") {
  for (const std::size_t padding : {0, 10'000, 300'000}) {
    CAPTURE(padding);
    const std::string body = R"({"requests":[{"idsite":1,"rec":"1","x":")" + std::string(padding, 'x') + "\"}]}";
    const ScriptedTracker tracker({}, "ok,close-committed,ok");
    HttpClient client(OptionsFor(tracker));
    CHECK(client.Post(body, {}).status == 200);

    const HttpReply lost = client.Post(body, {});
    CHECK(lost.status == 0);
    CHECK(lost.sent == Sent::kWhole);
    CHECK(lost.fault == Fault::kTransfer);
    CHECK(tracker.requests().size() == 2);
    CHECK(tracker.recorded().size() == 2);

    CHECK(client.Post(body, {}).status == 200);
    CHECK(tracker.requests().size() == 3);
  }
}

TEST_CASE("a connection cut before the whole body is out is known to be so") {
  for (const std::string script : {"cut", "ok,cut"}) {
    CAPTURE(script);
    const ScriptedTracker tracker({}, script);
    HttpClient client(OptionsFor(tracker));
    if (script[0] == 'o') CHECK(client.Post(kBody, {}).status == 200);
    const std::size_t before = tracker.requests().size();
    const HttpReply reply = client.Post(LargeBody(), {});
    CHECK(reply.status == 0);
    CHECK(reply.sent != Sent::kWhole);
    CHECK(reply.fault == Fault::kTransfer);
    CHECK(tracker.requests().size() == before + 1);
  }
}

TEST_CASE("nobody listens: nothing was sent") {
  HttpClient::Options options;
  {
    const ScriptedTracker gone;
    options.url = gone.url();
  }
  const HttpReply reply = HttpClient(options).Post(kBody, {});
  CHECK(reply.status == 0);
  CHECK(reply.sent == Sent::kNothing);
  CHECK(reply.error == "no connection can be made");
}

TEST_CASE("78, 79: a deadline holds for the whole request, also if an answer trickles in") {
  for (const std::string script : {"hang", "trickle"}) {
    CAPTURE(script);
    const ScriptedTracker tracker({}, script);
    HttpClient::Options options = OptionsFor(tracker);
    options.timeout = std::chrono::milliseconds(150);
    const HttpReply reply = HttpClient(options).Post(kBody, {});
    CHECK(reply.sent == Sent::kWhole);
    CHECK(reply.error == "no answer in time");
  }
}

TEST_CASE("a request to stop ends what is not out yet") {
  const ScriptedTracker tracker;
  std::stop_source stop;
  stop.request_stop();
  const HttpReply reply = HttpClient(OptionsFor(tracker)).Post(kBody, stop.get_token());
  CHECK(reply.fault == Fault::kStopped);
  CHECK(reply.sent == Sent::kNothing);
}

TEST_CASE("redirects are not followed") {
  const ScriptedTracker tracker({}, "redirect");
  CHECK(HttpClient(OptionsFor(tracker)).Post(kBody, {}).status == 301);
  CHECK(tracker.requests().size() == 1);
}

TEST_CASE("a proxy of the environment is not used") {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const ScriptedTracker tracker;
  CHECK(HttpClient(OptionsFor(tracker)).Post(kBody, {}).status == 200);
  unsetenv("http_proxy");
}

TEST_CASE("endless answers are cut") {
  for (const std::string script : {"huge-body", "huge-headers"}) {
    CAPTURE(script);
    const ScriptedTracker tracker({}, script);
    const HttpReply reply = HttpClient(OptionsFor(tracker)).Post(kBody, {});
    CHECK(reply.fault == Fault::kTooLarge);
    CHECK(reply.body.size() <= kMaxReplyBody);
  }
}

TEST_CASE("a larger answer is taken if it is expected") {
  const ScriptedTracker tracker({}, "huge-body");
  HttpClient::Options options = OptionsFor(tracker);
  options.max_reply = 2 << 20;
  CHECK(HttpClient(options).Post(kBody, {}).body.size() == 1 << 20);
}

TEST_CASE("a request that changes nothing is given up while its answer is awaited") {
  const ScriptedTracker tracker({}, "hang");
  HttpClient::Options options = OptionsFor(tracker);
  options.stop_gives_up_answer = true;
  HttpReply reply;
  std::jthread request([&](const std::stop_token& stop) { reply = HttpClient(options).Post(kBody, stop); });
  CHECK(tracker.WaitForRequests(1));
  request.request_stop();
  request.join();
  CHECK(reply.sent == Sent::kWhole);
  CHECK(reply.fault == Fault::kStopped);
}

TEST_CASE("https to a server without TLS gets nothing of the body") {
  const ScriptedTracker tracker({}, "hang");
  HttpClient::Options options;
  options.url = "https://127.0.0.1:" + std::to_string(tracker.port()) + "/matomo.php";
  options.timeout = std::chrono::milliseconds(200);
  const HttpReply reply = HttpClient(options).Post(kBody, {});
  CHECK(reply.status == 0);
  CHECK(reply.sent == Sent::kNothing);
}

TEST_CASE("https on a port for plain HTTP is told as what it is") {
  int port = 0;
  const UniqueFd listener = test::ListenOnLoopback(&port);
  const std::jthread server([&] {
    const UniqueFd connection(accept(listener.get(), nullptr, nullptr));
    std::string hello;
    if (test::Receive(connection.get(), &hello)) test::SendAll(connection.get(), "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  HttpClient::Options options;
  options.url = "https://127.0.0.1:" + std::to_string(port) + "/matomo.php";
  options.timeout = std::chrono::seconds(10);
  const HttpReply reply = HttpClient(options).Post(kBody, {});
  CHECK(reply.error == "no TLS connection can be made; perhaps the port is one for http://");
}

}  // namespace
}  // namespace hushlog
