// nginx and Apache as a test runs them: on a free port of 127.0.0.1, without privileges, in a directory of their own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace hushlog {

// What tells a program of the web servers' from the other.
struct WebServerKind {
  const char* name;
  std::vector<std::string> (*command)(const std::string& config);
  std::function<std::string(const std::string& directory, const std::string& log, int port)> config;
  int reopen_signal;  // to write to new files
  int quit_signal;    // after the requests that are on their way
};

extern const WebServerKind kNginx;
extern const WebServerKind kApache;

// Directives that let nginx keep temporary files in a directory.
std::string NginxTemporaryPaths(const std::string& directory);

// Starts a program, as somebody without privileges if this is root. Its output goes to `output`.
pid_t StartUnprivileged(const std::vector<std::string>& command, const std::string& output);

// Answers each request with 200 and writes a line to the log and to another one, which is never rotated.
class WebServer {
 public:
  // `kind` must outlive the object; `log` must be in a directory that anybody without privileges may write to. Returns
  // when it answers.
  WebServer(const WebServerKind& kind, const std::string& log);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  int port() const { return port_; }
  std::string url() const;
  // The shell command that makes it write to new files.
  std::string ReopenCommand() const;
  // The log that has all lines.
  std::string whole_log() const { return directory_ / "all.log"; }
  // Ends when all that was asked for is answered and written.
  void Quit();

 private:
  const WebServerKind& kind_;
  TempDir directory_;
  int port_;
  pid_t process_ = 0;
};

// Lets somebody without privileges use the directory, if this is root.
void GiveAway(const std::string& directory);

}  // namespace hushlog
