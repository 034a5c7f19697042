#include "tests/cli/web_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "src/base/unique_fd.h"
#include "tests/cli/program.h"

extern char** environ;

namespace hushlog {
namespace {

constexpr uid_t kNobody = 65534;
constexpr std::chrono::milliseconds kLook{5};
constexpr int kLooks = 4000;  // for 20 s

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Neither server can choose one itself and tell which.
int FreePort() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), any, size) != 0 || getsockname(fd.get(), any, &size) != 0) throw std::runtime_error("no port");
  return ntohs(address.sin_port);
}

bool Answers(int port) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(port);
  return connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

std::vector<std::string> NginxCommand(const std::string& config) {
  return {HUSHLOG_NGINX, "-e", config + ".errors", "-c", config};
}

std::string NginxConfig(const std::string& directory, const std::string& log, int port) {
  return fmt::format(
      "daemon off;\npid {0}/pid;\nerror_log {0}/errors;\nworker_processes 2;\nevents {{ worker_connections 64; }}\n"
      "http {{\n{1}access_log {2} combined;\naccess_log {0}/all.log combined;\nkeepalive_requests 1000000;\n"
      "server {{ listen 127.0.0.1:{3}; location / {{ return 200 \"page\"; }} }}\n}}\n",
      directory, NginxTemporaryPaths(directory), log, port);
}

std::vector<std::string> ApacheCommand(const std::string& config) {
  return {HUSHLOG_APACHE, "-D", "FOREGROUND", "-f", config};
}

std::string ApacheConfig(const std::string& directory, const std::string& log, int port) {
  WriteFile(directory + "/index.php", "page");
  return fmt::format(
      "ServerRoot {0}\nDefaultRuntimeDir {0}\nServerName localhost\nPidFile {0}/pid\nErrorLog {0}/errors\n"
      "Listen 127.0.0.1:{1}\nLoadModule mpm_event_module {3}/mod_mpm_event.so\n"
      "LoadModule authz_core_module {3}/mod_authz_core.so\nDocumentRoot {0}\nMaxKeepAliveRequests 0\n"
      "LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b \\\"%{{Referer}}i\\\" \\\"%{{User-Agent}}i\\\"\" combined\n"
      "CustomLog {2} combined\nCustomLog {0}/all.log combined\n",
      directory, port, log, HUSHLOG_APACHE_MODULES);
}

}  // namespace

const WebServerKind kNginx = {"nginx", &NginxCommand, &NginxConfig, SIGUSR1, SIGQUIT};
const WebServerKind kApache = {"Apache", &ApacheCommand, &ApacheConfig, SIGUSR1, SIGWINCH};

std::string NginxTemporaryPaths(const std::string& directory) {
  std::string paths;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    paths += fmt::format("{}_temp_path {}/{};\n", kind, directory, kind);
  }
  return paths;
}

pid_t StartUnprivileged(const std::vector<std::string>& command, const std::string& output) {
  std::vector<std::string> words;
  if (geteuid() == 0) {
    words = {"setpriv", fmt::format("--reuid={}", kNobody), fmt::format("--regid={}", kNobody), "--clear-groups"};
  }
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = 0;
  const int failed = posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
  return process;
}

void GiveAway(const std::string& directory) {
  if (geteuid() == 0 && chown(directory.c_str(), kNobody, kNobody) != 0) throw std::runtime_error("chown failed");
}

WebServer::WebServer(const WebServerKind& kind, const std::string& log) : kind_(kind), port_(FreePort()) {
  GiveAway(directory_.path());
  WriteFile(directory_ / "config", kind.config(directory_.path(), log, port_));
  process_ = StartUnprivileged(kind.command(directory_ / "config"), directory_ / "output");
  for (int look = 0; !Answers(port_); ++look) {
    if (look == kLooks || waitpid(process_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error(fmt::format("{} does not start: {}{}", kind.name, ReadFile(directory_ / "output"),
                                           ReadFile(directory_ / "errors")));
    }
    std::this_thread::sleep_for(kLook);
  }
}

WebServer::~WebServer() {
  if (process_ != 0) Quit();
}

std::string WebServer::url() const { return fmt::format("http://127.0.0.1:{}/index.php", port_); }

std::string WebServer::ReopenCommand() const { return fmt::format("kill -{} {}", kind_.reopen_signal, process_); }

void WebServer::Quit() {
  kill(process_, kind_.quit_signal);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

}  // namespace hushlog
