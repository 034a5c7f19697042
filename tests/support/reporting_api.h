// The reporting API of a Matomo on 127.0.0.1.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hushlog::test {

struct ApiAnswer {
  enum class Way { kWhole, kCutOff, kNever };

  int status = 200;
  std::string body;
  Way way = Way::kWhole;
};

// Answers by method; what is not named does not exist, as Matomo says it. One client at a time.
//
// Thread-safety: all functions may be called from any thread.
class ReportingApiServer {
 public:
  struct Request {
    int connection = 0;   // counted from 0
    std::string headers;  // with the request line
    std::string body;
  };
  using Answers = std::map<std::string, ApiAnswer>;

  // As Matomo 5.2 answers somebody with superuser access, in a Matomo with 3 users, 2 websites and 1 segment.
  static Answers AsMatomo();

  explicit ReportingApiServer(Answers answers = AsMatomo());
  ~ReportingApiServer();

  std::string url() const;  // of its index.php
  // Waits until so many requests are here, whether or not they have an answer; false if that takes a minute.
  bool WaitForRequests(std::size_t count) const;
  std::vector<Request> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog::test
