#include "tests/support/reporting_api.h"

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "src/base/unique_fd.h"
#include "tests/support/http_socket.h"

namespace hushlog::test {
namespace {

std::string Encode(const ApiAnswer& answer) {
  return "HTTP/1.1 " + std::to_string(answer.status) +
         " Answer\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
         std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
}

std::string MethodIn(const std::string& form) {
  const std::string parameter = "&method=";
  const std::size_t begin = form.find(parameter);
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + parameter.size();
  return form.substr(value, form.find('&', value) - value);
}

}  // namespace

struct ReportingApiServer::Impl {
  Answers answers;
  int port = 0;
  UniqueFd listener;

  mutable std::condition_variable has_arrived;
  mutable std::mutex mutex;  // guards all below
  std::vector<Request> requests;
  bool stopping = false;
  int open_connection = -1;
  std::jthread thread;

  void Serve();
  bool ServeRequest(int fd, int number, std::string* buffer);
  bool Answer(int fd, const ApiAnswer& answer);
};

void ReportingApiServer::Impl::Serve() {
  for (int number = 0;; ++number) {
    const UniqueFd connection(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    {
      const std::lock_guard lock(mutex);
      if (stopping || !connection) return;
      open_connection = connection.get();
    }
    std::string buffer;
    while (ServeRequest(connection.get(), number, &buffer)) {
    }
    const std::lock_guard lock(mutex);
    open_connection = -1;
  }
}

// False when the connection is to be closed.
bool ReportingApiServer::Impl::ServeRequest(int fd, int number, std::string* buffer) {
  std::size_t end;
  while ((end = buffer->find("\r\n\r\n")) == std::string::npos) {
    if (!Receive(fd, buffer)) return false;
  }
  Request request{number, buffer->substr(0, end + 2), ""};
  buffer->erase(0, end + 4);
  const std::size_t length = ContentLength(request.headers);
  while (buffer->size() < length) {
    if (!Receive(fd, buffer)) return false;
  }
  request.body = buffer->substr(0, length);
  buffer->erase(0, length);
  const auto found = answers.find(MethodIn(request.body));
  {
    const std::lock_guard lock(mutex);
    requests.push_back(std::move(request));
    has_arrived.notify_all();
  }
  if (found != answers.end()) return Answer(fd, found->second);
  return Answer(fd, {400, R"({"result":"error","message":"The method does not exist or is not available."})"});
}

bool ReportingApiServer::Impl::Answer(int fd, const ApiAnswer& answer) {
  std::string text = Encode(answer);
  if (answer.way == ApiAnswer::Way::kNever) {
    pollfd client{fd, POLLRDHUP, 0};
    poll(&client, 1, -1);
    return false;
  }
  if (answer.way == ApiAnswer::Way::kCutOff) text.pop_back();
  return SendAll(fd, text) && answer.way == ApiAnswer::Way::kWhole;
}

ReportingApiServer::Answers ReportingApiServer::AsMatomo() {
  return {
      {"API.getMatomoVersion", {200, R"({"value":"5.2.0"})"}},
      {"API.getPhpVersion",
       {200, R"({"version":"8.2.36","major":8,"minor":2,"release":36,"versionId":80236,"extra":""})"}},
      {"UsersManager.getUsersLogin", {200, R"(["admin","anonymous","viewer"])"}},
      {"SitesManager.getAllSitesId", {200, R"([1,2])"}},
      {"SegmentEditor.getAll",
       {200, R"([{"idsegment":"1","name":"Mobile","definition":"deviceType==smartphone","login":"admin"}])"}},
  };
}

ReportingApiServer::ReportingApiServer(Answers answers) : impl_(std::make_unique<Impl>()) {
  impl_->answers = std::move(answers);
  impl_->listener = ListenOnLoopback(&impl_->port);
  impl_->thread = std::jthread([impl = impl_.get()] { impl->Serve(); });
}

ReportingApiServer::~ReportingApiServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    if (impl_->open_connection >= 0) shutdown(impl_->open_connection, SHUT_RDWR);
  }
  shutdown(impl_->listener.get(), SHUT_RDWR);
  impl_->thread.join();
}

std::string ReportingApiServer::url() const { return "http://127.0.0.1:" + std::to_string(impl_->port) + "/index.php"; }

bool ReportingApiServer::WaitForRequests(std::size_t count) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->has_arrived.wait_for(lock, std::chrono::minutes(1), [&] { return impl_->requests.size() >= count; });
}

std::vector<ReportingApiServer::Request> ReportingApiServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace hushlog::test
