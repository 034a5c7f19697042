// A tracker on 127.0.0.1 that answers bulk requests as Matomo 5.2 was observed to, and misbehaves as a script says.
//
// Of Matomo it imitates: hits of an unknown site, with `cip` or older than 24 hours without a valid token, or with an
// odd `cid` are invalid, one by one; hits without rec=1, and pings, as if of visitors that it does not know, are
// counted as tracked, but not recorded; a hit it cannot digest rolls back the whole request (500); malformed JSON is a
// success with counts of 0; after 20 failures with a wrong token it fails with every request that has one; nothing is
// recognised as a repetition.
//
// Script: answers to the requests in their order, separated by commas; afterwards `ok`. Each is
// WHAT[-committed][*TIMES]:
//   ok                as Matomo would
//   slow:MS           the same, after so many milliseconds
//   zero              200, counts of 0              html, gif, empty   200, no counts
//   uncounted         200, status but no counts     truncated          200, half an answer
//   rolled-back, down 500, Matomo's JSON            redirect           301
//   503:RETRY_AFTER   and any other status, as a web server's page; `:RETRY_AFTER` is optional
//   close             the connection is closed when the request is there, without an answer
//   cut               the connection is closed when the headers are there
//   hang              no answer until the client gives up
//   trickle           an answer that never ends, slowly
//   huge-body, huge-headers   200, 1 MiB of it
//   -committed        the hits are recorded all the same (as after a timeout of a gateway)
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog::test {

// A hit, or what else was in a bulk request: its parameters.
using TrackerRow = std::map<std::string, std::string>;

struct TrackerOptions {
  int site_id = 1;
  std::string token = "0123456789abcdef0123456789abcdef";  // the only valid one
  std::vector<std::string> poison;                         // values of cid that the tracker cannot digest
  std::size_t max_body = 0;                                // answers 413 to larger ones; 0: no limit
  bool down = false;                                       // answers 500 to everything
  bool script_for_hits = false;  // requests that record nothing (rec=0) take no step of the script: they are `ok`
  std::string rows_file;         // recorded hits are appended to it as JSON lines; empty: none
  std::function<std::int64_t()> now_s;  // its clock; empty: the real one
  // Gets what is recorded of a request, and whether the answer will say so; recorded() and requests() are empty then.
  // May be called from any thread, but not twice at the same time. Empty: none.
  std::function<void(const std::vector<TrackerRow>& rows, bool answered)> on_recorded;
};

// Thread-safety: all functions may be called from any thread.
class ScriptedTracker {
 public:
  using Row = TrackerRow;

  struct Request {
    int connection = 0;  // counted from 0
    int status = 0;      // of the answer; 0: none
    bool has_token = false;
    std::vector<Row> rows;
    std::string headers;  // with the request line
    std::string body;
  };

  // Throws std::invalid_argument (script) or std::system_error.
  explicit ScriptedTracker(TrackerOptions options = {}, std::string_view script = "");
  ~ScriptedTracker();

  int port() const;
  std::string url() const;  // of its matomo.php

  void AppendScript(std::string_view script);
  void SetDown(bool down);

  std::vector<Row> recorded() const;  // in the order of recording
  // Waits until so many requests are here, whether or not they have an answer; false if that takes a minute.
  bool WaitForRequests(int count) const;
  std::vector<Request> requests() const;  // in the order of arrival, those that recorded nothing (health checks) too

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hushlog::test
