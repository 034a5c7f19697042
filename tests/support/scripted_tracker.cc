#include "tests/support/scripted_tracker.h"

#include <poll.h>
#include <simdjson.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "src/base/json_writer.h"
#include "src/base/unique_fd.h"
#include "tests/support/http_socket.h"
#include "tests/support/tracker_script.h"

namespace hushlog::test {
namespace {

constexpr std::int64_t kTokenlessAgeS = 24 * 60 * 60;
constexpr int kLockoutFailures = 20;

using Row = ScriptedTracker::Row;

// --- HTTP

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string headers;  // further ones, each with its line end
};

std::string HttpDate(std::int64_t now_s) {
  const std::time_t time = now_s;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string Encode(const Reply& reply, std::int64_t now_s) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\nDate: " + HttpDate(now_s) + "\r\n";
  text += "Content-Type: " + reply.type + "\r\n" + reply.headers;
  if (reply.status != 204) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  return text + "\r\n" + reply.body;
}

// --- Matomo's way with hits

struct Bulk {
  bool well_formed = false;
  std::string token;
  std::vector<Row> rows;
};

std::string TextOf(const simdjson::dom::element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(value);
}

Bulk ParseBulk(std::string_view body) {
  Bulk bulk;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array requests;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) return bulk;
  if (document["requests"].get(requests) != simdjson::SUCCESS) return bulk;
  bulk.well_formed = true;
  std::string_view token;
  if (document["token_auth"].get(token) == simdjson::SUCCESS) bulk.token = token;
  for (const simdjson::dom::element request : requests) {
    Row row;
    simdjson::dom::object object;
    if (request.get(object) == simdjson::SUCCESS) {
      for (const auto& [key, value] : object) row[std::string(key)] = TextOf(value);
    }
    bulk.rows.push_back(std::move(row));
  }
  return bulk;
}

std::string ValueOf(const Row& row, const std::string& name) {
  const auto found = row.find(name);
  return found == row.end() ? "" : found->second;
}

std::string Counts(std::string_view status, std::size_t tracked, std::size_t invalid) {
  return "{\"status\":\"" + std::string(status) + "\",\"tracked\":" + std::to_string(tracked) +
         ",\"invalid\":" + std::to_string(invalid) + "}";
}

Reply Page(int status) { return {status, "text/html", "<html><body>a page</body></html>", ""}; }

std::string ManyHeaders() {
  std::string headers;
  while (headers.size() < 1 << 20) headers += "X: " + std::string(1000, 'x') + "\r\n";
  return headers;
}

// What is the same whatever was sent.
Reply FixedReply(const ScriptStep& step, std::size_t hits) {
  constexpr const char* kJson = "application/json";
  constexpr const char* kHtml = "text/html";
  if (step.what == "zero") return {200, kJson, Counts("success", 0, 0), ""};
  if (step.what == "html") return Page(200);
  if (step.what == "gif") return {200, "image/gif", "GIF89a", ""};
  if (step.what == "empty") return {200, kHtml, "", ""};
  if (step.what == "uncounted") return {200, kJson, R"({"status":"success"})", ""};
  if (step.what == "truncated") return {200, kJson, R"({"status":"success","trac)", ""};
  if (step.what == "huge-body") return {200, kHtml, std::string(1 << 20, 'x'), ""};
  if (step.what == "huge-headers") return {200, kHtml, "", ManyHeaders()};
  if (step.what == "rolled-back") return {500, kJson, Counts("error", hits / 2, 0), ""};
  if (step.what == "down") return {500, kJson, Counts("error", 0, 0), ""};
  if (step.what == "redirect") return {301, kHtml, "", "Location: http://127.0.0.1:1/elsewhere\r\n"};
  Reply page = Page(step.status);
  if (!step.argument.empty()) page.headers = "Retry-After: " + step.argument + "\r\n";
  return page;
}

}  // namespace

struct ScriptedTracker::Impl {
  int arrived = 0;  // guarded by mutex
  std::condition_variable has_arrived;
  TrackerOptions options;
  UniqueFd listener;
  int port = 0;

  mutable std::mutex mutex;  // guards all below
  std::deque<ScriptStep> script;
  std::vector<Row> recorded;
  std::vector<Request> requests;
  int token_failures = 0;
  bool stopping = false;
  std::set<int> open_connections;
  std::list<std::jthread> threads;  // only touched by the acceptor and, after it, the destructor
  std::jthread acceptor;

  std::int64_t Now() const {
    if (options.now_s) return options.now_s();
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  void Accept();
  void Serve(UniqueFd connection, int number);
  bool ServeRequest(int fd, int number, std::string* buffer);
  std::optional<Reply> Answer(int fd, const ScriptStep& step, std::string_view body, Request* request);
  ScriptStep NextStep();

  // As Matomo does.
  Reply Track(const Bulk& bulk, bool answered);
  bool IsInvalid(const Row& row, bool authenticated) const;
  bool NeedsToken(const Row& row) const;
  bool IsPoison(const Row& row) const;
  void Record(const std::vector<Row>& rows, bool answered);
};

void ScriptedTracker::Impl::Accept() {
  for (int number = 0;; ++number) {
    UniqueFd connection(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::lock_guard lock(mutex);
    if (stopping || !connection) return;
    open_connections.insert(connection.get());
    threads.emplace_back([this, number, fd = std::move(connection)]() mutable { Serve(std::move(fd), number); });
  }
}

void ScriptedTracker::Impl::Serve(UniqueFd connection, int number) {
  std::string buffer;
  while (ServeRequest(connection.get(), number, &buffer)) {
  }
  const std::lock_guard lock(mutex);
  open_connections.erase(connection.get());
  connection = UniqueFd();  // the number must not be used again before it is erased
}

ScriptStep ScriptedTracker::Impl::NextStep() {
  const std::lock_guard lock(mutex);
  if (script.empty()) return {};
  ScriptStep step = script.front();
  script.pop_front();
  return step;
}

// Returns false when the connection is to be closed.
bool ScriptedTracker::Impl::ServeRequest(int fd, int number, std::string* buffer) {
  std::size_t end;
  while ((end = buffer->find("\r\n\r\n")) == std::string::npos) {
    if (!Receive(fd, buffer)) return false;
  }
  Request request;
  request.connection = number;
  request.headers = buffer->substr(0, end + 2);
  buffer->erase(0, end + 4);
  const std::size_t length = ContentLength(request.headers);
  while (options.script_for_hits && buffer->size() < length) {
    if (!Receive(fd, buffer)) return false;
  }
  const bool takes_step = !options.script_for_hits || buffer->find(R"("rec":"0")") == std::string::npos;
  const ScriptStep step = takes_step ? NextStep() : ScriptStep();
  while (step.what != "cut" && buffer->size() < length) {
    if (!Receive(fd, buffer)) return false;
  }
  request.body = buffer->substr(0, length);
  buffer->erase(0, length);

  {
    const std::lock_guard lock(mutex);
    ++arrived;
    has_arrived.notify_all();
  }
  const std::optional<Reply> reply = Answer(fd, step, request.body, &request);
  if (reply) request.status = reply->status;
  {
    const std::lock_guard lock(mutex);
    if (!options.on_recorded) requests.push_back(std::move(request));
  }
  return reply && SendAll(fd, Encode(*reply, Now()));
}

// A byte now and then, until the client gives up.
void Trickle(int fd) {
  constexpr std::string_view kBegin = "HTTP/1.1 200 OK\r\nX: ";
  constexpr int kMilliseconds = 5;
  pollfd client{fd, POLLRDHUP, 0};
  for (std::size_t i = 0; poll(&client, 1, kMilliseconds) == 0; ++i) {
    if (!SendAll(fd, i < kBegin.size() ? kBegin.substr(i, 1) : "x")) return;
  }
}

// nullopt: the connection is closed without an answer.
std::optional<Reply> ScriptedTracker::Impl::Answer(int fd, const ScriptStep& step, std::string_view body,
                                                   Request* request) {
  const Bulk bulk = ParseBulk(body);
  request->rows = bulk.rows;
  request->has_token = !bulk.token.empty();
  if (options.max_body != 0 && body.size() > options.max_body) return Page(413);

  const bool ok = step.what == "ok" || step.what == "slow";
  if (step.what == "hang" || step.what == "slow") {
    pollfd client{fd, POLLRDHUP, 0};
    poll(&client, 1, step.what == "hang" ? -1 : std::stoi(step.argument));
  }
  if (step.what == "trickle") Trickle(fd);
  const std::lock_guard lock(mutex);
  if (ok || step.committed) {
    const Reply honest = Track(bulk, ok);
    if (ok) return honest;
  }
  if (step.what == "close" || step.what == "cut" || step.what == "hang" || step.what == "trickle") {
    return std::nullopt;
  }
  return FixedReply(step, bulk.rows.size());
}

bool ScriptedTracker::Impl::NeedsToken(const Row& row) const {
  if (row.contains("cip")) return true;
  const std::string cdt = ValueOf(row, "cdt");
  if (cdt.empty() || cdt.find_first_not_of("0123456789") != std::string::npos) return false;
  return std::stoll(cdt) < Now() - kTokenlessAgeS;
}

bool ScriptedTracker::Impl::IsInvalid(const Row& row, bool authenticated) const {
  if (ValueOf(row, "idsite") != std::to_string(options.site_id)) return true;
  if (row.contains("cid") && ValueOf(row, "cid").size() != 16) return true;
  return !authenticated && NeedsToken(row);
}

bool ScriptedTracker::Impl::IsPoison(const Row& row) const {
  if (row.contains("ca") && !row.contains("e_c")) return true;
  return std::find(options.poison.begin(), options.poison.end(), ValueOf(row, "cid")) != options.poison.end();
}

Reply ScriptedTracker::Impl::Track(const Bulk& bulk, bool answered) {
  if (options.down) return {500, "application/json", Counts("error", 0, 0), ""};
  if (!bulk.well_formed) return {200, "application/json", Counts("success", 0, 0), ""};
  if (!bulk.token.empty() && token_failures >= kLockoutFailures) {
    return {500, "application/json", Counts("error", 0, 0), ""};
  }
  const bool authenticated = bulk.token == options.token;
  std::vector<Row> accepted;
  std::size_t tracked = 0, invalid = 0;
  for (const Row& row : bulk.rows) {
    if (!bulk.token.empty() && !authenticated && NeedsToken(row)) ++token_failures;
    if (IsPoison(row)) return {500, "application/json", Counts("error", tracked, invalid), ""};
    if (IsInvalid(row, authenticated)) {
      ++invalid;
      continue;
    }
    ++tracked;
    if (ValueOf(row, "rec") == "1" && !row.contains("ping")) accepted.push_back(row);
  }
  Record(accepted, answered);
  return {200, "application/json", Counts("success", tracked, invalid), ""};
}

void ScriptedTracker::Impl::Record(const std::vector<Row>& rows, bool answered) {
  if (options.on_recorded) return options.on_recorded(rows, answered);
  recorded.insert(recorded.end(), rows.begin(), rows.end());
  if (options.rows_file.empty()) return;
  std::ofstream file(options.rows_file, std::ios::app);
  for (const Row& row : rows) {
    std::string line = "{";
    for (const auto& [key, value] : row) {
      if (line.size() > 1) line += ',';
      AppendJsonString(&line, key);
      line += ':';
      AppendJsonString(&line, value);
    }
    file << line << "}\n";
  }
}

ScriptedTracker::ScriptedTracker(TrackerOptions options, std::string_view script) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  AppendScript(script);
  impl_->listener = ListenOnLoopback(&impl_->port);
  impl_->acceptor = std::jthread([impl = impl_.get()] { impl->Accept(); });
}

ScriptedTracker::~ScriptedTracker() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (const int fd : impl_->open_connections) shutdown(fd, SHUT_RDWR);
  }
  shutdown(impl_->listener.get(), SHUT_RDWR);
  impl_->acceptor.join();
  impl_->threads.clear();
}

int ScriptedTracker::port() const { return impl_->port; }

std::string ScriptedTracker::url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/matomo.php"; }

void ScriptedTracker::AppendScript(std::string_view script) {
  const std::vector<ScriptStep> steps = ParseScript(script);
  const std::lock_guard lock(impl_->mutex);
  impl_->script.insert(impl_->script.end(), steps.begin(), steps.end());
}

bool ScriptedTracker::WaitForRequests(int count) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->has_arrived.wait_for(lock, std::chrono::minutes(1), [&] { return impl_->arrived >= count; });
}

void ScriptedTracker::SetDown(bool down) {
  const std::lock_guard lock(impl_->mutex);
  impl_->options.down = down;
}

std::vector<ScriptedTracker::Row> ScriptedTracker::recorded() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->recorded;
}

std::vector<ScriptedTracker::Request> ScriptedTracker::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace hushlog::test
